"""What one job takes from another: artifacts by their names, outputs, caches.

A job that only has to succeed before another hands nothing over. Names that an expression makes may be any name.
Mirrors: the inputs of actions/upload-artifact, actions/download-artifact and hynek/build-and-inspect-python-package.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.model import word
from trustpub.workflows.uses import uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.model import Job, Step, Workflow

_ANY = "*"


class Wants(NamedTuple):
    """What a job may take: the names of artifacts and caches as patterns, and the words in which it may use others' outputs."""

    names: tuple[str, ...]
    words: str


def wants(workflow: Workflow, job: Job, taker: Job) -> Wants:
    """Say what a job may take. `taker` is the job whose steps take artifacts: another one when `job` calls its file."""
    nodes = [node for key in ("steps", "with", "env", "strategy") if (node := job.node.get(key)) is not None]
    text = "\n".join(workflow.source.text[node.start : node.end] for node in nodes)
    if "needs" not in text:
        text = ""
    elif "if:" in text:  # whether something runs is no thing that is handed on
        text = re.sub(r"(?m)^[ \t]*(?:- )?if:.*$", "", text)
    return Wants((_ANY,) if taker.uses is not None else tuple(_taken(taker)), text)


def takes_from(wanted: Wants, earlier: Job) -> bool:
    """Say whether an artifact, an output or a cache of an earlier job may be among what is wanted."""
    if wanted.words and _mentions_outputs(wanted.words, earlier.id):
        return True
    if not wanted.names:
        return False
    given = (_ANY,) if earlier.uses is not None else tuple(_given(earlier))
    return any(_may_be(give, take) for give in given for take in wanted.names)


def _mentions_outputs(text: str, name: str) -> bool:
    if name not in text and "needs[" not in text:
        return False
    return re.search(rf"\bneeds\s*(?:\.\s*{re.escape(name)}\s*\.\s*outputs\b|\[)", text) is not None


def _given(job: Job) -> Iterator[str]:
    """Yield the artifacts that a job stores, as patterns; a cache is one called `cache:` and its key."""
    for step in job.steps:
        name = _action(step)
        if name == "actions/upload-artifact":
            yield _pattern(word(step.with_.get("name")) or "artifact")
        elif name == "hynek/build-and-inspect-python-package":
            yield "Packages" + _pattern(word(step.with_.get("upload-name-suffix")))
        elif "upload" in name and "artifact" in name:
            yield _ANY
        elif name == "actions/cache":
            yield _cache(step)


def _taken(job: Job) -> Iterator[str]:
    for step in job.steps:
        name = _action(step)
        if name == "actions/download-artifact":
            yield _wanted(step)
        elif ("download" in name and "artifact" in name) or (step.run is not None and "gh run download" in step.run.value):
            yield _ANY
        elif name == "actions/cache":
            yield _cache(step)


def _wanted(step: Step) -> str:
    named = word(step.with_.get("name"))
    return _pattern(named) if named else word(step.with_.get("pattern")).replace("{", "*").replace("[", "*") or _ANY


def _action(step: Step) -> str:
    used = uses(step.uses.value) if step.uses is not None else None
    return used.name.partition("@")[0] if used is not None else ""


def _cache(step: Step) -> str:
    """Name a cache by its key as it is written: jobs that write the same key share it."""
    return f"cache:{word(step.with_.get('key'))}"


def _pattern(name: str) -> str:
    return re.sub(r"\$\{\{.*?\}\}", _ANY, name, flags=re.DOTALL)


def _may_be(give: str, take: str) -> bool:
    """Say whether two patterns can mean the same name. What stands before their first `*`, and behind their last, must agree."""
    if give.startswith("cache:") or take.startswith("cache:") or _ANY not in give + take:
        return give == take
    first = (give.partition(_ANY)[0], take.partition(_ANY)[0])
    last = (give.rpartition(_ANY)[2], take.rpartition(_ANY)[2])
    heads = first[0].startswith(first[1]) or first[1].startswith(first[0])
    return heads and (last[0].endswith(last[1]) or last[1].endswith(last[0]))
