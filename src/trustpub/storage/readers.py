"""Readers: identities whose ID tokens are exchanged for short tokens that read a private index; and those tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, delete, insert, or_, select

from trustpub.storage.publishers import constraints_row, identity_row, read_publisher, storable
from trustpub.storage.statements import Prepared
from trustpub.storage.tables import api_tokens, read_tokens, readers, users

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from trustpub.domain.publishers import Publisher

SWEEP = 200
"""Read tokens that one exchange removes at most."""


@dataclass(frozen=True, slots=True)
class Reader:
    """An identity that may read, who registered it, and when (seconds since the epoch)."""

    id: int
    publisher: Publisher
    by: str
    created: float


_READ_TOKEN = Prepared(select(read_tokens.c.expires).where(read_tokens.c.digest == bindparam("wanted")))
_API_TOKEN = Prepared(
    select(api_tokens.c.id)
    .join_from(api_tokens, users, api_tokens.c.user_id == users.c.id)
    .where(
        api_tokens.c.digest == bindparam("wanted"),
        api_tokens.c.revoked_at.is_(None),
        users.c.active.is_(True),
        or_(api_tokens.c.expires.is_(None), api_tokens.c.expires > bindparam("now")),
    )
)


def is_read_token(connection: Connection, digest: str, now: float) -> bool:
    """Whether this digest is a read token's that has not expired."""
    row = _READ_TOKEN.one(connection, wanted=digest)
    return row is not None and int(row[0]) > now


def is_api_token(connection: Connection, digest: str, now: float) -> bool:
    """Whether this digest is the API token of an active user, not revoked and not expired, of whatever scope."""
    return _API_TOKEN.one(connection, wanted=digest, now=now) is not None


def add_reader(connection: Connection, publisher: Publisher, by: str, now: float) -> Reader | None:
    """Let an identity read; None when it may already."""
    identity = publisher.identity
    if connection.execute(select(readers.c.id).where(readers.c.identity == identity)).first() is not None:
        return None
    row = {**identity_row(publisher), **constraints_row(publisher), "identity": identity, "by": by, "created": now}
    row_id: int = connection.execute(insert(readers).returning(readers.c.id), row).scalar_one()
    return Reader(row_id, publisher, by, now)


def all_readers(connection: Connection) -> tuple[Reader, ...]:
    """Every reader, the oldest first."""
    return _readers(connection)


def find_reader(connection: Connection, reader_id: int) -> Reader | None:
    """The reader of this id."""
    return next(iter(_readers(connection, readers.c.id == reader_id)), None)


def remove_reader(connection: Connection, reader_id: int) -> None:
    """Let an identity read no more: its tokens go with it."""
    connection.execute(delete(readers).where(readers.c.id == reader_id))


def reader_candidates(connection: Connection, lookup: str, issuer: str) -> tuple[Reader, ...]:
    """Every reader that a token of this issuer with this lookup key might be."""
    if not storable(lookup):
        return ()
    return _readers(connection, readers.c.lookup == lookup, readers.c.issuer == issuer)


def add_read_token(connection: Connection, digest: str, reader_id: int, now: float, expires: int) -> None:
    """Store a token by its digest, and forget some that are over."""
    over = select(read_tokens.c.id).where(read_tokens.c.expires <= int(now)).limit(SWEEP)
    connection.execute(delete(read_tokens).where(read_tokens.c.id.in_(over.scalar_subquery())))
    row = {"digest": digest, "reader_id": reader_id, "created": now, "expires": expires}
    connection.execute(insert(read_tokens), row)


def _readers(connection: Connection, *which: ColumnElement[bool]) -> tuple[Reader, ...]:
    columns = (readers.c.provider, readers.c.issuer, readers.c.fields, readers.c.allowed_events, readers.c.refs)
    query = select(readers.c.id, *columns, readers.c.by, readers.c.created).where(*which).order_by(readers.c.id)
    return tuple(
        Reader(row_id, read_publisher(*identity), by, created) for row_id, *identity, by, created in connection.execute(query)
    )
