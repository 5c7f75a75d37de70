"""Projects by words of their names and summaries: one pass over one small row a project, and no index that has to be kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, and_, case, func, or_, select

from trustpub.storage.tables import projects, releases

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement

    from trustpub.domain.names import NormalizedName


@dataclass(frozen=True, slots=True)
class Match:
    """One project that has all the words."""

    id: int
    normalized: NormalizedName
    name: str
    summary: str


def matching_projects(connection: Connection, words: Sequence[str], limit: int, after: int) -> tuple[Match, ...]:
    """Projects whose name or summary holds every word (in small letters), quarantined ones left out.

    The name itself first, then names that begin with the words, then names that hold them all, then the others; each group by
    name. `after` leaves out as many of the first.
    """
    name, summary = projects.c.normalized, func.lower(projects.c.summary)
    as_name = "-".join(map(_name_of, words))
    everywhere = [or_(name.contains(_name_of(word), autoescape=True), summary.contains(word, autoescape=True)) for word in words]
    rank: ColumnElement[int] = case(
        (name == as_name, 0),
        (name.startswith(as_name, autoescape=True), 1),
        (and_(*(name.contains(_name_of(word), autoescape=True) for word in words)), 2),
        else_=3,
    )
    query = (
        select(projects.c.id, name, projects.c.name, projects.c.summary)
        .where(projects.c.state != "quarantined", *everywhere)
        .order_by(rank, name)
        .limit(limit)
        .offset(after)
    )
    return tuple(Match(*row) for row in connection.execute(query))


def versions_of(connection: Connection, project_ids: Iterable[int]) -> dict[int, list[tuple[str, bool]]]:
    """Every version of these projects and whether it is yanked; nothing for a project without releases."""
    wanted = list(project_ids)
    found: dict[int, list[tuple[str, bool]]] = {each: [] for each in wanted}
    query = select(releases.c.project_id, releases.c.version, releases.c.yanked).where(releases.c.project_id.in_(wanted))
    for row in connection.execute(query):
        found[row.project_id].append((row.version, bool(row.yanked)))
    return found


def _name_of(word: str) -> str:
    """The word as names are written: of `_`, `.` and `-` any is the same to a reader."""
    return word.replace("_", "-").replace(".", "-")
