"""Signing in and out, and who a cookie belongs to.

The answer to a wrong name is the answer to a wrong password, after the same work: a hash is computed for nobody, and the same
tables are written. A sign-in from a network that has used its tries up is refused before any of that.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustpub.domain.tokens import digest
from trustpub.storage.accounts import find_user, owner_of_email, password_of, set_password, user_by_id
from trustpub.storage.events import Event, record
from trustpub.storage.second_factors import has_factor
from trustpub.storage.sessions import end_session, find_session, see_session
from trustpub.storage.throttles import count, used_up
from trustpub.usecases.accounts import tries
from trustpub.usecases.accounts.caller import caller_of, over
from trustpub.usecases.accounts.fields import EMAIL, plain
from trustpub.usecases.accounts.new_sessions import COOKIE_LENGTH, begin
from trustpub.usecases.accounts.second_step import SecondStep
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.passwords import LONGEST

if TYPE_CHECKING:
    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection
    from trustpub.storage.throttles import Limit
    from trustpub.usecases.accounts.caller import Caller, NewSession
    from trustpub.usecases.accounts.parts import Parts

SEEN_EVERY = 300.0
"""Seconds between two notes of a session's use: not every page costs a commit."""

_WRONG = not_done(401, "wrong-sign-in", "The user name or the password is wrong. Check both and try again.", "password")


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One sign-in: as whom, from where, and what it draws on."""

    name: str
    user: User | None
    stored: str | None = field(repr=False)
    address: str
    agent: str
    tried: tuple[tuple[str, Limit], ...]


class SignIn:
    """Signing in and out, and who a cookie belongs to. The second steps are in `second_step.py`."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        second = SecondStep(parts)
        self.totp = second.totp
        self.key_options = second.key_options
        self.key = second.key
        self.recovery_code = second.recovery_code

    def password(self, name: str, password: str, address: str, agent: str) -> NewSession | NotDone:
        """By user name (or verified e-mail address) and password; `level` says whether a second factor is still owed."""
        parts, now = self._parts, self._parts.clock()
        attempt = self._attempt(name.strip(), address, agent, now)
        if isinstance(attempt, NotDone):
            return attempt
        refused = parts.write(lambda connection: tries.spend(connection, attempt.tried, now))
        if refused is not None:
            return refused
        with parts.hashing.turn() as ours:
            if not ours:
                return tries.BUSY
            right = parts.hashing.matches(password if len(password) <= LONGEST else "", attempt.stored)
            again = right and attempt.stored is not None and parts.hashing.outdated(attempt.stored)
            fresh = parts.hashing.hash(password, parts.random) if again else None
        cookie = parts.secret()

        def work(connection: Connection) -> NewSession | NotDone:
            if right and attempt.user is not None and password_of(connection, attempt.user.id) == attempt.stored:
                user = user_by_id(connection, attempt.user.id)
                if user is not None and user.active:
                    return self._begin(connection, user, attempt, fresh, cookie, now)
            return _failed(connection, attempt, now)

        return parts.write(work)

    def _attempt(self, name: str, address: str, agent: str, now: float) -> _Attempt | NotDone:
        where = (f"sign-in:network:{tries.network(address)}", tries.NETWORK)
        readable = name if len(name) <= EMAIL and plain(name) else ""
        with self._parts.database.read() as connection:
            wait = used_up(connection, *where, now)
            if wait:
                return tries.too_many(wait)
            user = owner_of_email(connection, readable) if "@" in readable else find_user(connection, readable)
            user_id = user.id if user is not None else 0
            stored = password_of(connection, user_id)
            draws_on = tries.budget(connection, "sign-in", user_id, address, now)
        if draws_on == f"sign-in:account:{user_id}":
            # Counted for what was typed: a budget that a name and an address share would say that they belong together.
            draws_on = f"sign-in:name:{digest(name.lower())[:32]}"
        active = stored if user is not None and user.active else None
        return _Attempt(name, user, active, address, agent, (where, (draws_on, tries.ACCOUNT)))

    def _begin(
        self, connection: Connection, user: User, attempt: _Attempt, fresh: str | None, cookie: str, now: float
    ) -> NewSession:
        """The session of a right password. Without a second factor to come, the sign-in is complete.

        Its owner is told by mail then, when it came from a network where the account was not used lately. Whoever has a second
        factor is not: nobody gets in with a password alone, and mails that come with every train ride are not read.
        """
        if fresh is not None:
            set_password(connection, user.id, fresh)
        level = "password" if has_factor(connection, user.id) else "full"
        if level == "full":
            if tries.is_new_network(connection, user.id, attempt.address, now):
                self._parts.tell_network(connection, user, attempt.address, now)
            tries.succeed(connection, attempt.tried, user.id, attempt.address, now)
            detail = {"address": attempt.address, "method": "password"}
            record(connection, Event("account:signed-in", user.name, now, detail, user_id=user.id))
        else:
            tries.give_back_all(connection, attempt.tried)
        return begin(connection, cookie, user, level, now, attempt.address, attempt.agent)

    def sign_out(self, caller: Caller) -> None:
        """End this session."""
        self._parts.write(lambda connection: end_session(connection, caller.session_id, caller.user.id))

    def caller(self, cookie: str, address: str) -> Caller | None:
        """Whose cookie this is; None when it is nobody's any more. Once a request; notes its use every few minutes."""
        if len(cookie) != COOKIE_LENGTH or not cookie.isascii():
            return None
        parts, now = self._parts, self._parts.clock()
        with parts.database.read() as connection:
            session = find_session(connection, digest(cookie))
        if session is None or over(session, now):
            return None
        if now - session.seen >= SEEN_EVERY:
            parts.write(lambda connection: see_session(connection, session.id, now, address[:64]))
        return caller_of(session, address, factor_required=parts.settings.accounts.second_factor == "required")


def _failed(connection: Connection, attempt: _Attempt, now: float) -> NotDone:
    """Count the failure, whoever it was for; an account's log tells of the first ones of a day."""
    of = str(attempt.user.id) if attempt.user is not None else digest(attempt.name.lower())[:32]
    untold = count(connection, f"sign-in:failed:{of}", tries.TOLD, now)
    if attempt.user is not None and not untold:
        detail = {"address": attempt.address, "method": "password"}
        record(connection, Event("account:sign-in-failed", "", now, detail, user_id=attempt.user.id))
    return _WRONG
