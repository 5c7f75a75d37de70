"""Runs of workflows: what ran, what came of it, and what GitHub says beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.github_settings import Annotation, Run, RunJob
from trustpub.domain.untold import Untold
from trustpub.errors import Unreachable
from trustpub.parties.github import paths
from trustpub.parties.github.refusals import Refused
from trustpub.parties.github.repositories import is_shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.parties.github.conversation import Conversation
    from trustpub.parties.github.document import Document
    from trustpub.parties.github.port import JSON

_READ = "Actions: read"
_GONE = {404, 410}


def runs(talk: Conversation, slug: str, workflow: str, event: str, sha: str, most: int) -> tuple[Run, ...] | Untold:
    """List the newest runs. A workflow file that GitHub does not know has none, if the runs of others can be seen."""
    of, all_of_them = f"the runs of `{slug}`", f"{paths.repository(slug)}/actions/runs"
    place = f"{paths.repository(slug)}/actions/workflows/{paths.workflow(workflow)}/runs" if workflow else all_of_them
    query = {key: value for key, value in (("event", event), ("head_sha", sha)) if value}
    found = talk.items(place, of, _READ, key="workflow_runs", most=most, **query)
    if not isinstance(found, Refused):
        return tuple(_run(each) for each in found)
    return () if workflow and found.status == 404 and talk.may_list(all_of_them, "workflow_runs") else found.untold


def run(talk: Conversation, slug: str, number: str) -> Run | Untold | None:
    """Read one run."""
    place = f"{paths.repository(slug)}/actions/runs"
    found = talk.get(f"{place}/{paths.segment(number)}", f"the run `{number}` of `{slug}`", _READ)
    if not isinstance(found, Refused):
        return _run(found)
    return None if found.status == 404 and talk.may_list(place, "workflow_runs") else found.untold


def jobs(talk: Conversation, slug: str, number: str) -> tuple[RunJob, ...] | Untold:
    """List the jobs of the last attempt."""
    place = f"{paths.repository(slug)}/actions/runs"
    of = f"the jobs of the run `{number}` of `{slug}`"
    found = talk.items(f"{place}/{paths.segment(number)}/jobs", of, _READ, key="jobs", filter="latest")
    if not isinstance(found, Refused):
        return tuple(_job(each) for each in found)
    missing = found.status == 404 and talk.may_list(place, "workflow_runs")
    return Untold(f"`{slug}` has no run `{number}`") if missing else found.untold


def messages(talk: Conversation, slug: str, job: str) -> tuple[Annotation, ...] | Untold:
    """List the messages beside a job, whose id is that of its check run."""
    place = f"{paths.repository(slug)}/check-runs/{paths.segment(job)}/annotations"
    found = talk.items(place, f"the messages beside the job `{job}` of `{slug}`", "Checks: read")
    if isinstance(found, Refused):
        return found.untold
    return tuple(
        Annotation(each.text("annotation_level", ""), each.text("title", ""), each.text("message", "")) for each in found
    )


def log(talk: Conversation, slug: str, job: str) -> str | Untold | None:
    """Read a job's log, which GitHub keeps at another party: its address is good for a minute, and for everybody."""
    of = f"the log of the job `{job}` of `{slug}`"
    answer = talk.attempt("GET", f"{paths.repository(slug)}/actions/jobs/{paths.segment(job)}/logs")
    if answer.status == 302:
        answer = talk.elsewhere(answer.headers.get("location", ""))
        if answer.status in _GONE:
            return None
        if answer.status != 200:
            raise Unreachable(of, why=f"the place where GitHub keeps it answered {answer.status}", next_step="Try again")
    elif answer.status >= 400:
        refusal = talk.read(answer, of, _READ)
        if isinstance(refusal, Refused):
            return None if answer.status in _GONE and is_shown(talk, slug) else refusal.untold
    return answer.body.decode("utf-8-sig", "replace")


def dispatch(talk: Conversation, slug: str, workflow: str, ref: str, inputs: Mapping[str, str], *, details: bool) -> str:
    """Start a workflow by hand. `details` asks for the address of the run, which an Enterprise Server does not know."""
    place = f"{paths.repository(slug)}/actions/workflows/{paths.workflow(workflow)}/dispatches"
    of = f"a run of `{workflow}` of `{slug}` on `{ref}`"
    body: dict[str, JSON] = {"ref": ref, "inputs": dict(inputs), **({"return_run_details": True} if details else {})}
    answer = talk.read(talk.change("POST", place, of, "Actions: write", body), of, "")
    return "" if isinstance(answer, Refused) else answer.text("html_url", "")


def _run(found: Document) -> Run:
    return Run(
        id=found.id(),
        path=found.text("path", "").partition("@")[0],
        event=found.text("event"),
        branch=found.text("head_branch", ""),
        sha=found.text("head_sha"),
        status=found.text("status", ""),
        conclusion=found.text("conclusion", ""),
        attempt=found.number("run_attempt", 1),
        actor=found.inner("actor").text("login", ""),
        created_at=found.text("created_at", ""),
        url=found.text("html_url", ""),
    )


def _job(found: Document) -> RunJob:
    return RunJob(
        id=found.id(),
        name=found.text("name"),
        status=found.text("status"),
        conclusion=found.text("conclusion", ""),
        started=found.number("runner_id", 0) != 0,
        steps=tuple((step.text("name"), step.text("conclusion", "")) for step in found.several("steps")),
    )
