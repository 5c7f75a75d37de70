"""What a workflow file may hold: its keys, and the kind of value of each, as a table.

Mirrors: actions/languageservices workflow-parser/src/workflow-v1.0.json.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

_NO_KEYS: Mapping[str, str] = {}


class Shape(NamedTuple):
    """What may stand at a place: a word, a list of `item`, a map of `keys`, or several of these.

    A word may be any (`text`), any but an empty one (`filled`), of some `kinds`, or one of `words`; a `condition` is one without
    braces too. A map may have other keys than its own only when `loose` names their shape. `where` adds contexts for all that is
    inside. `any` takes everything, `skip` leaves the place to somebody else.
    """

    text: bool = False
    filled: bool = False
    kinds: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    item: str = ""
    keys: Mapping[str, str] = _NO_KEYS
    required: tuple[str, ...] = ()
    loose: str = ""
    where: str = ""
    condition: bool = False
    any: bool = False
    skip: bool = False

    @property
    def is_map(self) -> bool:
        """Whether a map may stand here."""
        return bool(self.keys or self.loose)


def _of(names: str, shape: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), shape)


def _constants(words: str) -> Shape:
    return Shape(words=frozenset(words.split()))


_STEP = {"name": "step-text", "id": "filled", "continue-on-error": "step-boolean"}
_ACTING = {**_STEP, "if": "step-if", "timeout-minutes": "step-number", "env": "step-map", "background": "boolean"}
_LEVELS = (
    "actions artifact-metadata attestations checks code-quality contents deployments discussions drives issues packages pages"
    " pull-requests repository-projects security-events statuses"
)
SCOPES: dict[str, str] = {
    **_of(_LEVELS, "level"),
    **_of("copilot-requests id-token", "level-write"),
    **_of("models vulnerability-alerts", "level-read"),
}
"""Every permission that GitHub knows, with the shape of its levels."""

_CALL_JOB = {
    "name": "leg-text", "needs": "names", "if": "job-if", "permissions": "permissions", "concurrency": "job-concurrency",
    "strategy": "strategy",
}  # fmt: skip

SHAPES: dict[str, Shape] = {
    "any": Shape(any=True),
    "skip": Shape(skip=True),
    "text": Shape(text=True),
    "filled": Shape(filled=True),
    "boolean": Shape(kinds=("boolean",)),
    "names": Shape(filled=True, item="filled"),
    "list": Shape(item="filled"),
    "texts": Shape(item="text"),
    "scalar": Shape(text=True),
    "default": Shape(text=True, where="run"),
    # the file
    "workflow": Shape(
        keys={
            "on": "skip", "name": "text", "description": "text", "run-name": "run-text", "env": "workflow-env",
            "defaults": "workflow-defaults",
            "permissions": "permissions", "concurrency": "workflow-concurrency", "jobs": "skip",
        },
        required=("on", "jobs"),
    ),
    "run-text": Shape(text=True, where="run"),
    "workflow-env": Shape(loose="text", where="workflow-env"),
    "workflow-defaults": Shape(keys={"run": "workflow-defaults-run"}),
    "workflow-defaults-run": Shape(keys=_of("shell working-directory", "filled")),
    "workflow-concurrency": Shape(
        text=True, keys={"group": "filled", "cancel-in-progress": "boolean", "queue": "queue"}, required=("group",), where="run"
    ),
    "permissions": Shape(words=frozenset(("read-all", "write-all")), keys=SCOPES),
    "level": _constants("read write none"),
    "level-read": _constants("read none"),
    "level-write": _constants("write none"),
    "queue": _constants("single max"),
    # jobs
    "job": Shape(
        keys={
            **_CALL_JOB, "runs-on": "runs-on", "timeout-minutes": "leg-number", "cancel-timeout-minutes": "leg-number",
            "continue-on-error": "leg-boolean", "container": "container", "services": "services", "env": "job-env",
            "environment": "environment", "outputs": "outputs", "defaults": "job-defaults", "steps": "skip",
            "snapshot": "snapshot",
        },
        required=("runs-on",),
    ),
    "call": Shape(keys={**_CALL_JOB, "uses": "filled", "with": "call-with", "secrets": "call-secrets"}, required=("uses",)),
    "call-with": Shape(loose="scalar", where="leg"),
    "call-secrets": Shape(words=frozenset(("inherit",)), loose="scalar", where="job-env"),
    "job-if": Shape(text=True, condition=True, where="job-if"),
    "leg-text": Shape(text=True, where="leg"),
    "leg-number": Shape(kinds=("number",), where="leg"),
    "leg-boolean": Shape(kinds=("boolean",), where="leg"),
    "strategy": Shape(keys={"fail-fast": "boolean", "max-parallel": "number", "matrix": "matrix"}, where="strategy"),
    "number": Shape(kinds=("number",)),
    "matrix": Shape(keys={"include": "legs", "exclude": "legs"}, loose="axis"),
    "axis": Shape(item="any"),
    "legs": Shape(item="leg"),
    "leg": Shape(loose="any"),
    "runs-on": Shape(filled=True, item="filled", keys={"group": "group", "labels": "names"}, where="leg"),
    "group": Shape(filled=True),
    "job-env": Shape(loose="text", where="job-env"),
    "job-concurrency": Shape(
        filled=True, keys={"group": "filled", "cancel-in-progress": "boolean", "queue": "queue"}, required=("group",), where="leg"
    ),
    "environment": Shape(
        text=True, keys={"name": "text", "url": "url", "deployment": "boolean"}, required=("name",), where="leg"
    ),
    "url": Shape(text=True, where="url"),
    "job-defaults": Shape(keys={"run": "job-defaults-run"}),
    "job-defaults-run": Shape(keys=_of("shell working-directory", "filled"), where="defaults"),
    "outputs": Shape(loose="runner-text"),
    "runner-text": Shape(text=True, where="runner"),
    "snapshot": Shape(
        filled=True, keys={"image-name": "filled", "if": "snapshot-if", "version": "filled"}, required=("image-name",)
    ),
    "snapshot-if": Shape(text=True, condition=True, where="snapshot-if"),
    "container": Shape(
        text=True,
        keys={"image": "filled", "options": "text", "env": "outputs", "ports": "list", "volumes": "list", "credentials": "login"},
        where="leg",
    ),
    "services": Shape(loose="service", where="leg"),
    "service": Shape(
        filled=True,
        keys={
            "image": "filled", "options": "text", "env": "outputs", "ports": "list", "volumes": "list", "credentials": "login",
            "entrypoint": "text", "command": "text",
        },
    ),
    "login": Shape(keys=_of("username password", "filled"), where="credentials"),
    # steps
    "run-step": Shape(
        keys={**_ACTING, "run": "step-text", "working-directory": "step-text", "shell": "filled"}, required=("run",)
    ),
    "uses-step": Shape(keys={**_ACTING, "uses": "filled", "with": "step-map"}, required=("uses",)),
    "wait-step": Shape(keys={**_STEP, "wait": "names"}),
    "wait-all-step": Shape(keys={**_STEP, "wait-all": "any"}),
    "cancel-step": Shape(keys={**_STEP, "cancel": "filled"}),
    "parallel-step": Shape(keys={"parallel": "skip"}),
    "step-text": Shape(text=True, where="step"),
    "step-boolean": Shape(kinds=("boolean",), where="step"),
    "step-number": Shape(kinds=("number",), where="step"),
    "step-if": Shape(text=True, condition=True, where="step-if"),
    "step-map": Shape(loose="text", where="step"),
    # events
    "workflow_call": Shape(keys={"inputs": "call-inputs", "secrets": "secrets", "outputs": "call-outputs"}),
    "call-inputs": Shape(loose="call-input"),
    "call-input": Shape(
        keys={"type": "call-type", "required": "boolean", "default": "default", "description": "text"}, required=("type",)
    ),
    "call-type": _constants("string boolean number"),
    "secrets": Shape(kinds=("null",), loose="secret"),
    "secret": Shape(kinds=("null",), keys={"required": "boolean", "description": "text"}),
    "call-outputs": Shape(loose="call-output"),
    "call-output": Shape(keys={"value": "call-output-value", "description": "text"}, required=("value",)),
    "call-output-value": Shape(text=True, where="call-output"),
}  # fmt: skip
"""Every place by its name. Jobs, steps and events are looked at one by one, as what they may hold depends on what they hold."""
