"""Offered roles: links of the kind `role`, found by the secret that was mailed, or by whom they are for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, and_, delete, or_, select

from trustpub.storage.tables import links, projects, users

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

KIND = "role"


@dataclass(frozen=True, slots=True)
class Offer:
    """A role in a project that somebody may take. `user_id` is None when only an address (in lower case) was given."""

    id: int
    project_id: int
    project: str
    role: str
    user_id: int | None
    user: str | None
    email: str
    by: str
    expires: int


def offers_of_project(connection: Connection, project_id: int, now: float) -> tuple[Offer, ...]:
    """What was offered in a project and is neither answered nor too old."""
    return _offers(connection, now, links.c.project_id == project_id)


def offers_to(connection: Connection, user_id: int, email: str, now: float) -> tuple[Offer, ...]:
    """What is offered to a user, by name or by a verified address (pass an empty one when it is not)."""
    mine = links.c.user_id == user_id
    if email:
        mine = or_(mine, and_(links.c.user_id.is_(None), links.c.email == email.lower()))
    return _offers(connection, now, mine)


def offer_by_digest(connection: Connection, digest: str, now: float) -> Offer | None:
    """The offer behind a mailed secret."""
    return next(iter(_offers(connection, now, links.c.digest == digest)), None)


def offer_by_id(connection: Connection, offer_id: int, now: float) -> Offer | None:
    """The offer of this id."""
    return next(iter(_offers(connection, now, links.c.id == offer_id)), None)


def remove_offers(connection: Connection, project_id: int) -> None:
    """Take back everything that was offered in a project."""
    connection.execute(delete(links).where(links.c.kind == KIND, links.c.project_id == project_id))


def remove_offers_by(connection: Connection, user: str, project_id: int | None = None) -> None:
    """Take back what somebody offered, in one project or in all: it was theirs to give only while they had the right."""
    mine = (links.c.kind == KIND, links.c.by == user)
    connection.execute(delete(links).where(*mine, *([] if project_id is None else [links.c.project_id == project_id])))


def _offers(connection: Connection, now: float, which: ColumnElement[bool]) -> tuple[Offer, ...]:
    query = (
        select(
            links.c.id,
            links.c.project_id,
            projects.c.name,
            links.c.role,
            links.c.user_id,
            users.c.name,
            links.c.email,
            links.c.by,
            links.c.expires,
        )
        .select_from(links.join(projects, projects.c.id == links.c.project_id).outerjoin(users, users.c.id == links.c.user_id))
        .where(links.c.kind == KIND, links.c.used_at.is_(None), links.c.expires > int(now), which)
        .order_by(links.c.id)
    )
    return tuple(Offer(*row) for row in connection.execute(query))
