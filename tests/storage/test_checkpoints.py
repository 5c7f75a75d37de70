"""The write-ahead log is carried over beside the commits, and starts again when it is long."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from trustpub.storage.checkpoints import Checkpoints


@pytest.fixture
def writer(tmp_path: Path) -> sqlite3.Connection:
    """A connection with a log of its own that nothing carries over by itself."""
    connection = sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("CREATE TABLE t (x)")
    return connection


def write(connection: sqlite3.Connection, checkpoints: Checkpoints | None, commits: int) -> None:
    """Commit as the writer does, a page or two each, with the waits for the disk that real commits have."""
    for number in range(commits):
        if number % 10 == 0:
            time.sleep(0.002)
        connection.execute("INSERT INTO t VALUES (randomblob(3000))")
        if checkpoints is not None:
            checkpoints.committed(connection)


def test_a_constant_stream_of_commits_does_not_grow_the_log_for_ever(tmp_path: Path, writer: sqlite3.Connection) -> None:
    """Ten times as many pages are written as the log ever holds."""
    checkpoints = Checkpoints(tmp_path / "log.sqlite", commits=10, long_log=50)
    write(writer, checkpoints, 3000)
    checkpoints.close()
    written = writer.execute("SELECT count(*) FROM t").fetchone()[0]
    largest = (tmp_path / "log.sqlite-wal").stat().st_size
    writer.close()
    assert 3000 == written
    assert largest < 3000 * 4096 / 4


def test_without_checkpoints_the_log_holds_everything(tmp_path: Path, writer: sqlite3.Connection) -> None:
    """The measure of the test above: the same commits leave a log of at least their size."""
    write(writer, None, 1000)
    size = (tmp_path / "log.sqlite-wal").stat().st_size
    writer.close()
    assert size > 1000 * 4096


def test_closing_stops_the_thread_at_once(tmp_path: Path, writer: sqlite3.Connection) -> None:
    """Nobody waits for the clock when a server stops."""
    checkpoints = Checkpoints(tmp_path / "log.sqlite")
    checkpoints.close()
    writer.close()
    assert not checkpoints.running


def test_the_writer_carries_over_the_last_pages_of_a_long_log(tmp_path: Path, writer: sqlite3.Connection) -> None:
    """What was committed while the thread worked would keep the log from ever starting again."""
    checkpoints = Checkpoints(tmp_path / "log.sqlite", commits=1_000_000, long_log=1)
    other, reader = (sqlite3.connect(tmp_path / "log.sqlite", isolation_level=None) for _ in range(2))
    write(writer, None, 50)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM t").fetchone()
    write(writer, None, 5)
    checkpoints._checkpoint(other)  # as far as the reader's moment, like one that is overtaken by commits
    reader.close()
    before = (tmp_path / "log.sqlite-wal").stat().st_size
    checkpoints.committed(writer)
    write(writer, None, 20)
    after = (tmp_path / "log.sqlite-wal").stat().st_size
    checkpoints.close()
    other.close()
    writer.close()
    assert before == after
