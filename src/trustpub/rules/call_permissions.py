"""A called workflow that asks for more than its caller may give: the whole run refuses to start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule, Span
from trustpub.rules import spans
from trustpub.workflows.permissions import id_token
from trustpub.workflows.source import Map, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="M12",
    name="call-asks-for-more",
    severity="blocker",
    title="A called workflow asks for more than its caller may give",
    why=(
        "A reusable workflow never gets more than the job that calls it. When it asks for `id-token: write` and the caller does "
        "not grant that, GitHub does not start the run at all: no job runs, and the only trace is one line on the run's page."
    ),
    source="GitHub's documentation: reusing workflow configurations, access and permissions",
    help="Add `id-token: write` to the `permissions` of the job that calls.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each call on the way to an upload that grants less than the called file asks for."""
    seen: set[tuple[str, str]] = set()
    for site, predictions in facts.trusted():
        if site.calls and any(each.reached for each in predictions):
            asks = id_token(site.workflow, site.job)
            for call in reversed(site.calls):
                if not asks.granted or asks.start is None:
                    break
                gives = id_token(call.workflow, call.job)
                if not gives.granted and (call.workflow.path, call.job.id) not in seen:
                    seen.add((call.workflow.path, call.job.id))
                    yield _finding(site, call.workflow, call.job, asks.start)


def _finding(site: Site, workflow: Workflow, job: Job, asked: int) -> Finding:
    node = job.permissions if job.permissions is not None else workflow.permissions
    certain = node is not None
    gives = id_token(workflow, job).why if certain else f"`{workflow.file_name}`, which calls it, says nothing of permissions"
    return Finding(
        rule=RULE.code,
        severity="blocker" if certain else "medium",
        message=f"`{site.workflow.file_name}` asks for `id-token: write`, but {gives}",
        span=_place(workflow, job),
        help=_help(job, certain),
        related=(Related(Span(site.workflow.path, asked, _end(site, asked)), f"the job `{site.job.id}` asks for it here"),),
        fix=_fix(workflow, job),
    )


def _help(job: Job, certain: bool) -> str:
    todo = f"Add `id-token: write` to the `permissions` of the job `{job.id}`, which calls it"
    if certain:
        return f"{todo}: else the run does not start."
    return f"{todo}: the run starts without only where the repository's default permissions let the token write."


def _end(site: Site, asked: int) -> int:
    text = site.source.text
    end = next((index for index in range(asked, len(text)) if text[index] in "\r\n,}# "), len(text))
    return max(end, asked)


def _place(workflow: Workflow, job: Job) -> Span:
    node = job.permissions if job.permissions is not None else workflow.permissions
    if isinstance(node, Map) and isinstance(value := node.get("id-token"), Scalar):
        return spans.of_word(workflow, value)
    return spans.of_word(workflow, job.uses) if job.uses is not None else spans.of_job(workflow, job)


def _fix(workflow: Workflow, job: Job) -> Fix | None:
    """Add the permission to the caller's own map; where the job has none, what it then needs beside it is not known."""
    from trustpub.workflows import edit

    if not isinstance(job.permissions, Map):
        return None
    value = job.permissions.get("id-token")
    if isinstance(value, Scalar):
        change = edit.replaced(workflow.source, value, "write")
    else:
        change = edit.inserted(workflow.source, job.permissions, "id-token", "write")
    return Fix(f"grant `id-token: write` to the job `{job.id}`", (change,), safe=True) if change is not None else None
