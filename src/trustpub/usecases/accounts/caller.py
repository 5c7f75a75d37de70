"""Who asks: a person in a session, how far they have proven who they are, and what that is enough for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustpub.storage.sessions import session_by_id
from trustpub.usecases.not_done import NotDone, not_done

if TYPE_CHECKING:
    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection
    from trustpub.storage.sessions import Session

IDLE = 12 * 3600
"""Seconds without use after which a session is over."""
LONGEST = 30 * 86_400
"""Seconds after which a session is over, however much it is used."""
PROVEN_FOR = 1800
"""Seconds for which a proof of identity is enough for what is dangerous. Mirrors PyPI's half hour."""

UNFINISHED = not_done(401, "sign-in-first", "The sign-in is not finished. Give the second factor.")


@dataclass(frozen=True, slots=True)
class Caller:
    """A person who is signed in, as one request saw them.

    `level` is `password` while a second factor is still owed, else `full`; `proven` when they last proved who they are (seconds
    since the epoch); `second_factor` whether they have one, `factor_required` whether this index asks for one.
    """

    user: User
    session_id: int
    level: str
    proven: float
    second_factor: bool
    address: str
    factor_required: bool = True


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session that has just begun: what its cookie holds (nobody else ever sees it), its level and its person."""

    cookie: str = field(repr=False)
    level: str
    user: User


def needs(caller: Caller, now: float, *, verified: bool = True, factor: bool = True) -> NotDone | None:
    """What the caller has to do before anything dangerous; None when they may.

    Codes, in this order: `sign-in-first`, `verify-email-first`, `second-factor-first`, `prove-it-is-you`. What leads out of
    one of them cannot ask for it: `verified=False` leaves the e-mail address out, `factor=False` the having of a second factor.
    """
    if caller.level != "full":
        return UNFINISHED
    if verified and not caller.user.email_verified:
        return not_done(403, "verify-email-first", "The e-mail address is not verified. Open the link in the mail we sent.")
    if factor and caller.factor_required and not caller.second_factor:
        return not_done(403, "second-factor-first", "This index asks for a second factor. Add one in the security settings.")
    if now - caller.proven > PROVEN_FOR:
        return not_done(403, "prove-it-is-you", "The last proof of who you are is a while ago. Give your password again.")
    return None


def caller_of(session: Session, address: str, *, factor_required: bool) -> Caller:
    """The person of a session."""
    return Caller(
        session.user, session.id, session.level, session.proven, session.second_factor, address, factor_required=factor_required
    )


def over(session: Session, now: float) -> bool:
    """Whether a session was left alone for too long, or has lasted long enough."""
    return now >= session.expires or now - session.seen > IDLE


def standing(
    connection: Connection, caller: Caller, now: float, *, verified: bool = True, factor: bool = True
) -> Caller | NotDone:
    """The caller as they are now, inside the transaction that acts, if they may do what is dangerous (see `needs`).

    What one request saw may have ended since: the session, the account, the second factor.
    """
    fresh = present(connection, caller, now)
    if isinstance(fresh, NotDone):
        return fresh
    return needs(fresh, now, verified=verified, factor=factor) or fresh


def present(connection: Connection, caller: Caller, now: float) -> Caller | NotDone:
    """The caller as they are now, whatever they have proven."""
    session = session_by_id(connection, caller.session_id)
    if session is None or session.user.id != caller.user.id or over(session, now):
        return not_done(401, "sign-in-first", "This session is over. Sign in again.")
    return caller_of(session, caller.address, factor_required=caller.factor_required)


def signed_in(connection: Connection, caller: Caller, now: float) -> Caller | NotDone:
    """The caller as they are now, if their sign-in is finished: enough for what only takes something away from themselves."""
    fresh = present(connection, caller, now)
    if isinstance(fresh, NotDone) or fresh.level == "full":
        return fresh
    return UNFINISHED
