"""The log of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage.events import events_of

if TYPE_CHECKING:
    from trustpub.storage.events import Event
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.accounts.parts import Parts


class Log:
    """What happened in an account, for its owner."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def of(self, caller: Caller, limit: int = 100) -> tuple[Event, ...]:
        """The newest events of the account first; none while a second factor is owed."""
        if caller.level != "full":
            return ()
        with self._parts.database.read() as connection:
            return events_of(connection, user_id=caller.user.id, limit=limit)
