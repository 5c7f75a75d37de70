"""The database of one index: opened once a process, read by many, written by one."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Self, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError, OperationalError

from trustpub.errors import BadInput, Broken
from trustpub.storage import schema
from trustpub.storage.checkpoints import Checkpoints
from trustpub.storage.engine import Backend, backend
from trustpub.storage.statements import driver
from trustpub.storage.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future
    from pathlib import Path
    from types import TracebackType

    from trustpub.storage.serial_batches import SerialBatches
    from trustpub.storage.serials import Serials
    from trustpub.storage.statements import Driver

__all__ = ["Connection", "Database"]

T = TypeVar("T")


class Database:
    """One database and the threads that serve it. Make one with `Database.open`; close it, or use it in a `with`."""

    def __init__(self, where: Backend) -> None:
        self._where = where
        self._readers = where.reader()
        self._reading: list[Connection] = []
        self._closed = False
        self._checkpoints = Checkpoints(where.path) if where.path else None
        committed = self._checkpoints.committed if self._checkpoints else _nothing
        self._writer = Writer(where, committed)

    @classmethod
    def open(cls, data: Path | None, url: str | None = None, *, migrate: bool = True) -> Self:
        """Open the database at `url`, or the embedded one in the folder `data`, and bring it to this release's tables.

        The folder is made when it is not there. With `migrate=False` the tables are left as they are. Raises `BadInput` when the
        folder cannot be one, `Broken` when the database cannot be opened or written, or is a newer release's.
        """
        where = backend(data, url)
        if where.path:
            _make_folder(where.path.parent)
            _make_file(where.path)
        try:
            database = cls(where)
        except DatabaseError as problem:
            raise where.trouble(problem) or _unusable(problem) from problem
        try:
            if migrate:
                database.migrate()
        except BaseException:
            database.close()
            raise
        return database

    @property
    def path(self) -> Path | None:
        """The file of an embedded database; None for a server."""
        return self._where.path

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that cannot write and sees one moment: everything that was acknowledged before it began, nothing after."""
        connection = self._reader()
        below = driver(connection)  # SQLAlchemy's own execution would cost more than the questions that are asked here
        try:
            try:
                yield connection
            finally:
                below.execute("ROLLBACK")
                if connection.in_transaction():  # what SQLAlchemy began on its own account
                    connection.rollback()
        except BaseException as problem:
            trouble = self._where.trouble(problem) if self._where.lost(below) else None
            connection.close()
            if trouble is not None:
                raise trouble from problem
            raise
        self._give_back(connection)

    def _reader(self) -> Connection:
        """A read connection whose transaction has begun: a kept one, or a new one when there is none that still works."""
        while True:
            try:
                connection = self._reading.pop()
            except IndexError:
                break
            try:
                self._where.begin_read(driver(connection))
            except Exception:
                lost = self._where.lost(driver(connection))
                _drop(connection)
                if not lost:
                    raise
            else:
                return connection
        try:
            connection = self._readers.connect()
            self._where.begin_read(driver(connection))
        except Exception as problem:
            trouble = self._where.trouble(problem)
            if trouble is None:
                raise
            raise trouble from problem
        return connection

    def _give_back(self, connection: Connection) -> None:
        """Keep a connection for the next reader: SQLAlchemy's own pool costs more than the questions that are asked here."""
        if self._closed or len(self._reading) >= self._where.kept:
            connection.close()
        else:
            self._reading.append(connection)

    def write(self, fn: Callable[[Connection], T]) -> Future[T]:
        """Run `fn` in a transaction; the future has its result after the commit, or its exception after it was undone.

        Calls that wait together share one commit, and none of them suffers for another. `fn` runs in the writer's thread: it
        must be quick and wait for nothing. It may run twice (the first run undone), so beside the transaction it may do only what
        can be done again. A commit that fails fails all calls that shared it, with `Broken`.
        """
        return self._writer.submit(fn)

    @property
    def waiting(self) -> int:
        """How many writes wait now."""
        return self._writer.waiting

    def migrate(self) -> str | None:
        """Bring the tables to this release's, all or nothing; the revision they were at before, None for a new database."""
        try:
            return self.write(schema.upgrade).result()
        except DatabaseError as problem:
            raise _unusable(problem) from problem

    def revision(self) -> str | None:
        """The revision of the tables; None for a new database."""
        with self.read() as connection:
            return schema.revision_of(connection)

    def problems(self) -> tuple[str, ...]:
        """What the database finds wrong with its own structure; nothing for a server, which watches over itself."""
        if self.path is None:
            return ()
        with self.read() as connection:
            said = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check") if row[0] != "ok"]
            broken = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
        return (*said, *(f"a row of `{table}` points to nothing" for table in broken))

    def serials(self) -> Serials | SerialBatches:
        """A reader of serials for one thread, which closes it. A server's answers are futures of the loop that runs there."""
        return self._where.serials()

    def close(self) -> None:
        """Commit what was submitted, then close everything. Closing again does nothing."""
        self._writer.close()
        if self._checkpoints:
            self._checkpoints.close()
        self._closed = True
        while self._reading:
            self._reading.pop().close()
        self._readers.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.close()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise BadInput(f"data folder `{folder}`", why="a regular file is in the way", next_step="Name a folder.") from None
    except OSError as problem:
        raise BadInput(
            f"data folder `{folder}`", why=problem.strerror or str(problem), next_step="Name a folder you own."
        ) from problem


def _make_file(path: Path) -> None:
    """Make the file of a new database for its owner alone, and refuse one that this user cannot write.

    It holds the secrets of second factors, and its folder may be one that others made and can read. SQLite would open a file
    that it cannot write all the same, and fail at the first write. An existing file is looked at and not opened: to close it
    would end the locks that this process holds on it.
    """
    step = "Run this as the user who owns the data folder."
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if not (os.access(path, os.R_OK | os.W_OK) and os.access(path.parent, os.W_OK | os.X_OK)):
            raise Broken(f"the database `{path}`", why="this user may not write it", next_step=step) from None
    except OSError as problem:
        raise Broken(f"the database `{path}`", why=(problem.strerror or str(problem)).lower(), next_step=step) from problem


def _unusable(problem: DatabaseError) -> Broken:
    why = str(problem.orig) if isinstance(problem, OperationalError) else "it is not a database, or a damaged one"
    return Broken("the database cannot be opened", why=why, next_step="Give the data folder of an index, or an empty one.")


def _drop(connection: Connection) -> None:
    """Close a connection that ended by itself, without asking it anything more."""
    with suppress(DatabaseError):
        connection.invalidate()
        connection.close()


def _nothing(_: Driver) -> None:
    """Count nothing: a database server keeps its own log."""
