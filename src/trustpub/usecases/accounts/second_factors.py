"""The second factors of one person: turned on once they have shown to work, never taken away by a password alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustpub.domain.tokens import digest
from trustpub.parties.webauthn.port import Owner
from trustpub.storage import second_factors as stored
from trustpub.storage.events import Event, record
from trustpub.storage.sessions import challenge_of, end_sessions, set_challenge, take_challenge
from trustpub.usecases.accounts import tries
from trustpub.usecases.accounts.caller import standing
from trustpub.usecases.accounts.codes import (
    new_recovery_codes,
    new_totp_secret,
    normalized_recovery_code,
    qr_svg,
    recovery_digest,
    step_of,
    totp_uri,
)
from trustpub.usecases.accounts.fields import label_problem
from trustpub.usecases.accounts.second_step import ANSWER_WITHIN, KEY_REFUSED, NO_KEYS_HERE, OUT_OF_STEP, WRONG_CODE
from trustpub.usecases.not_done import NotDone, not_done

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.storage.database import Connection
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.accounts.parts import Parts

SHOWN_FOR = 900
"""Seconds in which the first code of a new authenticator has to come."""
MOST_KEYS = 20
_OFFER = "totp:"
"""What a new authenticator's secret stands behind while its session owes a code of it."""

_OFFER_OVER = not_done(409, "authenticator-over", "The time for this QR code is over. Start again with a new one.", "code")
_KEY_KNOWN = not_done(409, "key-known", "This security key is registered already. Use another one.", "key")
_LABEL_TAKEN = not_done(409, "label-taken", "You have a security key of this name already. Choose another one.", "label")
_LAST = not_done(
    409, "last-second-factor", "This index asks for a second factor, and this is the last one. Add another one first."
)
_NONE = not_done(409, "no-second-factor", "Recovery codes stand in for a second factor. Add one first.")
_NOTHING = not_done(404, "not-found", "You have no such second factor. Look at the list again.")


