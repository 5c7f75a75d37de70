"""The way to an upload: the jobs whose output or token reaches it.

The job that uploads holds the token. A job that it needs, directly or not, reaches it when it hands something over: an artifact,
or an output. A test job that only has to succeed hands over nothing, and what it does cannot change what is published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.record import NamedTuple
from trustpub.workflows.artifacts import Wants, called_wants, takes_from, wants
from trustpub.workflows.sites import MOST_CALLS, Call, local_call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.sites import Site
    from trustpub.workflows.source import Node

Role = Literal["publishes", "builds", "calls"]


class PathJob(NamedTuple):
    """One job on the way. "publishes": it uploads; "builds": it hands something on; "calls": it calls the file that uploads.

    `calls` are the jobs that lead to its file, the outermost first; empty in the file that an event starts.
    """

    workflow: Workflow
    job: Job
    role: Role
    calls: tuple[Call, ...] = ()

    @property
    def permissions(self) -> Node | None:
        """What gives the job's GitHub token its rights: the nearest `permissions` on the way to it; None when nothing does."""
        nodes = (self.job.permissions, self.workflow.permissions)
        outer = (node for call in reversed(self.calls) for node in (call.job.permissions, call.workflow.permissions))
        return next((node for node in (*nodes, *outer) if node is not None), None)


def release_path(site: Site, workflows: Mapping[str, Workflow]) -> tuple[PathJob, ...]:
    """List the jobs on the way to an upload: the one that uploads first, then those that feed it, then the callers and theirs.

    `workflows` are those of the checkout: jobs of a called one belong to the way when they hand something on.
    """
    walk = _Walk(workflows)
    walk.feed(PathJob(site.workflow, site.job, "publishes", site.calls))
    for number, call in reversed(list(enumerate(site.calls))):
        walk.feed(PathJob(call.workflow, call.job, "calls", site.calls[:number]))
    return tuple(walk.found.values())


class _Walk:
    """Walks back from the upload to everything that feeds it."""

    def __init__(self, workflows: Mapping[str, Workflow]) -> None:
        self.workflows = workflows
        self.found: dict[tuple[str, str], PathJob] = {}
        self.asked: set[tuple[str, str, Wants]] = set()
        self.waiting: list[PathJob] = []

    def feed(self, here: PathJob) -> None:
        """Add a job, and all from which it takes something, directly or through others."""
        self.found.setdefault((here.workflow.path, here.job.id), here)
        self.waiting.append(here)
        while self.waiting:
            later = self.waiting.pop(0)
            wanted = wants(later.workflow, later.job, self.workflows)
            if here.role == "calls" and later is here:
                wanted = wanted._replace(names=())  # the job inside has said what it takes
            self.look(later, wanted)
            for number, call in reversed(list(enumerate(later.calls))):  # artifacts belong to the whole run
                self.look(PathJob(call.workflow, call.job, "calls", later.calls[:number]), Wants(wanted.names, ""))

    def look(self, later: PathJob, wanted: Wants) -> None:
        """Look for what is wanted among the jobs that one needs."""
        key = (later.workflow.path, later.job.id, wanted)
        if key in self.asked or not (wanted.names or wanted.words):
            return
        self.asked.add(key)
        for each in _needed(later.workflow, later.job):
            if takes_from(wanted, each, self.workflows):
                self.add(PathJob(later.workflow, each, "builds", later.calls), wanted)

    def add(self, here: PathJob, wanted: Wants) -> None:
        """Add a job that feeds; of one that calls a file, also those in there that hand over what is wanted."""
        key = (here.workflow.path, here.job.id)
        if key not in self.found:
            self.found[key] = here
            self.waiting.append(here)
        called = self.workflows.get(local_call(here.job) or "")
        if called is None or len(here.calls) >= MOST_CALLS or (*key, wanted) in self.asked:
            return
        self.asked.add((*key, wanted))
        inner = called_wants(wanted, here.job, called)
        for each in called.jobs.values():
            if takes_from(inner, each, self.workflows):
                self.add(PathJob(called, each, "builds", (*here.calls, Call(here.workflow, here.job))), inner)


def _needed(workflow: Workflow, job: Job) -> Iterator[Job]:
    """Yield the jobs that a job needs, directly or not, each once."""
    waiting, seen = [need.value for need in job.needs], set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in workflow.jobs:
            continue
        seen.add(name)
        yield workflow.jobs[name]
        waiting += [need.value for need in workflow.jobs[name].needs]
