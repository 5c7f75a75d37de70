"""Forgotten, new and proven passwords.

A link for a new password goes to verified addresses alone: an address that nobody has shown to read may have changed hands. It
replaces the password and nothing else; second factors stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.tokens import digest
from trustpub.storage.accounts import owner_of_email, password_of, set_password, user_by_id
from trustpub.storage.events import Event, record
from trustpub.storage.links import add_link, find_link, use_link, void_links
from trustpub.storage.sessions import end_sessions, session_by_id
from trustpub.usecases.accounts import tries
from trustpub.usecases.accounts.caller import signed_in
from trustpub.usecases.accounts.fields import EMAIL, password_problems, plain
from trustpub.usecases.accounts.new_sessions import prove
from trustpub.usecases.accounts.parts import RESET
from trustpub.usecases.accounts.registration import LINK_OVER
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.passwords import LONGEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection
    from trustpub.storage.links import Link
    from trustpub.usecases.accounts.caller import Caller, NewSession
    from trustpub.usecases.accounts.parts import Parts

RESET_FOR = 3600
"""Seconds for which a link for a new password is good."""


class Passwords:
    """Forgotten, new and proven passwords."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def forgot(self, email: str, address: str) -> None:
        """Mail a link for a new password, if the address is an account's own; never says whether, and works the same.

        For an address that is nobody's a link is stored too, whose secret nobody gets.
        """
        parts, now = self._parts, self._parts.clock()
        email, secret = email.strip(), parts.secret()
        if not email or len(email) > EMAIL or not plain(email):
            return

        def work(connection: Connection) -> None:
            tried = [(f"forgot:network:{tries.network(address)}", tries.FORGETTING)]
            if tries.spend(connection, tried, now) is not None:
                return
            user = owner_of_email(connection, email)
            if tries.mail(connection, email, 0 if user is None else user.id, address, now) is not None:
                return
            if user is None or not user.active:
                void_links(connection, "reset", 0, now)
                add_link(connection, digest(secret), "reset", email, now, int(now) + RESET_FOR)
                return
            void_links(connection, "reset", user.id, now)
            parts.mail_link(connection, "reset", user, now, RESET_FOR, RESET, secret)
            record(connection, Event("account:password-forgotten", "", now, {"address": address}, user_id=user.id))

        parts.write(work)

    def reset_of(self, secret: str) -> NotDone | None:
        """Whether a link can still be used, for the form."""
        with self._parts.database.read() as connection:
            found = _resetting(connection, secret, self._parts.clock())
        return found if isinstance(found, NotDone) else None

    def reset(self, secret: str, form: Mapping[str, str], address: str = "") -> NotDone | None:
        """A new password by the link: `password`, `password_again`. Ends all sessions.

        Who has the link reads the account's mail, so the address they come from is one of the account's from now on: this is how
        an owner gets in whose account strangers keep busy.
        """
        parts, now = self._parts, self._parts.clock()
        with parts.database.read() as connection:
            found = _resetting(connection, secret, now)
        if isinstance(found, NotDone):
            return found
        problems = password_problems(form, _about(found[1]))
        if problems:
            return NotDone(422, problems)
        with parts.hashing.turn() as ours:
            if not ours:
                return tries.BUSY
            hashed = parts.hashing.hash(form["password"], parts.random)

        def work(connection: Connection) -> NotDone | None:
            found = _resetting(connection, secret, now)
            if isinstance(found, NotDone):
                return found
            link, user = found
            use_link(connection, link.id, now)
            self._set(connection, user, hashed, now)
            end_sessions(connection, user.id)
            if address:
                tries.remember_address(connection, user.id, address, now)
            record(connection, Event("account:password-reset", user.name, now, {"address": address}, user_id=user.id))
            return None

        return parts.write(work)

    def change(self, caller: Caller, form: Mapping[str, str]) -> NotDone | None:
        """A new password: `old_password`, `password`, `password_again`. Ends all other sessions."""
        parts, now = self._parts, self._parts.clock()
        problems = password_problems(form, _about(caller.user))
        if problems:
            return NotDone(422, problems)
        checked = self._check(caller, form.get("old_password", ""), "old_password", form["password"])
        if isinstance(checked, NotDone):
            return checked
        stored, hashed = checked

        def work(connection: Connection) -> NotDone | None:
            fresh = signed_in(connection, caller, now)
            if isinstance(fresh, NotDone):
                return fresh
            if password_of(connection, fresh.user.id) != stored:
                return _wrong("old_password")
            self._set(connection, fresh.user, hashed, now)
            end_sessions(connection, fresh.user.id, but=fresh.session_id)
            detail = {"address": caller.address}
            record(connection, Event("account:password-changed", fresh.user.name, now, detail, user_id=fresh.user.id))
            return None

        return parts.write(work)

    def prove(self, caller: Caller, form: Mapping[str, str]) -> NewSession | NotDone:
        """Prove who one is: `password`. The session gets a new cookie."""
        parts, now = self._parts, self._parts.clock()
        checked = self._check(caller, form.get("password", ""), "password")
        if isinstance(checked, NotDone):
            return checked
        stored, _ = checked
        cookie = parts.secret()

        def work(connection: Connection) -> NewSession | NotDone:
            fresh = signed_in(connection, caller, now)
            if isinstance(fresh, NotDone):
                return fresh
            if password_of(connection, fresh.user.id) != stored:
                return _wrong("password")
            session = session_by_id(connection, fresh.session_id)
            proven = None if session is None else prove(connection, cookie, fresh, session.expires, now)
            return proven or not_done(401, "sign-in-first", "This session is over. Sign in again.")

        return parts.write(work)

    def _check(self, caller: Caller, password: str, field: str, new: str = "") -> tuple[str | None, str] | NotDone:
        """Whether this is the caller's password, counted; its hash, and the hash of the new one, if there is one."""
        parts, now = self._parts, self._parts.clock()

        def tried(connection: Connection) -> tuple[str, str | None] | NotDone:
            fresh = signed_in(connection, caller, now)
            if isinstance(fresh, NotDone):
                return fresh
            key = f"prove:{fresh.user.id}:{fresh.session_id}"
            return tries.spend(connection, [(key, tries.ACCOUNT)], now) or (key, password_of(connection, fresh.user.id))

        before = parts.write(tried)
        if isinstance(before, NotDone):
            return before
        key, stored = before
        with parts.hashing.turn() as ours:
            if not ours:
                return tries.BUSY
            if not parts.hashing.matches(password if len(password) <= LONGEST else "", stored):
                return _wrong(field)
            hashed = parts.hashing.hash(new, parts.random) if new else ""
        parts.write(lambda connection: tries.give_back_all(connection, [(key, tries.ACCOUNT)]))
        return stored, hashed

    def _set(self, connection: Connection, user: User, hashed: str, now: float) -> None:
        set_password(connection, user.id, hashed)
        void_links(connection, "reset", user.id, now)
        self._parts.tell_change(connection, "password", user, now)


def _resetting(connection: Connection, secret: str, now: float) -> tuple[Link, User] | NotDone:
    """The link of a secret and whose it is: of an open account whose verified address it was mailed to, and still is."""
    link = find_link(connection, digest(secret), "reset", now)
    user = user_by_id(connection, link.user_id) if link is not None and link.user_id is not None else None
    if link is None or user is None or not user.active or not user.email_verified or user.email.lower() != link.email.lower():
        return LINK_OVER
    return link, user


def _about(user: User) -> tuple[str, ...]:
    return user.name, user.full_name, user.email, user.email.partition("@")[0]


def _wrong(field: str) -> NotDone:
    return not_done(401, "wrong-password", "This is not your password. Check it and try again.", field)