@dataclass(frozen=True, slots=True)
class TotpOffer:
    """A new authenticator secret, shown once: as text, as address for an app, and as a picture (inline SVG)."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    svg: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Key:
    """A security key as its owner sees it."""

    id: int
    label: str
    created: float
    used_at: float | None


@dataclass(frozen=True, slots=True)
class Factors:
    """What second factors somebody has, and how many recovery codes are left."""

    totp: bool
    keys: tuple[Key, ...]
    recovery_left: int


class SecondFactors:
    """The second factors of one person."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def listed(self, caller: Caller) -> Factors:
        """What second factors the caller has."""
        with self._parts.database.read() as connection:
            keys = tuple(Key(key.id, key.label, key.created, key.used_at) for key in stored.keys_of(connection, caller.user.id))
            totp = stored.totp_of(connection, caller.user.id) is not None
            return Factors(totp, keys, stored.recovery_codes_left(connection, caller.user.id))

    def begin_totp(self, caller: Caller) -> TotpOffer | NotDone:
        """A new authenticator secret, good once a code of it was given: until then the old one, if there is one, stays."""
        parts = self._parts
        secret = new_totp_secret(parts.random)

        def work(connection: Connection, fresh: Caller, now: float) -> None:
            set_challenge(connection, fresh.session_id, _OFFER + secret, int(now) + SHOWN_FOR)

        refused = self._change(caller, work)
        if refused is not None:
            return refused
        uri = totp_uri(secret, caller.user.name, parts.settings.name)
        return TotpOffer(secret, uri, qr_svg(uri))

    def confirm_totp(self, caller: Caller, code: str) -> NotDone | None:
        """Turn the authenticator on with its first code."""

        def work(connection: Connection, fresh: Caller, now: float) -> NotDone | None:
            refused = tries.spend(connection, [(f"confirm:{fresh.user.id}", tries.ACCOUNT)], now)
            offered = challenge_of(connection, fresh.session_id, now)
            if refused is not None or not offered.startswith(_OFFER):
                return refused or _OFFER_OVER
            secret = offered.removeprefix(_OFFER)
            step = step_of(secret, code, now)
            if step is None or abs(step.offset) > 1:
                return WRONG_CODE if step is None else OUT_OF_STEP
            take_challenge(connection, fresh.session_id, now)
            stored.set_totp(connection, fresh.user.id, secret, step.number, now)
            self._tell(connection, fresh, "totp-added", now)
            return None

        return self._change(caller, work)

    def remove_totp(self, caller: Caller) -> NotDone | None:
        """Turn the authenticator off. Ends all other sessions."""

        def work(connection: Connection, fresh: Caller, now: float) -> NotDone | None:
            if stored.totp_of(connection, fresh.user.id) is None:
                return _NOTHING
            if _is_last(connection, fresh) and fresh.factor_required:
                return _LAST
            stored.remove_totp(connection, fresh.user.id)
            self._removed(connection, fresh, "totp-removed", now)
            return None

        return self._change(caller, work)

    def begin_key(self, caller: Caller) -> str | NotDone:
        """What the browser asks a new security key, as JSON."""
        parts, user = self._parts, caller.user
        site, challenge = parts.site(), parts.secret()
        if site is None:
            return NO_KEYS_HERE
        others: list[str] = []

        def work(connection: Connection, fresh: Caller, now: float) -> None:
            others[:] = [key.credential for key in stored.keys_of(connection, fresh.user.id)]
            set_challenge(connection, fresh.session_id, challenge, int(now) + ANSWER_WITHIN)

        refused = self._change(caller, work)
        if refused is not None:
            return refused
        owner = Owner(bytes.fromhex(digest(f"{site.rp_id}:{user.id}:{user.created}")), user.name, user.full_name)
        return parts.keys.creation(site, owner, challenge, others)

    def add_key(self, caller: Caller, label: str, answer_json: str) -> NotDone | None:
        """Add the security key that answered."""
        parts, now = self._parts, self._parts.clock()
        site, label = parts.site(), label.strip()
        problem = label_problem(label, "invalid-label", "label")
        if site is None or problem is not None:
            return NO_KEYS_HERE if site is None else NotDone(422, (problem,) if problem else ())
        challenge = parts.write(lambda connection: take_challenge(connection, caller.session_id, now))
        made = parts.keys.created(site, challenge, answer_json) if challenge and not challenge.startswith(_OFFER) else None

        def work(connection: Connection, fresh: Caller, now: float) -> NotDone | None:
            mine = stored.keys_of(connection, fresh.user.id)
            if made is None or len(mine) >= MOST_KEYS:
                return KEY_REFUSED
            if stored.find_key(connection, made.credential) is not None:
                return _KEY_KNOWN
            if label in {key.label for key in mine}:
                return _LABEL_TAKEN
            stored.add_key(connection, fresh.user.id, made.credential, made.public_key, made.sign_count, label, now)
            self._tell(connection, fresh, "key-added", now, label=label)
            return None

        return self._change(caller, work)

    def remove_key(self, caller: Caller, key_id: int) -> NotDone | None:
        """Remove a security key. Ends all other sessions."""

        def work(connection: Connection, fresh: Caller, now: float) -> NotDone | None:
            found = next((key for key in stored.keys_of(connection, fresh.user.id) if key.id == key_id), None)
            if found is None:
                return _NOTHING
            if _is_last(connection, fresh) and fresh.factor_required:
                return _LAST
            stored.remove_key(connection, fresh.user.id, key_id)
            self._removed(connection, fresh, "key-removed", now, label=found.label)
            return None

        return self._change(caller, work)

    def new_recovery_codes(self, caller: Caller) -> tuple[str, ...] | NotDone:
        """Eight new codes, shown once; the old ones are void."""
        codes = new_recovery_codes(self._parts.random)

        def work(connection: Connection, fresh: Caller, now: float) -> NotDone | None:
            if not fresh.second_factor:
                return _NONE
            digests = [recovery_digest(fresh.user.id, normalized_recovery_code(code)) for code in codes]
            stored.set_recovery_codes(connection, fresh.user.id, digests)
            self._tell(connection, fresh, "recovery-codes", now)
            return None

        return self._change(caller, work) or codes

    def _change(self, caller: Caller, work: Callable[[Connection, Caller, float], NotDone | None]) -> NotDone | None:
        """Run a change for a caller who may make it: the way to a first factor cannot ask for one."""
        now = self._parts.clock()

        def checked(connection: Connection) -> NotDone | None:
            fresh = standing(connection, caller, now, factor=False)
            return fresh if isinstance(fresh, NotDone) else work(connection, fresh, now)

        return self._parts.write(checked)

    def _removed(self, connection: Connection, caller: Caller, what: str, now: float, **detail: str) -> None:
        if not stored.has_factor(connection, caller.user.id):
            stored.set_recovery_codes(connection, caller.user.id, ())
        end_sessions(connection, caller.user.id, but=caller.session_id)
        self._tell(connection, caller, what, now, **detail)

    def _tell(self, connection: Connection, caller: Caller, what: str, now: float, **detail: str) -> None:
        self._parts.tell_change(connection, what, caller.user, now, detail.get("label", ""))
        record(connection, Event(f"account:{what}", caller.user.name, now, detail, user_id=caller.user.id))


def _is_last(connection: Connection, caller: Caller) -> bool:
    totp = stored.totp_of(connection, caller.user.id) is not None
    return len(stored.keys_of(connection, caller.user.id)) + totp <= 1
