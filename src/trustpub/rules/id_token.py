"""A job that uploads by trusted publishing, but may not ask for an ID token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule, Span
from trustpub.workflows.sites import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts

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
        key = (site.workflow.path, site.job.id)
        why = next((why for each in predictions for why in each.why if why.startswith("it gets no ID token: ")), None)
        if why is not None and key not in seen:
            seen.add(key)
            yield _finding(site, why)


def _finding(site: Site, why: str) -> Finding:
    node = site.job.permissions
    start = node.start if node is not None else site.job.start
    end = node.end if node is not None else site.job.start + len(site.job.id)
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"the job `{site.job.id}` uploads, but {why.removeprefix('it gets no ID token: ')}",
        span=Span(site.workflow.path, start, end),
        help=RULE.help,
    )
