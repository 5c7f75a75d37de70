"""How rules about the other two sides write lists, days and ages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

DAY = 86_400
"""Seconds."""
MOST_NAMES = 6
"""How many names a sentence lists before it counts the rest."""


def listed(words: Iterable[str], last: str = "and") -> str:
    """List words once each with `and` before the last; of many, the first few and how many more there are."""
    each = list(dict.fromkeys(words))
    if len(each) > MOST_NAMES:
        each = [*each[: MOST_NAMES - 1], f"{len(each) - MOST_NAMES + 1} more"]
    return f" {last} ".join(filter(None, (", ".join(each[:-1]), *each[-1:])))


def quoted(words: Iterable[str], last: str = "and") -> str:
    """List values in backticks."""
    return listed((f"`{word}`" for word in words), last)


def day(seconds: float) -> str:
    """Write a time as its day in UTC: `2026-11-22`."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def age(then: float, now: float) -> int:
    """Count the whole days from a time to now; never fewer than none."""
    return max(0, int((now - then) // DAY))


def midnight(written: str) -> float | None:
    """Read a day (`2026-11-22`) or a time in ISO's form as seconds since the epoch; None when it is neither."""
    from datetime import UTC, datetime

    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).timestamp()
