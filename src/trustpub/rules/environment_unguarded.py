"""A publishing job whose environment, as GitHub has it, stops nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.domain.untold import Untold
from trustpub.rules import links, spans
from trustpub.rules.environment_missing import allow
from trustpub.rules.in_force import WIDE, of_github
from trustpub.rules.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.github_settings import Environment, GitHubSide
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="E02",
    name="environment-unguarded",
    severity="high",
    title="The environment stops nobody",
    why=(
        "An environment that asks for no approval and admits every ref is a name and nothing more: whoever can push a branch can "
        "run a changed workflow through it and publish. And a job that names an environment which does not exist makes it, "
        "without any rule."
    ),
    source="GitHub's documentation: managing environments for deployment",
    help="Ask for a reviewer, or let only release tags deploy: the repository's settings, Environments.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each environment of a publishing job that is not there, or has neither reviewers nor a rule on refs."""
    side = facts.github
    found: dict[str, tuple[Site, list[Prediction]]] = {}
    for site, predictions in facts.trusted():
        for each in predictions:
            if each.environment and each.reached and each.credential == "trusted-publishing":
                found.setdefault(each.environment.lower(), (site, []))[1].append(each)
    for name, (site, meant) in found.items() if side is not None else ():
        told = side.environment(name) if side is not None else None
        if side is not None and not isinstance(told, Untold) and (told is None or _is_open(told)):
            yield _finding(facts, side, site, meant, told)


def _is_open(environment: Environment) -> bool:
    """Say whether surely nothing stands in the way: no approval, no app, and no rule on refs but one that admits every branch."""
    rules = of_github(environment)
    return not rules.reviewers and rules.guarded is False and rules.any_branch


def _finding(facts: Facts, side: GitHubSide, site: Site, meant: list[Prediction], told: Environment | None) -> Finding:
    name = meant[0].environment
    test = {each.index for each in meant} == {"testpypi"}
    return Finding(
        rule=RULE.code,
        severity="low" if test else RULE.severity,
        message=_message(side, name, told),
        span=spans.of_word(site.workflow, site.job.environment.name)
        if site.job.environment is not None
        else spans.of_job(site.workflow, site.job),
        help=_help(facts, side, meant, told, test),
    )


def _message(side: GitHubSide, name: str, told: Environment | None) -> str:
    if told is None:
        slug = side.repository.slug
        return f"`{slug}` has no environment `{name}`: the first job that names it makes it, without any rule"
    wide = [pattern for pattern in of_github(told).branches if pattern in WIDE]
    refs = f"admits every branch ({quoted(wide)})" if wide else "admits every branch and tag"
    waits = f", after {told.wait_minutes} minutes" if told.wait_minutes else ""
    return f"on GitHub the environment `{told.name}` has no reviewer and {refs}{waits}"


def _help(facts: Facts, side: GitHubSide, meant: list[Prediction], told: Environment | None, test: bool) -> str:
    """Say what to set, as far as the owner's plan has it for such a repository."""
    asks = allow(meant)
    link = links.of_environment(facts, side, told)
    hidden, plan = side.repository.visibility != "public", side.repository.plan
    make = f"make the environment `{meant[0].environment}`, " if told is None else ""
    if hidden and plan == "free":
        return (
            "GitHub's free plan has no rules for environments of private repositories: restrict who can push, or make it public."
        )
    if hidden and plan in ("pro", "team"):
        what = f"{make}{asks} (reviewers of private repositories need GitHub Enterprise)"
    else:
        what = f"{make}{asks}" if test else f"{make}{asks} and ask for an approval"
    return f"Run `trustpub setup`; or there {what}: {link}"
