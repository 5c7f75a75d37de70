"""The one read that every page request makes: whether its copy is fresh.

It runs in the event loop's own thread on its own connection, so it must cost microseconds: no SQLAlchemy, no pool, no thread.
Each call is a read of its own and sees every commit that was acknowledged before it began, by whatever process.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_PROJECT = "SELECT serial, state FROM projects WHERE normalized = ?"
_INDEX = "SELECT value FROM counters WHERE name = 'index'"
_SERIAL = "SELECT value FROM counters WHERE name = 'serial'"


class Serials:
    """A connection that can only read, owned by the thread that calls it (one at a time; never two threads at once)."""

    __slots__ = ("_connection", "_execute")

    def __init__(self, path: Path, *, busy_timeout: float = 10.0) -> None:
        self._connection = sqlite3.connect(path, timeout=busy_timeout, isolation_level=None, check_same_thread=False)
        self._connection.execute("PRAGMA query_only = ON").close()
        self._execute = self._connection.execute

    def project(self, normalized: str) -> tuple[int, str] | None:
        """The project's serial and state; None when there is no such project."""
        row: tuple[int, str] | None = self._execute(_PROJECT, (normalized,)).fetchone()
        return row

    def index(self) -> int:
        """The serial at which a name last appeared in the index, or went."""
        return int(self._execute(_INDEX).fetchone()[0])

    def latest(self) -> int:
        """The serial of the last change to anything."""
        return int(self._execute(_SERIAL).fetchone()[0])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.close()
