"""Sessions that begin, and those whose person has proven who they are once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.tokens import digest
from trustpub.storage.sessions import begin_session, renew_session
from trustpub.usecases.accounts.caller import LONGEST, NewSession
from trustpub.usecases.accounts.fields import shown

if TYPE_CHECKING:
    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection
    from trustpub.usecases.accounts.caller import Caller

HALF_WAY = 600
"""Seconds in which the second factor has to follow the password."""

COOKIE_LENGTH = 43
"""Characters of 32 bytes in base64url."""


def begin(connection: Connection, cookie: str, user: User, level: str, now: float, address: str, agent: str) -> NewSession:
    """A new session of this level."""
    expires = int(now) + (LONGEST if level == "full" else HALF_WAY)
    begin_session(connection, digest(cookie), user.id, level, now, expires, shown(address, 64), shown(agent))
    return NewSession(cookie, level, user)


def raise_level(connection: Connection, cookie: str, caller: Caller, now: float) -> NewSession | None:
    """The same session with a new cookie, at level `full`; None when it is gone or was raised meanwhile: one cookie, one rise."""
    expires = int(now) + LONGEST
    if not renew_session(connection, caller.session_id, digest(cookie), "full", "password", now, expires):
        return None
    return NewSession(cookie, "full", caller.user)


def prove(connection: Connection, cookie: str, caller: Caller, expires: int, now: float) -> NewSession | None:
    """The same session with a new cookie, proven now; None when it is gone."""
    if not renew_session(connection, caller.session_id, digest(cookie), "full", "full", now, expires):
        return None
    return NewSession(cookie, "full", caller.user)
