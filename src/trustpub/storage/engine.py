"""What differs between SQLite and PostgreSQL: opening, beginning, and knowing whether a transaction is still there."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool, QueuePool

from trustpub.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import URL

BUSY_TIMEOUT = 10_000
"""Milliseconds for which SQLite waits for another process's write before it gives up."""

READERS = 8
"""Read connections that are kept open."""


def embedded(data: Path) -> Path:
    """The file of the embedded database in a data folder."""
    return data / "index.sqlite"


@dataclass(frozen=True, slots=True)
class Backend:
    """One kind of database and where this one is. `path` is the file of an embedded database, None for a server."""

    url: URL
    path: Path | None

    @property
    def begin(self) -> str:
        """The statement that begins a write.

        SQLite takes the write lock at once: a transaction that read first and asks for the lock later can be refused half way.
        """
        return "BEGIN IMMEDIATE" if self.path else "BEGIN"

    def writer(self) -> Engine:
        """An engine for the one connection that writes (and for migrations)."""
        return self._engine(writing=True)

    def reader(self) -> Engine:
        """An engine for connections that cannot write, kept in a small pool."""
        return self._engine(writing=False)

    def _engine(self, *, writing: bool) -> Engine:
        pool: dict[str, Any] = (
            {"poolclass": NullPool} if writing else {"poolclass": QueuePool, "pool_size": READERS, "max_overflow": 32}
        )
        # Autocommit is the driver's: BEGIN and COMMIT are written by us, where they can be seen.
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT", **pool)
        if self.path:
            event.listen(engine, "connect", _prepare_writing if writing else _prepare_reading)
        return engine


def backend(data: Path | None, url: str | None) -> Backend:
    """Say which database is meant: `url` when it is given, else the embedded one in the data folder.

    Raises `BadInput` for a URL of another kind of database.
    """
    if url is None:
        if data is None:
            raise BadInput("the database", why="neither a data folder nor a URL was given", next_step="Give `--data DIR`.")
        path = embedded(data)
        return Backend(make_url("sqlite://").set(database=str(path)), path)
    try:
        parsed = make_url(url)
        name = parsed.get_backend_name()
        parsed.get_dialect()
    except (ArgumentError, NoSuchModuleError):
        name = "other"
    if name == "postgresql":
        return Backend(parsed, None)
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
