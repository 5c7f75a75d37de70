"""The log of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.storage.events import Event
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.accounts.parts import Parts


class Log:
    """What happened in an account."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def of(self, caller: Caller, limit: int = 100) -> tuple[Event, ...]:
        """The newest events of the account first."""
        raise NotImplementedError
