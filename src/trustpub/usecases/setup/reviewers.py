"""Reviewers by their names: found on GitHub while the plan is made, so that a name nobody has stops it before anything changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.untold import Untold
from trustpub.errors import BadInput, Denied

if TYPE_CHECKING:
    from trustpub.domain.declaration import DeclaredEnvironment
    from trustpub.domain.github_settings import Account, Environment
    from trustpub.parties.github.port import GitHub

MOST = 6
"""How many reviewers GitHub lets an environment have."""


def reviewers_of(github: GitHub, rules: DeclaredEnvironment, now: Environment | None, path: str) -> tuple[Account, ...]:
    """Find the declared reviewers: those who are there already by their names, the others by asking GitHub.

    Raises `BadInput` for a name that is nobody's or an organisation's, and for too many; `Denied` where GitHub does not tell.
    """
    where = f"{path or 'trustpub.toml'}: environments.{rules.name}.reviewers"
    if len(rules.reviewers) > MOST:
        raise BadInput(where, why=f"GitHub takes {MOST} reviewers at most, and these are {len(rules.reviewers)}", next_step=_TEAM)
    there = {each.login.lower(): each for each in (now.reviewers if now else ())}
    found = (there.get(name.lower()) or _asked(github, name, where) for name in rules.reviewers)
    return tuple({(each.kind, each.id): each for each in found}.values())


_TEAM = "Name a team, as `organisation/team`"


def _asked(github: GitHub, name: str, where: str) -> Account:
    organization, slash, slug = name.partition("/")
    found = github.team(organization, slug) if slash else github.account(name)
    if isinstance(found, Untold):
        permission = found.permission
        raise Denied(
            f"{where}: `{name}`", why=found.why, next_step="Run it with a token that may see them", permission=permission
        )
    if found is None:
        kind = "team" if slash else "user"
        raise BadInput(where, why=f"GitHub knows no {kind} `{name}`", next_step="Correct the name: nothing was changed")
    if found.kind == "Organization":
        raise BadInput(where, why=f"`{name}` is an organisation, and only people and teams can review", next_step=_TEAM)
    return found
