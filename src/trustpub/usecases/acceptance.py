"""The four rows of acceptance: account, project, publisher, environment; each proven, stated, missing or unknown.

Files alone prove none of them: an account, a project and a publisher live on the index, an environment in GitHub's settings. What
`trustpub.toml` declares is *stated*; what no file can tell is *unknown*, with what would answer it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.report import Criterion

if TYPE_CHECKING:
    from trustpub.rules.facts import Facts
    from trustpub.usecases.report import State


def acceptance(facts: Facts) -> tuple[Criterion, ...]:
    """Say how far each row is."""
    return (_account(), _project(facts), _publisher(facts), _environment(facts))


def _account() -> Criterion:
    return Criterion("account", "unknown", "no file tells of an account on the index: sign in there, and turn two-factor on")


def _project(facts: Facts) -> Criterion:
    stated = ", ".join(dict.fromkeys(f"`{row.project}` on {row.index}" for row in facts.declaration.publishers))
    if stated:
        return Criterion("project", "stated", f"`{facts.declaration.path}` names {stated}; the index was not asked")
    names = ", ".join(f"`{package.name}`" for package in facts.packages if package.name)
    if names:
        return Criterion("project", "unknown", f"the package is called {names}; the index was not asked whether it has it")
    if facts.packages:
        return Criterion("project", "unknown", "the package's name is known only to its build; the index was not asked")
    return Criterion("project", "missing", "there is no package in this checkout")


def _publisher(facts: Facts) -> Criterion:
    trusted = [each for _, predictions in facts.trusted() for each in predictions]
    if not trusted:
        return Criterion("publisher", "missing", "no step publishes by trusted publishing, so no publisher can match")
    if not facts.declaration.publishers:
        why = (
            "only a project's owners see its publishers, and no `trustpub.toml` states them; the workflows need those below"
        )
        return Criterion("publisher", "unknown", why)
    refused = next((each for each in trusted if each.verdict == "refused"), None)
    if refused is not None:
        return Criterion("publisher", "missing", f"{refused.why[0]} ({refused.workflow}, job `{refused.job}`)")
    return Criterion("publisher", "stated", f"`{facts.declaration.path}` states publishers that match; the index was not asked")


def _environment(facts: Facts) -> Criterion:
    trusted = [(site, each) for site, predictions in facts.trusted() for each in predictions]
    names = dict.fromkeys(each.environment for _, each in trusted if each.environment)
    without = next((site for site, _ in trusted if site.job.environment is None), None)
    if trusted and without is not None:
        return Criterion("environment", "missing", f"the publishing job `{without.job.id}` names no environment")
    if not names:
        return Criterion(
            "environment", "unknown" if trusted else "missing", "no publishing job names an environment that can be told"
        )
    shown = ", ".join(f"`{name}`" for name in names)
    if all(facts.declaration.environment(name) is not None for name in names):
        return Criterion("environment", "stated", f"`{facts.declaration.path}` states the rules of {shown}; GitHub was not asked")
    why = f"GitHub was not asked about {shown}; a job that names a missing environment creates it without any rule"
    return Criterion("environment", "unknown", why)
