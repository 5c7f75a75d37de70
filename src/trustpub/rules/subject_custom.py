"""ID tokens whose `sub` is not of the classic form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.domain.untold import Untold
from trustpub.rules import spans
from trustpub.rules.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.github_settings import GitHubSide, Subject
    from trustpub.rules.facts import Facts
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="X01",
    name="subject-custom",
    severity="medium",
    title="The subject of ID tokens is customised or has ids",
    why=(
        "PyPI does not look at `sub`; cloud roles and other consumers of the same ID tokens do, and compare it as a whole. "
        "GitHub puts the ids of owner and repository into it for repositories made or renamed since the middle of July 2026."
    ),
    source="GitHub's documentation: OpenID Connect reference, customizing the subject claims",
    help="Write the whole subject into whatever compares it; a publisher on PyPI needs no change.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for all publishing jobs; and one for each that has no environment where `sub` is to name it."""
    side = facts.github
    sites = list(facts.trusted())
    if side is None or isinstance(side.subject, Untold) or not sites:
        return
    told, site = side.subject, sites[0][0]
    keys = () if told.use_default else told.keys
    for each, _ in sites if "environment" in keys else ():
        if each.job.environment is None:
            yield _without_environment(each)
    if keys or told.immutable or "@" in told.prefix:
        yield _differs(side, told, site, keys)


def _without_environment(site: Site) -> Finding:
    return Finding(
        rule=RULE.code,
        severity="medium",
        message=f"`sub` is made of the environment too, and the job `{site.job.id}` names none",
        span=spans.of_job(site.workflow, site.job),
        help=f"Name the environment at the job `{site.job.id}`: without one GitHub may give it no ID token.",
    )


def _differs(side: GitHubSide, told: Subject, site: Site, keys: tuple[str, ...]) -> Finding:
    prefix = told.prefix or f"repo:{side.repository.owner.login}@{side.repository.owner.id}/{side.repository.name}@"
    made = f"is made of {quoted(keys)}" if keys else f"has ids in it, beginning `{prefix}`"
    return Finding(
        rule=RULE.code,
        severity="info",
        message=f"`sub` of this repository's ID tokens {made}: PyPI does not look at it, others may",
        span=spans.of_upload(site),
        help=RULE.help,
    )
