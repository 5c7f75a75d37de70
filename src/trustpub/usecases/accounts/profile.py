"""What a person says of themselves: their name, their language, and an address that counts once it is verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage.accounts import set_profile
from trustpub.storage.events import Event, record
from trustpub.usecases.accounts import tries
from trustpub.usecases.accounts.caller import signed_in, standing
from trustpub.usecases.accounts.fields import LANGUAGES, email_problem, full_name_problem
from trustpub.usecases.accounts.parts import SECURITY
from trustpub.usecases.accounts.registration import Registration
from trustpub.usecases.not_done import NotDone, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.storage.database import Connection
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.accounts.parts import Parts


class Profile:
    """Name, language and address of one person."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._registration = Registration(parts)

    def change(self, caller: Caller, form: Mapping[str, str]) -> NotDone | None:
        """Change `full_name`, `language`, `email`: those that are given. A new address counts once it is verified.

        The old address is told, if it was verified. To change the address needs proof of who one is, and a second factor from
        whoever has one; never a verified address: the one that was given first may have been mistyped.
        """
        parts, now = self._parts, self._parts.clock()
        typed = {name: form[name].strip() for name in ("full_name", "language", "email") if name in form}
        problems = _problems(typed)
        if problems:
            return NotDone(422, problems)
        secret = parts.secret()

        def work(connection: Connection) -> NotDone | None:
            fresh = signed_in(connection, caller, now)
            if isinstance(fresh, NotDone):
                return fresh
            if typed.get("email", fresh.user.email) != fresh.user.email:
                refused = self._new_address(connection, fresh, typed["email"], secret, now)
                if refused is not None:
                    return refused
            user = fresh.user
            changed = {name: typed.get(name, old) for name, old in (("full_name", user.full_name), ("language", user.language))}
            if changed != {"full_name": user.full_name, "language": user.language}:
                set_profile(connection, user.id, changed["full_name"], changed["language"])
                record(connection, Event("account:profile-changed", user.name, now, {**changed}, user_id=user.id))
            return None

        return parts.write(work)

    def _new_address(self, connection: Connection, caller: Caller, email: str, secret: str, now: float) -> NotDone | None:
        refused = standing(connection, caller, now, verified=False, factor=caller.user.email_verified)
        if isinstance(refused, NotDone):
            return refused
        spent = tries.spend(connection, [(f"verify:{caller.user.id}", tries.VERIFYING)], now)
        if spent is not None:
            return spent
        user, parts = caller.user, self._parts
        if user.email_verified:
            parts.mail(connection, "address-changing", user, now, link=parts.page(SECURITY))
        self._registration.send_verification(connection, user, email, caller.address, secret, now)
        record(connection, Event("account:email-change-asked", user.name, now, {"email": email}, user_id=user.id))
        return None


def _problems(typed: Mapping[str, str]) -> tuple[Problem, ...]:
    found = [
        full_name_problem(typed["full_name"]) if "full_name" in typed else None,
        email_problem(typed["email"]) if "email" in typed else None,
    ]
    if typed.get("language", "") not in LANGUAGES:
        found.append(Problem("invalid-language", "Choose one of the languages of these pages.", "language"))
    return tuple(each for each in found if each is not None)
