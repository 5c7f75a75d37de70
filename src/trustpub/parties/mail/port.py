"""What the rest of the house knows about mail: give a letter, and it went, or it may go later, or it never will."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: plain text to one address. `id` makes its Message-ID, so that one that is sent twice is seen to be one."""

    id: str
    recipient: str
    subject: str
    body: str = field(repr=False)
    """May hold a link that is somebody's key."""
    at: float = 0.0
    """Seconds since the epoch, for its Date."""


class Post(Protocol):
    """Whoever takes mail."""

    def send(self, letter: Letter) -> None:
        """Hand a letter over. Raises `Unreachable` when it may go later, `Denied` when this letter never will."""
        ...
