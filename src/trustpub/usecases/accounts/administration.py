"""What administrators may do at accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage.accounts import all_users, set_active, user_by_id
from trustpub.storage.events import Event, record
from trustpub.storage.mails import waiting_mails
from trustpub.usecases.accounts.caller import standing
from trustpub.usecases.accounts.closing import close
from trustpub.usecases.accounts.operated import tell_operated
from trustpub.usecases.not_done import NotDone, not_done

if TYPE_CHECKING:
    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.accounts.parts import Parts

NOT_ADMIN = not_done(403, "not-admin", "This is for those who run the index. Ask one of them.")


class Administration:
    """Accounts, as those who run the index manage them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def users(self, caller: Caller) -> tuple[User, ...] | NotDone:
        """Every account by name."""
        with self._parts.database.read() as connection:
            refused = _refused(connection, caller, self._parts.clock())
            return refused or all_users(connection)

    def mails_waiting(self, caller: Caller) -> int | NotDone:
        """How many mails wait to be sent."""
        with self._parts.database.read() as connection:
            refused = _refused(connection, caller, self._parts.clock())
            return waiting_mails(connection) if refused is None else refused

    def set_active(self, caller: Caller, user_id: int, active: bool) -> NotDone | None:
        """Close or open an account. Closing ends what acts as its user (`closing.py`); opening brings none of that back."""
        now = self._parts.clock()

        def work(connection: Connection) -> NotDone | None:
            refused = _refused(connection, caller, now)
            if refused is not None:
                return refused
            user = user_by_id(connection, user_id)
            if user is None:
                return not_done(404, "not-found", "There is no such account. Look at the list again.")
            if user.id == caller.user.id:
                return not_done(409, "own-account", "This is your own account. Let another administrator do it.")
            if user.active is active:
                return None
            if not active:
                close(connection, user, caller.user.name, now)
                return None
            set_active(connection, user.id, active=True)
            record(connection, Event("account:opened", caller.user.name, now, {"user": user.name}, user_id=user.id))
            tell_operated(connection, user, "opened", now)
            return None

        return self._parts.write(work)


def _refused(connection: Connection, caller: Caller, now: float) -> NotDone | None:
    fresh = standing(connection, caller, now)
    if isinstance(fresh, NotDone):
        return fresh
    return None if fresh.user.admin else NOT_ADMIN
