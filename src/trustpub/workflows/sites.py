"""Where uploads happen: the steps that upload, found through the calls of reusable workflows in the same repository."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.workflows.events import CALLED, triggers
from trustpub.workflows.expressions import Call as FunctionCall
from trustpub.workflows.expressions import Comparison, Literal, Wrong, condition, path_of, walk
from trustpub.workflows.files import NO_FILES
from trustpub.workflows.model import word
from trustpub.workflows.source import place_in
from trustpub.workflows.uploading import ActionCall, Found, JobUploads

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.workflows.expressions import Expression
    from trustpub.workflows.files import Files
    from trustpub.workflows.model import Job, Step, Workflow
    from trustpub.workflows.publishing import Upload
    from trustpub.workflows.source import Source
    from trustpub.workflows.tools.known_callees import Known
    from trustpub.workflows.upload import Unread

MOST_CALLS = 10
"""How deep reusable workflows may call each other: GitHub's own limit."""
MOST_WALKED = 10_000
"""How many calls are followed in one checkout: files that call each other many times could go on for ever."""
_LOCAL = lazy_pattern(r"[.$]/(\.github/workflows/[^/@]+\.ya?ml)")


class Call(NamedTuple):
    """A job that calls a reusable workflow, and the file it stands in."""

    workflow: Workflow
    job: Job


