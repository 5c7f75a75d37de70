"""Carrying the write-ahead log into the database file, beside the commits and never inside one."""

from __future__ import annotations

import logging
import sqlite3
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

EVERY = 5.0
"""Seconds after which what was committed is carried over, however little it is."""

COMMITS = 512
"""Commits after which nobody waits for the clock: about 20 MB of log."""

LONG_LOG = 16_384
"""Pages (64 MB) at which the log must start again from its beginning."""

_log = logging.getLogger(__name__)


class Checkpoints:
    """A thread with its own connection that checkpoints an SQLite database while others read and write.

    A passive checkpoint never makes anybody wait, but under a constant stream of commits it never reaches the end of the log
    either, and the log grows for ever. So when the log is long, the last few pages are carried over while `gate` keeps the
    writer between two batches: the next commit then starts the log again.
    """

    def __init__(self, path: Path, gate: threading.Lock) -> None:
        self._path = path
        self._gate = gate
        self._commits = 0
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="trustpub-checkpoints", daemon=True)
        self._thread.start()

    def committed(self) -> None:
        """Count a commit; called by the writer."""
        self._commits += 1
        if self._commits % COMMITS == 0:
            self._wake.set()

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
                if seen != done and not self._stopping:
                    self._checkpoint(connection)
                    done = seen
        finally:
            connection.close()

    def _checkpoint(self, connection: sqlite3.Connection) -> None:
        try:
            if _passive(connection) >= LONG_LOG:
                with self._gate:
                    _passive(connection)
        except sqlite3.Error as problem:
            # Nothing is lost: the log keeps every commit until a later checkpoint succeeds.
            _log.warning("the write-ahead log could not be carried over: %s", problem)


def _passive(connection: sqlite3.Connection) -> int:
    """Checkpoint what can be without waiting; the number of pages in the log."""
    row = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return int(row[1])
