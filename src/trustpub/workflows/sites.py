"""Where uploads happen: the steps that upload, found through the calls of reusable workflows in the same repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.contexts import raw_environment
from trustpub.workflows.events import CALLED, triggers
from trustpub.workflows.expressions import Call as FunctionCall
from trustpub.workflows.expressions import Comparison, Literal, Wrong, condition, path_of, walk
from trustpub.workflows.model import word
from trustpub.workflows.publishing import uploads
from trustpub.workflows.source import place_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.workflows.expressions import Expression
    from trustpub.workflows.model import Job, Step, Workflow
    from trustpub.workflows.publishing import Upload
    from trustpub.workflows.source import Source

MOST_CALLS = 10
"""How deep reusable workflows may call each other: GitHub's own limit."""
_LOCAL = re.compile(r"[.$]/(\.github/workflows/[^/@]+\.ya?ml)")


class Call(NamedTuple):
    """A job that calls a reusable workflow, and the file it stands in."""

    workflow: Workflow
    job: Job


class Site(NamedTuple):
    """One upload. `root` is the workflow that an event starts, `workflow` the file with the step: another one after `calls`.

    `has_callers` says that other files here call the root.
    """

    root: Workflow
    calls: tuple[Call, ...]
    workflow: Workflow
    job: Job
    step: Step
    upload: Upload
    has_callers: bool = False

    @property
    def source(self) -> Source:
        """The file in which the words stand that upload."""
        return self.workflow.source

    @property
    def start(self) -> int:
        """The index of the words that upload, in the text of `workflow`."""
        if self.step.uses is not None:
            return self.step.uses.start
        return place_in(self.workflow.source, self.step.run, self.upload.offset) if self.step.run is not None else self.step.start


class Outside(NamedTuple):
    """A call of a reusable workflow that this checkout does not hold."""

    root: Workflow
    calls: tuple[Call, ...]
    uses: str


def sites(workflows: Mapping[str, Workflow]) -> Iterator[Site | Outside]:
    """Yield every upload, once for every workflow that an event can start and that leads to it.

    A file that only other workflows start is left to its callers; when it has none here, it is its own root.
    """
    called = {path for workflow in workflows.values() for job in workflow.jobs.values() if (path := local_call(job))}
    for workflow in workflows.values():
        events = {trigger.event for trigger in triggers(workflow.on)}
        if events != {CALLED} or workflow.path not in called:
            for found in _below(workflow, workflow, (), workflows):
                yield found._replace(has_callers=workflow.path in called) if isinstance(found, Site) else found


def local_call(job: Job) -> str | None:
    """Return the path of the file that a job calls in its own repository, or None."""
    match = _LOCAL.fullmatch(job.uses.value.strip()) if job.uses is not None else None
    return match[1] if match else None


def _below(root: Workflow, workflow: Workflow, calls: tuple[Call, ...], all_: Mapping[str, Workflow]) -> Iterator[Site | Outside]:
    for job in workflow.jobs.values():
        if job.uses is None:
            yield from _of_job(root, workflow, calls, job)
            continue
        path = local_call(job)
        chain = (*calls, Call(workflow, job))
        if path is not None and path in all_ and len(chain) <= MOST_CALLS:
            yield from _below(root, all_[path], chain, all_)
        elif path is None:
            yield Outside(root, chain, job.uses.value)


def _of_job(root: Workflow, workflow: Workflow, calls: tuple[Call, ...], job: Job) -> Iterator[Site]:
    environment = raw_environment((workflow.env, job.env))
    for step in job.steps:
        for upload in uploads(step, environment):
            yield Site(root, calls, workflow, job, step, upload)


def mentioned_refs(workflow: Workflow) -> tuple[str, ...]:
    """List the full refs that a file's conditions ask for, each worth an example of its own.

    `github.ref == 'refs/heads/main'` names a ref, `startsWith(github.ref, 'refs/tags/v')` a pattern: `refs/tags/v**`.
    """
    nodes = [node for job in workflow.jobs.values() for node in (job.if_, *(step.if_ for step in job.steps)) if node is not None]
    found: dict[str, None] = {}
    for node in nodes:
        tree = condition(word(node))
        for part in () if isinstance(tree, Wrong) else walk(tree):
            if isinstance(part, Comparison) and part.operator == "==":
                found.update(dict.fromkeys((*_asked(part.left, part.right, ""), *_asked(part.right, part.left, ""))))
            elif isinstance(part, FunctionCall) and part.name in ("startswith", "contains") and len(part.arguments) == 2:
                found.update(dict.fromkeys(_asked(*part.arguments, "**")))
    return tuple(found)


def _asked(asked: Expression, literal: Expression, rest: str) -> Iterator[str]:
    text = literal.value if isinstance(literal, Literal) and isinstance(literal.value, str) else ""
    if not text or re.search(r"[*?+\[\]!\\]", text):
        return
    if path_of(asked) == "github.ref" and re.match(r"refs/(tags|heads)/.", text):
        yield text + rest
    elif path_of(asked) == "github.ref_name":  # a whole name is a branch's unless it looks like a version
        kinds = ("tags", "heads") if rest else ("tags",) if re.match(r"v?[0-9]", text) else ("heads",)
        yield from (f"refs/{kind}/{text}{rest}" for kind in kinds)


def writes_pypirc(job: Job) -> bool:
    """Say whether a job's scripts write a `.pypirc`, which may hold a password that no option shows."""
    return any(".pypirc" in word(step.run) for step in job.steps)
