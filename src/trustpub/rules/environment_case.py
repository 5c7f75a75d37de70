"""One environment that is written in several ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule
from trustpub.rules import declared, spans
from trustpub.workflows import edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Span
    from trustpub.rules.facts import Facts
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="E07",
    name="environment-case",
    severity="info",
    title="One environment is written in several ways",
    why=(
        "GitHub and PyPI compare the names of environments without case, so this works. Other indexes and cloud roles that read "
        "the `environment` claim compare it as it is written."
    ),
    source="GitHub's documentation: deployments and environments; PyPI's documentation: trusted publishers",
    help="Write the name in one way everywhere.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each publishing job whose environment is spelled otherwise in `trustpub.toml`, or by an earlier publishing job."""
    known: dict[str, tuple[str, Span]] = {
        row.environment.lower(): (row.environment, declared.of_publisher(facts, row, "environment"))
        for row in reversed(facts.declaration.publishers)
        if row.environment
    }
    for site, _ in facts.trusted():
        name = site.job.environment.name if site.job.environment is not None else None
        if name is None or "${{" in name.value or not name.value:
            continue
        spelled, place = known.setdefault(name.value.lower(), (name.value, spans.of_word(site.workflow, name)))
        if spelled != name.value:
            yield _finding(site, name.value, spelled, place)


def _finding(site: Site, written: str, spelled: str, place: Span) -> Finding:
    environment = site.job.environment
    change = edit.replaced(site.workflow.source, environment.name, spelled) if environment is not None else None
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"the environment `{written}` of the job `{site.job.id}` is written `{spelled}` elsewhere",
        span=spans.of_word(site.workflow, environment.name) if environment is not None else spans.of_job(site.workflow, site.job),
        help=f"Write `environment: {spelled}` here too.",
        related=(Related(place, f"written `{spelled}` here"),),
        fix=Fix(f"write `{spelled}`", (change,), safe=False) if change is not None else None,
    )
