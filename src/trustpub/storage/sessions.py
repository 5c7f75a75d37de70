"""Sessions: a row each, found by the SHA-256 of what the cookie holds, and gone when it is deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, insert, or_, select, update

from trustpub.storage.accounts import USER_COLUMNS, User
from trustpub.storage.tables import security_keys, sessions, totp, users


@dataclass(frozen=True, slots=True)
class Session:
    """One session and whose it is. `second_factor`: whether that person has one. Instants in seconds since the epoch."""

    id: int
    level: str
    created: float
    seen: float
    proven: float
    expires: int
    address: str
    agent: str
    user: User
    second_factor: bool


def has_second_factor() -> ColumnElement[bool]:
    """Whether the account of the row at hand has an authenticator or a security key."""
    return or_(
        exists().where(totp.c.user_id == users.c.id, totp.c.confirmed_at.is_not(None)),
        exists().where(security_keys.c.user_id == users.c.id),
    )


_SESSION = tuple(sessions.c[name] for name in ("id", "level", "created", "seen", "proven", "expires", "address", "agent"))
_QUERY = (
    select(*_SESSION, has_second_factor(), *USER_COLUMNS)
    .join_from(sessions, users, sessions.c.user_id == users.c.id)
    .where(users.c.active.is_(True))
)


def begin_session(
    connection: Connection, digest: str, user_id: int, level: str, now: float, expires: int, address: str, agent: str
) -> int:
    """Store a session by the digest of its cookie and return its id."""
    row = {
        "digest": digest,
        "user_id": user_id,
        "level": level,
        "created": now,
        "seen": now,
        "proven": now,
        "expires": expires,
        "address": address,
        "agent": agent,
    }
    session_id: int = connection.execute(insert(sessions).returning(sessions.c.id), row).scalar_one()
    return session_id


def find_session(connection: Connection, digest: str) -> Session | None:
    """The session of a cookie, of an account that is open. Whether it is over is the caller's to say."""
    return _session(connection, sessions.c.digest == digest)


def session_by_id(connection: Connection, session_id: int) -> Session | None:
    """The session of an id, of an account that is open."""
    return _session(connection, sessions.c.id == session_id)


def sessions_of(connection: Connection, user_id: int, now: float, idle_since: float) -> tuple[Session, ...]:
    """The sessions of an account that are not over, the last used first."""
    mine = (sessions.c.user_id == user_id, sessions.c.expires > now, sessions.c.seen >= idle_since)
    rows = connection.execute(_QUERY.where(*mine).order_by(sessions.c.seen.desc(), sessions.c.id.desc()))
    return tuple(_of(tuple(row)) for row in rows)


def renew_session(connection: Connection, session_id: int, digest: str, level: str, was: str, now: float, expires: int) -> bool:
    """Give a session a new cookie (and level) because its person proved who they are: the old cookie is worth nothing.

    False when the session is gone, or no longer of the level that it `was`: of two who try at once, one succeeds.
    """
    mine = (sessions.c.id == session_id, sessions.c.level == was)
    values = {"digest": digest, "level": level, "seen": now, "proven": now, "expires": expires}
    return connection.execute(update(sessions).where(*mine).values(values)).rowcount == 1


def see_session(connection: Connection, session_id: int, now: float, address: str) -> None:
    """Note that a session is in use, and from where."""
    connection.execute(update(sessions).where(sessions.c.id == session_id).values(seen=now, address=address))


def end_session(connection: Connection, session_id: int, user_id: int) -> bool:
    """End one session of this account; False when it has none of this id."""
    mine = (sessions.c.id == session_id, sessions.c.user_id == user_id)
    return connection.execute(delete(sessions).where(*mine)).rowcount == 1


def end_sessions(connection: Connection, user_id: int, *, but: int | None = None) -> int:
    """End all sessions of an account, or all but one; how many."""
    query = delete(sessions).where(sessions.c.user_id == user_id)
    return connection.execute(query if but is None else query.where(sessions.c.id != but)).rowcount


def set_challenge(connection: Connection, session_id: int, challenge: str, expires: int) -> None:
    """Note what this session was shown and has to answer: one thing at a time, the newest."""
    values = {"challenge": challenge, "challenge_expires": expires}
    connection.execute(update(sessions).where(sessions.c.id == session_id).values(values))


def take_challenge(connection: Connection, session_id: int, now: float) -> str:
    """What the session has to answer, which is used up by asking; empty when there is nothing."""
    query = select(sessions.c.challenge, sessions.c.challenge_expires).where(sessions.c.id == session_id)
    row = connection.execute(query).first()
    if row is None or not row[0]:
        return ""
    connection.execute(update(sessions).where(sessions.c.id == session_id).values(challenge="", challenge_expires=0))
    return str(row[0]) if row[1] > now else ""


def challenge_of(connection: Connection, session_id: int, now: float) -> str:
    """What the session has to answer, left as it is; empty when there is nothing."""
    mine = (sessions.c.id == session_id, sessions.c.challenge_expires > now)
    return connection.execute(select(sessions.c.challenge).where(*mine)).scalar_one_or_none() or ""


def sweep_sessions(connection: Connection, now: float, idle_since: float) -> None:
    """Forget sessions that are over."""
    connection.execute(delete(sessions).where(or_(sessions.c.expires <= now, sessions.c.seen < idle_since)))


def _session(connection: Connection, which: ColumnElement[bool]) -> Session | None:
    row = connection.execute(_QUERY.where(which)).first()
    return None if row is None else _of(tuple(row))


def _of(row: tuple[Any, ...]) -> Session:
    session_id, level, created, seen, proven, expires, address, agent, second_factor, *user = row
    return Session(session_id, level, created, seen, proven, expires, address, agent, User(*user), second_factor)
