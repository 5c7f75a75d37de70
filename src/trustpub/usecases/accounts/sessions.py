"""Sessions, as their owner sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.accounts.parts import Parts
    from trustpub.usecases.not_done import NotDone


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
    """The sessions of one person."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def listed(self, caller: Caller) -> tuple[SessionRow, ...]:
        """The sessions of the caller, the newest use first."""
        raise NotImplementedError

    def end(self, caller: Caller, session_id: int) -> NotDone | None:
        """End one session."""
        raise NotImplementedError

    def end_others(self, caller: Caller) -> NotDone | None:
        """End all sessions but this."""
        raise NotImplementedError
