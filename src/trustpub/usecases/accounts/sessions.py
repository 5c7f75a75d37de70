"""Sessions, as their owner sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.storage.events import Event, record
from trustpub.storage.sessions import end_session, end_sessions, sessions_of
from trustpub.usecases.accounts.caller import IDLE, signed_in
from trustpub.usecases.not_done import NotDone, not_done

if TYPE_CHECKING:
    from trustpub.storage.database import Connection
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.accounts.parts import Parts


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session: when it began and was last used (about), from where and with what; `current` is the asker's own."""

    id: int
    created: float
    seen: float
    address: str
    agent: str
    current: bool


class Sessions:
    """The sessions of one person. To end one needs no proof: whoever finds a stranger in the list has to be quick."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def listed(self, caller: Caller) -> tuple[SessionRow, ...]:
        """The sessions of the caller, the newest use first; none while a second factor is owed."""
        if caller.level != "full":
            return ()
        now = self._parts.clock()
        with self._parts.database.read() as connection:
            return tuple(
                SessionRow(row.id, row.created, row.seen, row.address, row.agent, row.id == caller.session_id)
                for row in sessions_of(connection, caller.user.id, now, now - IDLE)
            )

    def end(self, caller: Caller, session_id: int) -> NotDone | None:
        """End one session."""
        now = self._parts.clock()

        def work(connection: Connection) -> NotDone | None:
            fresh = signed_in(connection, caller, now)
            if isinstance(fresh, NotDone):
                return fresh
            if not end_session(connection, session_id, fresh.user.id):
                return not_done(404, "not-found", "You have no such session. It may be over already.")
            record(connection, Event("account:session-ended", fresh.user.name, now, {}, user_id=fresh.user.id))
            return None

        return self._parts.write(work)

    def end_others(self, caller: Caller) -> NotDone | None:
        """End all sessions but this."""
        now = self._parts.clock()

        def work(connection: Connection) -> NotDone | None:
            fresh = signed_in(connection, caller, now)
            if isinstance(fresh, NotDone):
                return fresh
            ended = end_sessions(connection, fresh.user.id, but=fresh.session_id)
            record(connection, Event("account:sessions-ended", fresh.user.name, now, {"ended": ended}, user_id=fresh.user.id))
            return None

        return self._parts.write(work)
