"""What one job takes from another: artifacts by their names, outputs, caches.

A job that only has to succeed before another hands nothing over. Names that an expression makes may be any name.
Mirrors: the inputs of actions/upload-artifact, actions/download-artifact and hynek/build-and-inspect-python-package.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.model import word
from trustpub.workflows.sites import MOST_CALLS, local_call
from trustpub.workflows.uses import uses

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.workflows.model import Job, Step, Workflow

_ANY = "*"
_NAMED_BY_NEEDS = "needs:"
"""An artifact that an output of another job names: that job is on the way by its output, and so is whatever has no known name."""


class Wants(NamedTuple):
    """What a job may take: the names of artifacts and caches as patterns, and the words in which it may use others' outputs."""

    names: tuple[str, ...]
    words: str


def wants(workflow: Workflow, job: Job, workflows: Mapping[str, Workflow]) -> Wants:
    """Say what a job may take. One that calls a file of the checkout takes what the jobs in there do: they say it themselves."""
    nodes = [node for key in ("steps", "with", "env", "strategy") if (node := job.node.get(key)) is not None]
    text = "\n".join(workflow.source.text[node.start : node.end] for node in nodes)
    if "needs" not in text:
        text = ""
    elif "if:" in text:  # whether something runs is no thing that is handed on
        text = re.sub(r"(?m)^[ \t]*(?:- )?if:.*$", "", text)
    if job.uses is not None:
        return Wants(() if local_call(job) in workflows else (_ANY,), text)
    return Wants(tuple(_taken(job)), text)


def takes_from(wanted: Wants, earlier: Job, workflows: Mapping[str, Workflow]) -> bool:
    """Say whether an artifact, an output or a cache of an earlier job may be among what is wanted."""
    if wanted.words and _mentions_outputs(wanted.words, earlier.id):
        return True
    return bool(wanted.names) and any(_may_be(give, take) for give in _gives(earlier, workflows, 0) for take in wanted.names)


def called_wants(wanted: Wants, job: Job, called: Workflow) -> Wants:
    """Say what is wanted of the jobs in a called file: the same artifacts, and the outputs that the file makes of theirs."""
    outputs = called.called.outputs if called.called is not None else {}
    named = re.findall(rf"\bneeds\s*\.\s*{re.escape(job.id)}\s*\.\s*outputs\s*\.\s*([\w-]+)", wanted.words)
    every = "needs[" in wanted.words
    values = [word(node) for name, node in outputs.items() if every or name.lower() in {each.lower() for each in named}]
    return Wants(wanted.names, " ".join(values).replace("jobs", "needs"))


def _gives(job: Job, workflows: Mapping[str, Workflow], depth: int) -> Iterator[str]:
    """Yield the artifacts of a job, or of those in the file that it calls; any where that file is not known."""
    if job.uses is None:
        yield from _given(job)
        return
    called = workflows.get(local_call(job) or "")
    if called is None or depth >= MOST_CALLS:
        if _may_build(job):
            yield _ANY
        return
    for inner in called.jobs.values():
        yield from _gives(inner, workflows, depth + 1)


def _may_build(job: Job) -> bool:
    """Say by its names whether a called file that is not here may hand over distributions: most others only check something."""
    names = f"{word(job.uses).partition('@')[0].rpartition('/')[2]} {job.id}".lower()
    return re.search(r"build|dist|wheel|packag|release|binar|artifact", names) is not None and not re.search(
        r"docs|lint|pre-commit|coverage|verify", names
    )


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
    if re.fullmatch(r"\$\{\{\s*needs\.[^}]*\}\}", named):
        return _NAMED_BY_NEEDS
    return _pattern(named) if named else _pattern(word(step.with_.get("pattern"))).replace("{", "*").replace("[", "*") or _ANY


def _action(step: Step) -> str:
    used = uses(step.uses.value) if step.uses is not None else None
    return used.name.partition("@")[0] if used is not None else ""


def _cache(step: Step) -> str:
    """Name a cache by its key as it is written: jobs that write the same key share it."""
    return f"cache:{word(step.with_.get('key'))}"


def _pattern(name: str) -> str:
    """Put `*` for every expression; of `format` the literal text is known."""
    name = re.sub(
        r"\$\{\{\s*format\(\s*'([^'{}]*(?:\{\d+\}[^'{}]*)*)'[^}]*\}\}", lambda match: re.sub(r"\{\d+\}", _ANY, match[1]), name
    )
    return re.sub(r"\$\{\{.*?\}\}", _ANY, name, flags=re.DOTALL)


def _may_be(give: str, take: str) -> bool:
    """Say whether two patterns can mean the same name. What stands before their first `*`, and behind their last, must agree."""
    if take == _NAMED_BY_NEEDS:
        return give == _ANY
    if give.startswith("cache:") or take.startswith("cache:") or _ANY not in give + take:
        return give == take
    first = (give.partition(_ANY)[0], take.partition(_ANY)[0])
    last = (give.rpartition(_ANY)[2], take.rpartition(_ANY)[2])
    heads = first[0].startswith(first[1]) or first[1].startswith(first[0])
    return heads and (last[0].endswith(last[1]) or last[1].endswith(last[0]))
