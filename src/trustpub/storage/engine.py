"""What differs between SQLite and PostgreSQL: opening, beginning, and knowing whether a transaction is still there."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, QueuePool

from trustpub.errors import BadInput
from trustpub.storage.serials import Serials

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trustpub.errors import TrustpubError
    from trustpub.storage.serial_batches import SerialBatches
    from trustpub.storage.statements import Driver

BUSY_TIMEOUT = 10_000
"""Milliseconds for which SQLite waits for another process's write before it gives up."""

READERS = 8
"""Read connections that are kept open."""


def embedded(data: Path) -> Path:
    """The file of the embedded database in a data folder."""
    return data / "index.sqlite"


class Backend(Protocol):
    """One kind of database and where this one is."""

    @property
    def path(self) -> Path | None:
        """The file of an embedded database; None for a server."""

    @property
    def kept(self) -> int:
        """Read connections that are kept open."""

    def writer(self) -> Engine:
        """An engine for the one connection that writes (and for migrations)."""

    def reader(self) -> Engine:
        """An engine for connections that read."""

    def begin_write(self, below: Driver) -> None:
        """Begin a transaction in which nobody else writes."""

    def begin_read(self, below: Driver) -> None:
        """Begin a transaction that sees one moment."""

    def lost(self, below: Driver) -> bool:
        """Whether this connection is of no more use."""

    def trouble(self, problem: BaseException) -> TrustpubError | None:
        """The error to raise when this database cannot be asked at all now; None for any other failure."""

    def serials(self) -> Serials | SerialBatches:
        """A reader of serials for one thread."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """An SQLite database in a file."""

    path: Path
    kept: int = READERS

    def writer(self) -> Engine:
        """An engine for the one connection that writes (and for migrations)."""
        return self._engine(_prepare_writing, poolclass=NullPool)

    def reader(self) -> Engine:
        """An engine for connections that cannot write, kept in a small pool."""
        return self._engine(_prepare_reading, poolclass=QueuePool, pool_size=READERS, max_overflow=32)

    def begin_write(self, below: Driver) -> None:
        """Take the write lock at once: a transaction that read first and asks for it later can be refused half way."""
        below.execute("BEGIN IMMEDIATE")

    def begin_read(self, below: Driver) -> None:
        """Begin a transaction that sees one moment."""
        below.execute("BEGIN")

    def lost(self, _below: Driver) -> bool:
        """Never: a file does not go away."""
        return False

    def trouble(self, _problem: BaseException) -> TrustpubError | None:
        """Never: whatever is wrong with a file is wrong with this machine."""
        return None

    def serials(self) -> Serials:
        """A reader of serials for one thread."""
        return Serials(self.path)

    def _engine(self, prepare: Callable[[sqlite3.Connection, object], None], **pool: Any) -> Engine:
        # Autocommit is the driver's: BEGIN and COMMIT are written by us, where they can be seen.
        url = make_url("sqlite://").set(database=str(self.path))
        engine = create_engine(url, isolation_level="AUTOCOMMIT", **pool)
        event.listen(engine, "connect", prepare)
        return engine


def backend(data: Path | None, url: str | None) -> Backend:
    """Say which database is meant: `url` when it is given, else the embedded one in the data folder.

    Raises `BadInput` for a URL of another kind of database.
    """
    if url is None:
        if data is None:
            raise BadInput("the database", why="neither a data folder nor a URL was given", next_step="Give `--data DIR`.")
        return Embedded(embedded(data))
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = make_url("other://")
    if parsed.drivername in ("postgresql", "postgres", "postgresql+psycopg"):
        from trustpub.storage.postgresql import Server

        return Server(parsed.set(drivername="postgresql+psycopg"))
    # The URL itself may hold a password, so it is never repeated.
    raise BadInput(
        "[index] database", why="not a PostgreSQL URL", next_step="Write `postgresql://USER@HOST/NAME`, or leave it out."
    )


def in_transaction(driver: object) -> bool:
    """Whether the driver's connection still has a transaction: SQLite ends it by itself when the disk is full or broken."""
    if isinstance(driver, sqlite3.Connection):
        return driver.in_transaction
    info: Any = driver
    return int(info.info.transaction_status) != 0


def _prepare_writing(connection: sqlite3.Connection, _record: object) -> None:
    _pragmas(
        connection,
        f"busy_timeout = {BUSY_TIMEOUT}",
        "journal_mode = WAL",
        # A commit is on the disk before it is answered.
        "synchronous = FULL",
        "foreign_keys = ON",
        # Checkpoints have their own thread: no commit pays for one.
        "wal_autocheckpoint = 0",
        "cache_size = -16384",
    )


def _prepare_reading(connection: sqlite3.Connection, _record: object) -> None:
    _pragmas(connection, f"busy_timeout = {BUSY_TIMEOUT}", "query_only = ON", "cache_size = -4096")


def _pragmas(connection: sqlite3.Connection, *settings: str) -> None:
    for setting in settings:
        connection.execute(f"PRAGMA {setting}").close()
