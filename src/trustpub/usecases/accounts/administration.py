"""What administrators may do at accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage.accounts import all_users, revoke_api_tokens, set_active, user_by_id
from trustpub.storage.events import Event, record
from trustpub.storage.links import void_links
from trustpub.storage.mails import waiting_mails
from trustpub.storage.sessions import end_sessions
from trustpub.usecases.accounts.caller import standing
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
        """Close or open an account. Closing ends its sessions and links, and revokes its tokens; opening brings none back."""
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
            detail = self._close(connection, user, now) if not active else {}
            set_active(connection, user.id, active)
            kind = "account:opened" if active else "account:closed"
            tell_operated(connection, user, kind.partition(":")[2], now)
            record(connection, Event(kind, caller.user.name, now, {"user": user.name, **detail}, user_id=user.id))
            return None

        return self._parts.write(work)

    def _close(self, connection: Connection, user: User, now: float) -> dict[str, int]:
        void_links(connection, "reset", user.id, now)
        void_links(connection, "verify", user.id, now)
        return {
            "sessions": end_sessions(connection, user.id),
            "api_tokens": revoke_api_tokens(connection, user.id, now),
        }


def _refused(connection: Connection, caller: Caller, now: float) -> NotDone | None:
    fresh = standing(connection, caller, now)
    if isinstance(fresh, NotDone):
        return fresh
    return None if fresh.user.admin else NOT_ADMIN