class Site(NamedTuple):
    """One upload. `root` is the workflow that an event starts, `workflow` the file with the step: another one after `calls`.

    `step` is the step of the workflow. When it uses a composite action of the same repository, `actions` lead from it to
    `uploading_step`, in the file of the last of them. `has_callers` says that other files here call the root.
    """

    root: Workflow
    calls: tuple[Call, ...]
    workflow: Workflow
    job: Job
    step: Step
    upload: Upload
    has_callers: bool = False
    actions: tuple[ActionCall, ...] = ()
    inner: Step | None = None

    @property
    def calling_step(self) -> Step:
        """The step of the workflow, whatever actions lie between it and the upload."""
        return self.step

    @property
    def uploading_step(self) -> Step:
        """The step that uploads: inside an action, it is that action's, with the inputs put in."""
        return self.inner if self.inner is not None else self.step

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps on the way, each inside the action that the one before uses; the last one uploads."""
        return (*(call.step for call in self.actions), self.inner) if self.inner is not None else (self.step,)

    @property
    def source(self) -> Source:
        """The file in which the words stand that upload."""
        return self.actions[-1].action.source if self.actions else self.workflow.source

    @property
    def start(self) -> int:
        """The index of the words that upload, in the text of `source`."""
        return _start(self.source, self.uploading_step, self.upload.offset)

    @property
    def calling_start(self) -> int:
        """The index in the text of `workflow` of the words that upload, or that use the action which does."""
        return _start(self.workflow.source, self.step, 0 if self.actions else self.upload.offset)


def _start(source: Source, step: Step, offset: int) -> int:
    if step.uses is not None:
        return step.uses.start
    return place_in(source, step.run, offset) if step.run is not None else step.start


class Outside(NamedTuple):
    """A call of a reusable workflow that this checkout does not hold; `known` is what is known of it all the same."""

    root: Workflow
    calls: tuple[Call, ...]
    uses: str
    known: Known | None = None


class Missing(NamedTuple):
    """What a step runs that may publish, by its name, but that could not be read."""

    workflow: Workflow
    job: Job
    step: Step
    unread: Unread


def sites(
    workflows: Mapping[str, Workflow], files: Files = NO_FILES, uploads: JobUploads | None = None
) -> Iterator[Site | Outside]:
    """Yield every upload, once for every workflow that an event can start and that leads to it.

    `files` are those of the checkout, for wrappers, scripts and composite actions. A workflow that only other ones start is left
    to its callers; when it has none here, it is its own root. `uploads` is what was read of the jobs before.
    """
    called = {path for workflow in workflows.values() for job in workflow.jobs.values() if (path := local_call(job))}
    walk = _Walk(workflows, uploads or JobUploads(files))
    for workflow in workflows.values():
        events = {trigger.event for trigger in triggers(workflow.on)}
        if events != {CALLED} or workflow.path not in called:
            for found in walk.below(workflow, workflow, ()):
                yield found._replace(has_callers=workflow.path in called) if isinstance(found, Site) else found


def missing(workflows: Mapping[str, Workflow], files: Files = NO_FILES, uploads: JobUploads | None = None) -> Iterator[Missing]:
    """Yield what may publish in these workflows but could not be read."""
    uploads = uploads or JobUploads(files)
    for workflow in workflows.values():
        for job in workflow.jobs.values():
            for found in uploads.of(workflow, job):
                if not isinstance(found, Found):
                    yield Missing(workflow, job, found.step, found.unread)


def local_call(job: Job) -> str | None:
    """Return the path of the file that a job calls in its own repository, or None."""
    match = _LOCAL.fullmatch(job.uses.value.strip()) if job.uses is not None else None
    return match[1] if match else None


class _Walk:
    """Walks from a root to the uploads."""

    def __init__(self, workflows: Mapping[str, Workflow], uploads: JobUploads) -> None:
        self.workflows = workflows
        self.uploads = uploads
        self.left = MOST_WALKED

    def below(self, root: Workflow, workflow: Workflow, calls: tuple[Call, ...]) -> Iterator[Site | Outside]:
        for job in workflow.jobs.values():
            if job.uses is None:
                yield from self.of_job(root, workflow, calls, job)
                continue
            path = local_call(job)
            chain = (*calls, Call(workflow, job))
            self.left -= 1
            if path is not None and path in self.workflows and len(chain) <= MOST_CALLS and self.left >= 0:
                yield from self.below(root, self.workflows[path], chain)
            elif path is None:
                yield from _outside(root, chain, job.uses.value)

    def of_job(self, root: Workflow, workflow: Workflow, calls: tuple[Call, ...], job: Job) -> Iterator[Site]:
        for one in self.uploads.of(workflow, job):
            if not isinstance(one, Found):
                continue
            if one.actions:
                step = one.actions[0].step
                yield Site(root, calls, workflow, job, step, one.upload, actions=one.actions, inner=one.step)
            else:
                yield Site(root, calls, workflow, job, one.step, one.upload)


def _outside(root: Workflow, calls: tuple[Call, ...], uses: str) -> Iterator[Outside]:
    """Tell of a call into another repository, unless it is known that it uploads nothing."""
    from trustpub.workflows.tools.known_callees import is_off, known

    job = calls[-1].job
    if not is_off(job):
        yield Outside(root, calls, uses, known(job))


def mentioned_refs(workflow: Workflow, job: str = "") -> tuple[str, ...]:
    """List the full refs that conditions ask for on the way to a job, or anywhere in its file: each is worth an example.

    `github.ref == 'refs/heads/main'` names a ref, `startsWith(github.ref, 'refs/tags/v')` a pattern: `refs/tags/v**`.
    """
    return _mentioned(_ByFile(workflow), job)


def _way(workflow: Workflow, job: str) -> Iterator[Job]:
    """Yield a job and those that it needs, and those that these need; without one, or with one that is not there, all."""
    waiting, seen = [job], set[str]()
    while waiting and job in workflow.jobs:
        name = waiting.pop()
        if name in workflow.jobs and name not in seen:
            seen.add(name)
            waiting += [each.value for each in workflow.jobs[name].needs]
    yield from (each for name, each in workflow.jobs.items() if name in seen or not seen)


class _ByFile:
    """A workflow as a key: the same file is the same, so what is asked for every upload is worked out once."""

    __slots__ = ("workflow",)

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByFile) and other.workflow.source is self.workflow.source

    def __hash__(self) -> int:
        return id(self.workflow.source)


@lru_cache(maxsize=64)
def _mentioned(key: _ByFile, name: str) -> tuple[str, ...]:
    way = _way(key.workflow, name)
    nodes = [node for job in way for node in (job.if_, *(step.if_ for step in job.steps)) if node is not None]
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
