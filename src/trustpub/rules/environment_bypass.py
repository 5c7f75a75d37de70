"""An approval that can be had without a second person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.rules import links, spans
from trustpub.rules.in_force import known
from trustpub.rules.pushers import administrators, alone
from trustpub.rules.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Severity
    from trustpub.domain.github_settings import Environment, GitHubSide
    from trustpub.rules.facts import Facts
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="E04",
    name="environment-bypass",
    severity="medium",
    title="The approval of the environment can be passed by one person",
    why=(
        "An approval protects a release from one stolen account when it takes a second one. Who may approve what they started "
        "themselves, or pass the rules as an administrator, needs no second person, and neither does who stole their session."
    ),
    source="GitHub's documentation: deployment protection rules, preventing self-reviews and bypassing rules",
    help="Forbid self-reviews and the bypass by administrators in the environment's settings.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each way around the approval of an environment that a publishing job names."""
    side = facts.github
    seen: set[str] = set()
    for site, predictions in facts.trusted() if side is not None else ():
        for each in predictions:
            environment = known(side, each.environment) if each.environment and each.reached else None
            if side is not None and environment is not None and environment.reviewers and environment.name not in seen:
                seen.add(environment.name)
                yield from _ways_around(facts, side, site, environment)


def _ways_around(facts: Facts, side: GitHubSide, site: Site, environment: Environment) -> Iterator[Finding]:
    """Where one person has all the rights there is no second one: that is said once, and nothing else."""
    name, link = environment.name, links.of_environment(facts, side, environment)
    only = alone(side)
    if only is not None and {account.login for account in environment.reviewers} == {only.login}:
        message = f"the only reviewer of `{name}` is also the only one who can push: `{only.login}`"
        help_ = "It is a second step, and not a second person: give the repository a second maintainer when there is one."
        yield _finding(site, message, "info", help_)
        return
    if only is None and environment.prevent_self_review is False and _several(environment):
        who = quoted(account.login for account in environment.reviewers)
        message = f"whoever starts a release may approve it too, as one of the reviewers of `{name}`: {who}"
        yield _finding(site, message, "medium", f"Switch on `Prevent self-review`: {link}")
    if environment.admins_bypass:
        names = quoted(f"{person.account.login}" for person in administrators(side))
        who = f"administrators ({names})" if names else "administrators"
        message = f"{who} can pass the approval of `{name}`"
        severity: Severity = "low" if only is not None else "medium"
        yield _finding(site, message, severity, f"Switch off `Allow administrators to bypass`: {link}")


def _several(environment: Environment) -> bool:
    """Say whether another reviewer may be there when one of them starts the release."""
    return len(environment.reviewers) > 1 or environment.reviewers[0].kind == "Team"


def _finding(site: Site, message: str, severity: Severity, help_: str) -> Finding:
    name = site.job.environment
    span = spans.of_word(site.workflow, name.name) if name is not None else spans.of_job(site.workflow, site.job)
    return Finding(RULE.code, severity, message, span, help_)
