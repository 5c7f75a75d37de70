"""How people get an account, and show that its mail reaches them.

Anybody may give any address; it counts for nothing until somebody opens the link that was mailed to it, and one account alone can
have it verified. So an address that is taken is answered like any other: its owner is told by mail, the stranger learns nothing,
and nobody can keep an address from its owner by being first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.tokens import digest
from trustpub.storage.accounts import add_user, find_user, owner_of_email, set_email, user_by_id
from trustpub.storage.events import Event, record
from trustpub.storage.links import add_link, find_link, use_link, void_links
from trustpub.usecases.accounts import tries
from trustpub.usecases.accounts.caller import present, standing
from trustpub.usecases.accounts.fields import LANGUAGES, email_problem, full_name_problem, password_problems, username_problem
from trustpub.usecases.accounts.new_sessions import begin
from trustpub.usecases.accounts.parts import FORGOT, JOIN, VERIFY
from trustpub.usecases.not_done import NotDone, not_done

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection
    from trustpub.storage.links import Link
    from trustpub.usecases.accounts.caller import Caller, NewSession
    from trustpub.usecases.accounts.parts import Parts

VERIFY_FOR = 86_400
JOIN_FOR = 7 * 86_400
"""Seconds for which the links are good."""

LINK_OVER = not_done(404, "link-over", "This link was used already, or its time is over. Ask for a new one.")
_TAKEN = not_done(409, "username-taken", "There is an account of this name already. Choose another one.", "username")
_CLOSED = not_done(403, "registration-closed", "This index takes no new accounts. Ask whoever runs it.")
_INVITED = not_done(403, "invitation-needed", "Accounts of this index are made by invitation. Ask an administrator for one.")


class Registration:
    """Making accounts, and verifying their addresses."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def register(self, form: Mapping[str, str], address: str, agent: str, invitation: str = "") -> NewSession | NotDone:
        """Make an account: `username`, `full_name`, `email`, `password`, `password_again`, `language`; signed in at once.

        An invitation's address counts as verified, and no other can be given with it.
        """
        parts, now = self._parts, self._parts.clock()
        refused = self._closed(invitation, now)
        if refused is None:
            form = _trimmed(form)
            refused = _form_problems(form) or self._early(form, address, now)
        if refused is not None:
            return refused
        with parts.hashing.turn() as ours:
            if not ours:
                return tries.BUSY
            hashed = parts.hashing.hash(form["password"], parts.random)
        cookie, secret = parts.secret(), parts.secret()

        def work(connection: Connection) -> NewSession | NotDone:
            if find_user(connection, form["username"]) is not None:
                return _TAKEN
            link = find_link(connection, digest(invitation), "join", now) if invitation else None
            if invitation and (link is None or link.email.lower() != form["email"].lower()):
                return LINK_OVER
            user = self._add(connection, form, hashed, link, now)
            if not user.email_verified:
                self.send_verification(connection, user, form["email"], address, secret, now)
            if link is not None:
                use_link(connection, link.id, now)
            record(connection, Event("account:registered", user.name, now, {"address": address}, user_id=user.id))
            tries.remember_address(connection, user.id, address, now)
            return begin(connection, cookie, user, "full", now, address, agent)

        return parts.write(work)

    def _closed(self, invitation: str, now: float) -> NotDone | None:
        """Whether nobody, or nobody without an invitation, may register."""
        rule = self._parts.settings.accounts.registration
        if rule == "closed":
            return _CLOSED
        if rule == "invited" and not invitation:
            return _INVITED
        if not invitation:
            return None
        found = self.invited(invitation)
        return found if isinstance(found, NotDone) else None

    def _early(self, form: Mapping[str, str], address: str, now: float) -> NotDone | None:
        """Refuse before a password is hashed: a name that is taken, and the many accounts of one network."""
        with self._parts.database.read() as connection:
            if find_user(connection, form["username"]) is not None:
                return _TAKEN
        tried = (f"register:{tries.network(address)}", tries.REGISTERING)
        return self._parts.write(lambda connection: tries.spend(connection, [tried], now))

    def _add(self, connection: Connection, form: Mapping[str, str], hashed: str, link: Link | None, now: float) -> User:
        owner = owner_of_email(connection, form["email"])
        return add_user(
            connection,
            form["username"],
            form["email"],
            now,
            password=hashed,
            full_name=form["full_name"],
            language=form["language"],
            verified=link is not None and owner is None,
        )

    def send_verification(self, connection: Connection, user: User, email: str, address: str, secret: str, now: float) -> None:
        """Mail a link that verifies `email`, or tell the account whose it is already; `address` is where that was asked for.

        The same work for both; and no reader gets more than a few of these mails, whoever causes them.
        """
        owner = owner_of_email(connection, email)
        allowed = tries.mail(connection, email, user.id if owner is None else owner.id, address, now) is None
        void_links(connection, "verify", user.id, now)
        if owner is None or owner.id == user.id:
            if allowed:
                self._parts.mail_link(connection, "verify", user, now, VERIFY_FOR, VERIFY, secret, to=email)
            return
        if allowed:
            self._parts.mail(connection, "taken", owner, now, other=user.name, link=self._parts.page(FORGOT))
        # Nobody gets this secret: the link is there so that the account looks as every other one does.
        add_link(connection, digest(secret), "verify", email, now, int(now) + VERIFY_FOR, user_id=user.id)

    def verify(self, secret: str) -> User | NotDone:
        """The secret of a verification link: its address is the account's own from now on. The old address is told of it."""
        parts, now = self._parts, self._parts.clock()

        def work(connection: Connection) -> User | NotDone:
            link = find_link(connection, digest(secret), "verify", now)
            user = user_by_id(connection, link.user_id) if link is not None and link.user_id is not None else None
            if link is None or user is None or not user.active or owner_of_email(connection, link.email) not in (None, user):
                return LINK_OVER
            use_link(connection, link.id, now)
            changed = link.email.lower() != user.email.lower()
            if changed:
                parts.tell_change(connection, "address", user, now)
            set_email(connection, user.id, link.email, now)
            kind = "account:email-changed" if changed else "account:email-verified"
            record(connection, Event(kind, user.name, now, {"email": link.email}, user_id=user.id))
            return user_by_id(connection, user.id) or LINK_OVER

        return parts.write(work)

    def resend(self, caller: Caller) -> NotDone | None:
        """Mail the verification link of the account's address again."""
        parts, now = self._parts, self._parts.clock()
        secret = parts.secret()

        def work(connection: Connection) -> NotDone | None:
            fresh = present(connection, caller, now)
            if isinstance(fresh, NotDone):
                return fresh
            if fresh.user.email_verified:
                return not_done(409, "already-verified", "The e-mail address is verified. There is nothing left to do.")
            refused = tries.spend(connection, [(f"verify:{fresh.user.id}", tries.VERIFYING)], now)
            if refused is None:
                self.send_verification(connection, fresh.user, fresh.user.email, caller.address, secret, now)
            return refused

        return parts.write(work)

    def invite(self, caller: Caller, email: str) -> NotDone | None:
        """Administrators: mail an invitation to make an account."""
        parts, now = self._parts, self._parts.clock()
        email, secret = email.strip(), parts.secret()
        problem = email_problem(email)
        if problem is not None:
            return NotDone(422, (problem,))

        def work(connection: Connection) -> NotDone | None:
            fresh = standing(connection, caller, now)
            if isinstance(fresh, NotDone):
                return fresh
            if not fresh.user.admin:
                return not_done(403, "not-admin", "Invitations are for those who run the index. Ask one of them.")
            refused = tries.spend(connection, [(f"invite:{fresh.user.id}", tries.INVITING)], now)
            if refused is not None:
                return refused
            add_link(connection, digest(secret), "join", email, now, int(now) + JOIN_FOR, by=fresh.user.name)
            parts.mail(connection, "join", fresh.user, now, to=email, link=parts.page(JOIN, secret))
            record(connection, Event("account:invited", fresh.user.name, now, {"email": email}, user_id=fresh.user.id))
            return None

        return parts.write(work)

    def invited(self, secret: str) -> str | NotDone:
        """The address that an invitation was mailed to, for the form."""
        with self._parts.database.read() as connection:
            link = find_link(connection, digest(secret), "join", self._parts.clock())
        return LINK_OVER if link is None else link.email


def _trimmed(form: Mapping[str, str]) -> dict[str, str]:
    """The fields without the blanks around them; passwords are left exactly as they were typed."""
    typed = {name: form.get(name, "").strip() for name in ("username", "full_name", "email", "language")}
    typed["language"] = typed["language"] if typed["language"] in LANGUAGES else ""
    return {**typed, "password": form.get("password", ""), "password_again": form.get("password_again", "")}


def _form_problems(form: Mapping[str, str]) -> NotDone | None:
    found = (username_problem(form["username"]), full_name_problem(form["full_name"]), email_problem(form["email"]))
    about = (form["username"], form["full_name"], form["email"], form["email"].partition("@")[0])
    problems = (*(each for each in found if each is not None), *password_problems(form, about))
    return NotDone(422, problems) if problems else None
