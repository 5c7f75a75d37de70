"""A job that uploads by trusted publishing, but may not ask for an ID token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule, Span
from trustpub.rules import spans
from trustpub.workflows.model import word
from trustpub.workflows.permissions import id_token
from trustpub.workflows.source import Map, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Edit
    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="M02",
    name="id-token-missing",
    severity="blocker",
    title="The publishing job may not ask for an ID token",
    why=(
        "Without `id-token: write` GitHub gives the job no way to ask for an ID token, so the upload fails before it reaches the "
        "index. A repository's default permissions never include it, and a `permissions` map sets to none what it does not list."
    ),
    source="GitHub's OpenID Connect reference: adding permissions settings",
    help="Add `permissions: id-token: write` to the job that publishes, and to no other.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each job that lacks the permission."""
    seen: set[tuple[str, str]] = set()
    for site, predictions in facts.trusted():
        level = _level(site)
        key = (level[0].path, level[1].id)
        if key not in seen and any(_needs_token(each) for each in predictions) and not id_token(*level).granted:
            seen.add(key)
            yield _finding(site, *level)


def _needs_token(prediction: Prediction) -> bool:
    return prediction.reached and prediction.credential == "trusted-publishing"


def _level(site: Site) -> tuple[Workflow, Job]:
    """Find the job that decides: the one that uploads, or its caller where the called file asks for nothing."""
    levels = [(site.workflow, site.job), *((call.workflow, call.job) for call in reversed(site.calls))]
    return next((level for level in levels if level[0].permissions is not None or level[1].permissions is not None), levels[-1])


def _finding(site: Site, workflow: Workflow, job: Job) -> Finding:
    called = job is not site.job
    who = f"the job `{job.id}` calls `{site.workflow.file_name}`, which uploads" if called else f"the job `{job.id}` uploads"
    uploading = (Related(spans.of_step(site.workflow, site.step), "uploads here"),) if called else ()
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"{who}, but {id_token(workflow, job).why}",
        span=_place(workflow, job),
        help=f"Add `id-token: write` to the `permissions` of the job `{job.id}`.",
        related=uploading,
        fix=_fix(workflow, job),
    )


def _place(workflow: Workflow, job: Job) -> Span:
    """Point at the permissions that decide: a word, the `id-token` of a map, or its first line."""
    node = job.permissions if job.permissions is not None else workflow.permissions
    if isinstance(node, Map) and isinstance(value := node.get("id-token"), Scalar):
        return spans.of_word(workflow, value)
    if isinstance(node, Scalar):
        return spans.of_word(workflow, node)
    if node is None:
        return spans.of_job(workflow, job)
    text = workflow.source.text
    end = text.find("\n", node.start, node.end)
    return Span(workflow.path, node.start, node.end if end < 0 else end)


def _fix(workflow: Workflow, job: Job) -> Fix | None:
    """Grant it to the job alone. Safe where the job keeps every other permission that it had."""
    from trustpub.workflows import edit

    own, outer = job.permissions, workflow.permissions
    change: Edit | None
    safe = True
    if isinstance(own, Map):
        value = own.get("id-token")
        if isinstance(value, Scalar):
            change = edit.replaced(workflow.source, value, "write")
        else:
            change = edit.inserted(workflow.source, own, "id-token", "write")
    elif own is not None or isinstance(outer, Scalar):
        return None
    else:
        kept = _kept(outer) if isinstance(outer, Map) else ["contents: read"] if _checks_out(job) else []
        lines = "\n".join(f"  {line}" for line in [*kept, "id-token: write"])
        change = edit.inserted(
            workflow.source, job.node, "permissions", f"\n{lines}", after="runs-on" if job.uses is None else "uses"
        )
        safe = isinstance(outer, Map)
    return Fix(f"grant `id-token: write` to the job `{job.id}`", (change,), safe) if change is not None else None


def _kept(outer: Map) -> list[str]:
    return [f"{name}: {word(node)}" for name, node in outer.items() if isinstance(node, Scalar) and name != "id-token"]


def _checks_out(job: Job) -> bool:
    return any(step.uses is not None and step.uses.value.startswith("actions/checkout@") for step in job.steps)
