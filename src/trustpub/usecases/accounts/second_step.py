"""The second step of signing in: a code of the authenticator, a signature of a security key, or a recovery code.

Each raises one session of level `password` to `full`, under a new cookie, once. What was used is used up in the same transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage.events import Event, record
from trustpub.storage.second_factors import find_key, keys_of, spend_recovery_code, spend_step, totp_of, use_key
from trustpub.storage.sessions import set_challenge, take_challenge
from trustpub.storage.throttles import count
from trustpub.usecases.accounts import tries
from trustpub.usecases.accounts.caller import present
from trustpub.usecases.accounts.codes import normalized_recovery_code, recovery_digest, step_of
from trustpub.usecases.accounts.new_sessions import raise_level
from trustpub.usecases.not_done import NotDone, not_done

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.storage.database import Connection
    from trustpub.storage.throttles import Limit
    from trustpub.usecases.accounts.caller import Caller, NewSession
    from trustpub.usecases.accounts.parts import Parts

ANSWER_WITHIN = 300
"""Seconds in which a security key has to answer."""

WRONG_CODE = not_done(401, "wrong-code", "This code is wrong. Give the one that the app shows now.", "code")
CODE_USED = not_done(401, "code-used", "This code was used already. Wait for the next one.", "code")
OUT_OF_STEP = not_done(401, "code-out-of-step", "This code is of another minute. Set the clock of the device.", "code")
KEY_REFUSED = not_done(401, "key-refused", "The security key did not answer as it must. Start again with the same key.", "key")
NO_KEYS_HERE = not_done(
    409, "keys-need-a-name", "Security keys need an index with a host name. Whoever runs it can set one: `[index] url`."
)
_NO_CODE = not_done(401, "wrong-code", "This is none of the recovery codes. Check every character.", "code")
_BURNT = not_done(401, "recovery-code-used", "This recovery code was used before. Use another one.", "code")
_DONE = not_done(409, "signed-in-already", "This session is signed in. There is nothing left to do.")
_OVER = not_done(401, "sign-in-first", "This sign-in took too long, or was finished elsewhere. Start again with the password.")


class SecondStep:
    """Raising a session that gave the password."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def totp(self, caller: Caller, code: str) -> NewSession | NotDone:
        """By the code of an authenticator. A code is accepted once, and none that is older than one that was."""

        def spend(connection: Connection, now: float) -> NotDone | None:
            totp = totp_of(connection, caller.user.id)
            step = None if totp is None else step_of(totp.secret, code, now)
            if totp is None or step is None:
                return WRONG_CODE
            if abs(step.offset) > 1:
                return OUT_OF_STEP
            return None if spend_step(connection, caller.user.id, totp.secret, step.number) else CODE_USED

        return self._raise(caller, "totp", spend)

    def recovery_code(self, caller: Caller, code: str) -> NewSession | NotDone:
        """By a recovery code, which is used up."""
        wanted = recovery_digest(caller.user.id, normalized_recovery_code(code))

        def spend(connection: Connection, now: float) -> NotDone | None:
            good = spend_recovery_code(connection, caller.user.id, wanted, now)
            if good:
                self._parts.tell_change(connection, "recovery-code", caller.user, now)
                return None
            return _NO_CODE if good is None else _BURNT

        return self._raise(caller, "recovery-code", spend)

    def key_options(self, caller: Caller) -> str | NotDone:
        """What the browser asks a security key, as JSON."""
        parts, now = self._parts, self._parts.clock()
        site, challenge = parts.site(), parts.secret()
        if site is None:
            return NO_KEYS_HERE

        def work(connection: Connection) -> tuple[str, ...] | NotDone:
            fresh = _half_way(connection, caller, now)
            if isinstance(fresh, NotDone):
                return fresh
            set_challenge(connection, caller.session_id, challenge, int(now) + ANSWER_WITHIN)
            return tuple(key.credential for key in keys_of(connection, caller.user.id))

        credentials = parts.write(work)
        return credentials if isinstance(credentials, NotDone) else parts.keys.request(site, challenge, credentials)

    def key(self, caller: Caller, answer_json: str) -> NewSession | NotDone:
        """By the answer of a security key: to the challenge of this session, of a key of this account, once."""
        parts, now = self._parts, self._parts.clock()
        site = parts.site()
        if site is None:
            return NO_KEYS_HERE
        challenge = parts.write(lambda connection: take_challenge(connection, caller.session_id, now))
        with parts.database.read() as connection:
            key = find_key(connection, parts.keys.credential(answer_json))
        signed = None
        if challenge and key is not None and key.user_id == caller.user.id:
            signed = parts.keys.signed(site, challenge, answer_json, key.public_key, key.sign_count)

        def spend(connection: Connection, now: float) -> NotDone | None:
            if key is None or signed is None or not use_key(connection, key, signed, now):
                return KEY_REFUSED
            return None

        return self._raise(caller, "security-key", spend)

    def _raise(self, caller: Caller, method: str, spend: Callable[[Connection, float], NotDone | None]) -> NewSession | NotDone:
        """Count the try, use up what was given, and raise the session: all of it in one transaction."""
        parts, now = self._parts, self._parts.clock()
        cookie = parts.secret()

        def work(connection: Connection) -> NewSession | NotDone:
            fresh = _half_way(connection, caller, now)
            if isinstance(fresh, NotDone):
                return fresh
            tried = _draws_on(connection, caller, now)
            refused = tries.spend(connection, tried, now) or spend(connection, now)
            if refused is not None:
                return _failed(connection, caller, method, refused, now)
            session = raise_level(connection, cookie, fresh, now)
            if session is None:
                return _OVER
            tries.succeed(connection, tried, caller.user.id, caller.address, now)
            detail = {"address": caller.address, "method": method}
            record(connection, Event("account:signed-in", caller.user.name, now, detail, user_id=caller.user.id))
            return session

        return parts.write(work)


def _half_way(connection: Connection, caller: Caller, now: float) -> Caller | NotDone:
    fresh = present(connection, caller, now)
    if isinstance(fresh, NotDone):
        return fresh
    return fresh if fresh.level == "password" else _DONE


def _draws_on(connection: Connection, caller: Caller, now: float) -> tuple[tuple[str, Limit], ...]:
    key = tries.budget(connection, "second", caller.user.id, caller.address, now)
    return tuple((f"{key}:{limit.window}", limit) for limit in tries.SECOND)


def _failed(connection: Connection, caller: Caller, method: str, refused: NotDone, now: float) -> NotDone:
    """Who gets this far knows the password: the account's log tells of it, the first times of a day."""
    if not count(connection, f"second:failed:{caller.user.id}", tries.TOLD, now):
        detail = {"address": caller.address, "method": method, "why": refused.code}
        record(connection, Event("account:sign-in-failed", "", now, detail, user_id=caller.user.id))
    return refused
