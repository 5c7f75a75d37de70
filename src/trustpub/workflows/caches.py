"""Which steps restore a cache: something that another run has stored, and that this one takes as it is.

Only what the file makes certain counts: a condition or an expression that may switch the cache off makes it unknown, so not told.
Mirrors: the inputs of the actions named here and their defaults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.model import word
from trustpub.workflows.uses import older, uses, version_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from trustpub.workflows.model import Step
    from trustpub.workflows.source import Scalar, Source
    from trustpub.workflows.uses import Version

_ALWAYS = frozenset(
    (
        "actions/cache",
        "swatinem/rust-cache",
        "hendrikmuhs/ccache-action",
        "mozilla-actions/sccache-action",
        "actions-rust-lang/rust-cache",
    )
)
"""Actions that are there for nothing else."""
_BY_INPUT = {
    "actions/setup-python": "cache",
    "actions/setup-node": "cache",
    "actions/setup-java": "cache",
    "pyo3/maturin-action": "sccache",
    "pdm-project/setup-pdm": "cache",
    "mamba-org/setup-micromamba": "cache-environment",
    "ruby/setup-ruby": "bundler-cache",
}
"""Actions that restore a cache when an input says so."""
_UV = "astral-sh/setup-uv"
_SENSITIVE = frozenset(("release", "pull_request_target", "workflow_run"))
"""Events for which setup-uv leaves its cache alone by default from version 10."""


class Restored(NamedTuple):
    """A step restores a cache: the word that says so, the input to change (empty when the step is nothing but a cache)."""

    word: Scalar
    input: str


def restored(source: Source, step: Step, events: Collection[str], hosted: bool) -> Restored | None:
    """Say which word makes a step restore a cache in runs of these events; None when it does not for certain."""
    if step.uses is None or step.if_ is not None:
        return None
    used = uses(step.uses.value)
    if used.name in _ALWAYS:
        return Restored(step.uses, "") if used.path in ("", "restore") and not _looks_up(step) else None
    if used.name in _BY_INPUT:
        name = _BY_INPUT[used.name]
        given = step.with_.get(name)
        return Restored(given, name) if given is not None and _on(word(given)) else None
    if used.name == "docker/build-push-action":
        given = step.with_.get("cache-from")
        return Restored(given, "cache-from") if given is not None and "type=gha" in given.value else None
    return _uv(step, version_of(source, step.uses), events, hosted) if used.name == _UV else None


def _on(text: str) -> bool:
    return bool(text) and text.lower() != "false" and "${{" not in text


def _looks_up(step: Step) -> bool:
    return word(step.with_.get("lookup-only")).lower() == "true"


def _uv(step: Step, version: Version | None, events: Collection[str], hosted: bool) -> Restored | None:
    """Its `enable-cache` is `auto` from version 5: on, on GitHub's runners; from 10 on not for releases."""
    given = step.with_.get("enable-cache")
    text = word(given).lower()
    if word(step.with_.get("restore-cache")).lower() == "false":
        return None
    if given is not None and text == "true":
        return Restored(given, "enable-cache")
    if text not in ("", "auto") or not hosted or version is None or older(version, (5,)):
        return None
    if not older(version, (10,)) and set(events) <= _SENSITIVE:
        return None
    return Restored(step.uses, "enable-cache") if step.uses is not None else None
