"""Who can push to the repository, as GitHub told it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.untold import Untold

if TYPE_CHECKING:
    from trustpub.domain.github_settings import Account, GitHubSide, Person

PUSHING = ("write", "maintain", "admin")
"""The roles that may push."""


def pushers(side: GitHubSide) -> tuple[Person, ...] | None:
    """List the people and teams that may push; None when GitHub did not tell all of them."""
    if isinstance(side.people, Untold):
        return None
    return tuple(person for person in side.people if person.role in PUSHING)


def alone(side: GitHubSide) -> Account | None:
    """Return the only person who can push; None when there are more, a team may push, or it is not known."""
    found = pushers(side) or ()
    return found[0].account if len(found) == 1 and found[0].account.kind == "User" else None


def administrators(side: GitHubSide) -> tuple[Person, ...]:
    """List the people and teams known to administer the repository."""
    return tuple(person for person in pushers(side) or () if person.role == "admin")
