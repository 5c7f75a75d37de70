"""Carrying the write-ahead log into the database file, beside the commits and never inside one."""

from __future__ import annotations

import logging
import sqlite3
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from trustpub.storage.statements import Driver

EVERY = 5.0
"""Seconds after which what was committed is carried over, however little it is."""

COMMITS = 128
"""Commits after which nobody waits for the clock: a few megabytes of log."""

LONG_LOG = 2048
"""Pages (8 MB) at which the log must start again from its beginning.

A commit that overwrites the log waits for its own bytes only; one that makes the file longer also waits for the file system's
journal, which takes twice as long. So the log is kept short and used over and over.
"""

_log = logging.getLogger(__name__)


class Checkpoints:
    """A thread with its own connection that checkpoints an SQLite database while others read and write.

    A passive checkpoint never makes anybody wait, but under a constant stream of commits it never reaches the end of the log
    either, and the log grows for ever. So when the log is long, the thread does what it can and then asks the writer to carry
    over the last few pages between two commits: the next one starts the log again.
    """

    def __init__(self, path: Path, *, commits: int = COMMITS, long_log: int = LONG_LOG) -> None:
        self._path = path
        self._every = commits
        self._long_log = long_log
        self._commits = 0
        self._tail_wanted = False
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="trustpub-checkpoints", daemon=True)
        self._thread.start()

    def committed(self, writer: Driver) -> None:
        """Count a commit; called by the writer, with its connection, outside any transaction."""
        self._commits += 1
        if self._tail_wanted:
            self._passive(writer)
            self._tail_wanted = False
        if self._commits % self._every == 0:
            self._wake.set()

    @property
    def running(self) -> bool:
        """Whether the thread still works."""
        return self._thread.is_alive()

    def close(self) -> None:
        """Stop the thread; what is left in the log is carried over when the last connection closes."""
        self._stopping = True
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        done = 0
        try:
            while not self._stopping:
                self._wake.wait(EVERY)
                self._wake.clear()
                seen = self._commits
                if seen != done and not self._tail_wanted:
                    self._checkpoint(connection)
                    done = seen
        finally:
            connection.close()

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        if self._passive(connection) >= self._long_log:
            self._tail_wanted = True

    def _passive(self, connection: Driver) -> int:
        """Checkpoint what can be without waiting; the number of pages in the log."""
        try:
            row = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as problem:
            # Nothing is lost: the log keeps every commit until a later checkpoint succeeds.
            _log.warning("the write-ahead log could not be carried over: %s", problem)
            return 0
        return int(row[1]) if row else 0
