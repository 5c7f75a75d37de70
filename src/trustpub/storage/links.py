"""Links in mails: good once, for one address, for a while. Only the SHA-256 of what they carry is kept."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from trustpub.storage.tables import links


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is good for: its `kind` (verify, reset, join, role), its address, its account or its project and role."""

    id: int
    kind: str
    user_id: int | None
    project_id: int | None
    email: str
    role: str
    by: str
    created: float
    expires: int


_LINK = tuple(links.c[name] for name in ("id", "kind", "user_id", "project_id", "email", "role", "by", "created", "expires"))


def add_link(
    connection: Connection,
    digest: str,
    kind: str,
    email: str,
    now: float,
    expires: int,
    *,
    user_id: int | None = None,
    project_id: int | None = None,
    role: str = "",
    by: str = "",
) -> int:
    """Store a link by the digest of its secret and return its id."""
    row = {
        "digest": digest,
        "kind": kind,
        "email": email,
        "created": now,
        "expires": expires,
        "user_id": user_id,
        "project_id": project_id,
        "role": role,
        "by": by,
    }
    link_id: int = connection.execute(insert(links).returning(links.c.id), row).scalar_one()
    return link_id


def find_link(connection: Connection, digest: str, kind: str, now: float) -> Link | None:
    """The link of this kind that is neither used nor over."""
    found = connection.execute(select(*_LINK).where(links.c.digest == digest, links.c.kind == kind, *_good(now))).first()
    return None if found is None else Link(*found)


def use_link(connection: Connection, link_id: int, now: float) -> bool:
    """Use a link up; False when somebody has already."""
    done = connection.execute(update(links).where(links.c.id == link_id, links.c.used_at.is_(None)).values(used_at=now))
    return done.rowcount == 1


def void_links(connection: Connection, kind: str, user_id: int, now: float) -> None:
    """Make every link of this kind of an account worthless: a newer one counts, or none is wanted any more."""
    mine = (links.c.kind == kind, links.c.user_id == user_id, links.c.used_at.is_(None))
    connection.execute(update(links).where(*mine).values(used_at=now))


def sweep_links(connection: Connection, now: float) -> None:
    """Forget links that have been over for a day."""
    connection.execute(delete(links).where(links.c.expires < now - 86_400))


def _good(now: float) -> tuple[ColumnElement[bool], ...]:
    return links.c.used_at.is_(None), links.c.expires > now
