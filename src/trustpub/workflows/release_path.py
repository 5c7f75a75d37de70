"""The way to an upload: the jobs whose output or token reaches it.

The job that uploads holds the token. A job that it needs, directly or not, reaches it when it hands something over: an artifact,
or an output. A test job that only has to succeed hands over nothing, and what it does cannot change what is published.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.sites import Site

Role = Literal["publishes", "builds", "calls"]

_HANDS_OVER = re.compile(r"upload-artifact|build-and-inspect-python-package|actions/cache", re.IGNORECASE)


class PathJob(NamedTuple):
    """One job on the way. "publishes": it uploads; "builds": it hands on what it makes; "calls": it calls the file that uploads."""

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
        for feeding in _needed(workflow, job):
            if hands_over(feeding):
                found.setdefault((workflow.path, feeding.id), PathJob(workflow, feeding, "builds"))
    return tuple(found.values())


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


def hands_over(job: Job) -> bool:
    """Say whether a job hands something to later jobs: an artifact, an output, or what the workflow that it calls makes."""
    if job.uses is not None or job.node.get("outputs") is not None:
        return True
    return any(step.uses is not None and _HANDS_OVER.search(step.uses.value) for step in job.steps)
