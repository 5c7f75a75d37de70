"""Reviewers by their names: found on GitHub while the plan is made, so that a wrong name stops it before any change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.github_settings import Account
from trustpub.domain.untold import Untold
from trustpub.errors import BadInput, Denied

if TYPE_CHECKING:
    from trustpub.domain.declaration import DeclaredEnvironment
    from trustpub.domain.github_settings import Environment
    from trustpub.parties.github.port import GitHub


def reviewers_of(
    github: GitHub, rules: DeclaredEnvironment, now: Environment | None, path: str
) -> tuple[tuple[Account, ...], str]:
    """Find the declared reviewers: those who are there already by their names, the others by asking GitHub.

    Returns them with why GitHub does not show some of them, who then have no number; empty when it shows all. Raises `BadInput`
    for a name that is nobody's or an organisation's.
    """
    where = f"{path}: environments.{rules.name}.reviewers" if path else "--reviewer"
    there = {each.login.lower(): each for each in (now.reviewers if now else ())}
    found: dict[tuple[str, str], Account] = {}
    hidden = ""
    for name in rules.reviewers:
        try:
            each = there.get(name.lower()) or account_of(github, name, where)
            found[each.kind, each.id] = each
        except Denied as problem:
            found["", name.lower()] = Account(name, "", "Team" if "/" in name else "User")
            hidden = hidden or str(problem)
    return tuple(found.values()), hidden


def account_of(github: GitHub, name: str, where: str) -> Account:
    """Find a user, or a team as `org/team`. Raises `BadInput` for nobody and for an organisation, `Denied` where not told."""
    organization, slash, slug = name.partition("/")
    found = github.team(organization, slug) if slash else github.account(name)
    if isinstance(found, Untold):
        step = "Correct the name, or run it with a token that may see it"
        if not github.signed_in:
            step = "Sign in with `gh auth login`, or set `GH_TOKEN`, and run it again"
        raise Denied(f"{where}: `{name}`", why=found.why, next_step=step, permission=found.permission)
    if found is None:
        kind = "team" if slash else "user"
        raise BadInput(where, why=f"GitHub knows no {kind} `{name}`", next_step="Correct the name: nothing was changed")
    if found.kind == "Organization":
        raise BadInput(
            where,
            why=f"`{name}` is an organisation, and only people and teams can be named here",
            next_step="Name a team, as `organisation/team`",
        )
    return found
