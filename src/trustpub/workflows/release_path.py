"""The way to an upload: the jobs whose output or token reaches it.

The job that uploads holds the token. A job that it needs, directly or not, reaches it when it hands something over: an artifact,
or an output. A test job that only has to succeed hands over nothing, and what it does cannot change what is published.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.record import NamedTuple
from trustpub.workflows.artifacts import takes_from, wants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.sites import Site

Role = Literal["publishes", "builds", "calls"]


class PathJob(NamedTuple):
    """One job on the way. "publishes": it uploads; "builds": it hands something on; "calls": it calls the file that uploads."""

    workflow: Workflow
    job: Job
    role: Role


def release_path(site: Site) -> tuple[PathJob, ...]:
    """List the jobs on the way to an upload: the one that uploads first, then those that feed it, then the callers and theirs."""
    found: dict[tuple[str, str], PathJob] = {}
    levels: list[tuple[Workflow, Job, Role]] = [(site.workflow, site.job, "publishes")]
    levels += [(call.workflow, call.job, "calls") for call in reversed(site.calls)]
    for workflow, job, role in levels:
        found.setdefault((workflow.path, job.id), PathJob(workflow, job, role))
        for feeding in _feeding(workflow, job, site.job):
            found.setdefault((workflow.path, feeding.id), PathJob(workflow, feeding, "builds"))
    return tuple(found.values())


def _feeding(workflow: Workflow, job: Job, uploads: Job) -> list[Job]:
    """List the jobs from which a job takes something, directly or through others; a calling job takes what `uploads` does."""
    found: list[Job] = []
    waiting = [job]
    while waiting:
        later = waiting.pop(0)
        wanted = wants(workflow, later, uploads if later is job else later)
        new = [each for each in _needed(workflow, later) if takes_from(wanted, each) and each not in found]
        found += new
        waiting += new
    return found


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
