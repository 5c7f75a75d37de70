"""Who asks: a person in a session, how far they have proven who they are, and what that is enough for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone, not_done

if TYPE_CHECKING:
    from trustpub.storage.accounts import User

PROVEN_FOR = 1800
"""Seconds for which a proof of identity is enough for what is dangerous. Mirrors PyPI's half hour."""


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
        return not_done(401, "sign-in-first", "The sign-in is not finished. Give the second factor.")
    if verified and not caller.user.email_verified:
        return not_done(403, "verify-email-first", "The e-mail address is not verified. Open the link in the mail we sent.")
    if factor and caller.factor_required and not caller.second_factor:
        return not_done(403, "second-factor-first", "This index asks for a second factor. Add one in the security settings.")
    if now - caller.proven > PROVEN_FOR:
        return not_done(403, "prove-it-is-you", "The last proof of who you are is a while ago. Give your password again.")
    return None
