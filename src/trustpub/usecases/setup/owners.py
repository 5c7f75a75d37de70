"""Whether the account that a publisher names is still the one that was declared: GitHub's number says so, its name does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.publishers import Provider
from trustpub.usecases.setup.step import Change, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.declaration import Declaration, DeclaredPublisher
    from trustpub.rules.facts import Facts


def owner_steps(facts: Facts, desired: Declaration) -> Iterator[Step]:
    """Yield a step for each declared owner whose name another account has: for a person to settle, never done here."""
    for number in dict.fromkeys(row.owner_id for row in strangers(facts, desired)):
        there = facts.github.repository.owner if facts.github is not None else None
        if there is not None:
            why = (
                f"`{desired.path or 'trustpub.toml'}` says {number}, and GitHub says {there.id}: another account has the name "
                f"`{there.login}` now, or it is a slip. No publisher is registered for it; when you know that it is yours, "
                "correct `owner_id` by hand"
            )
            yield Step(f"owner {there.login}", "github", (Change("~", "owner_id", there.id, number),), cannot=why)


def strangers(facts: Facts, desired: Declaration) -> tuple[DeclaredPublisher, ...]:
    """Return the publishers of this repository that are declared for another account than the one that has the name."""
    if facts.github is None:
        return ()
    there = facts.github.repository
    known = (there.slug.lower(), there.renamed_from.lower())
    return tuple(
        row
        for row in desired.publishers
        if row.provider is Provider.GITHUB and row.owner_id not in ("", there.owner.id)
        if f"{row.owner}/{row.repository}".lower() in known
    )
