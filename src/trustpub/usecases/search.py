"""Search: the projects that hold all the words, in their name or their summary, names first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.storage.search import matching_projects, versions_of
from trustpub.usecases.browse import latest_version

if TYPE_CHECKING:
    from trustpub.storage.database import Database

MOST_WORDS = 8
"""Words that are looked for; more would find nothing that these do not find."""
LONGEST_WORD = 100
MOST_HITS = 100
"""Hits that are given at once."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One project: its name as it is spelled, its newest release's summary, its latest version ("": it has none)."""

    name: str
    summary: str
    version: str
    normalized: str


class Search:
    """Finds projects. Quarantined ones are never found; on a private index the caller has asked who may read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, words: str, limit: int = 20, after: int = 0) -> tuple[Hit, ...]:
        """Projects that hold every one of these words, best first, `limit` of them after the first `after`; none for no word.

        Letters' case does not count, and in names neither do `-`, `_` and `.`; `%` is a character like any other.
        """
        wanted = [word[:LONGEST_WORD] for word in words.replace("\x00", " ").lower().split()[:MOST_WORDS]]
        if not wanted:
            return ()
        with self._database.read() as connection:
            found = matching_projects(connection, wanted, max(0, min(limit, MOST_HITS)), max(0, after))
            versions = versions_of(connection, [match.id for match in found])
        return tuple(Hit(each.name, each.summary, latest_version(versions[each.id]), each.normalized) for each in found)
