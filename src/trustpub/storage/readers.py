"""Readers: identities whose ID tokens are exchanged for short tokens that read a private index; and those tokens."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, or_, select

from trustpub.storage.statements import Prepared
from trustpub.storage.tables import api_tokens, read_tokens, users

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
