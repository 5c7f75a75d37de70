"""The one writer: calls that wait together share one commit, and nobody is answered before it.

A durable commit costs one wait for the disk however much it holds. So the writer takes all calls that wait (at most `BATCH`),
runs them in one transaction, commits, and only then resolves their futures. When one of them raises, the transaction is undone
and all run once more, each in a savepoint of its own: the one that raises is undone to its savepoint, the others go on. So
savepoints, which would cost every exchange a third of its statements, are paid for only when something is broken.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from trustpub.errors import Broken
from trustpub.storage.engine import in_transaction
from trustpub.storage.statements import driver, drop_waiting, write_waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from trustpub.storage.engine import Backend
    from trustpub.storage.statements import Driver

T = TypeVar("T")

BATCH = 64
"""Calls that share one commit at most: the last of them waits for the work of the others."""


class _Call(Generic[T]):
    """A function that wants to write, and the future that waits for its commit."""

    __slots__ = ("failure", "fn", "future", "result")

    def __init__(self, fn: Callable[[Connection], T]) -> None:
        self.fn = fn
        self.future: Future[T] = Future()
        self.result: T
        self.failure: BaseException | None = None

    def run(self, connection: Connection, *, whole: bool) -> bool:
        """Do the work and keep what came of it; whether it went well. May be called again after everything was undone.

        With `whole` its waiting rows are written too, so that what is wrong with them is found to be this call's.
        """
        self.failure = None
        try:
            self.result = self.fn(connection)
            if whole:
                write_waiting(connection)
        except BaseException as problem:  # noqa: BLE001 - whatever it is, it belongs to the one who waits for this future
            self.failure = problem
            return False
        return True

    def answer(self) -> None:
        """Resolve the future: the transaction is on the disk, or this call was undone."""
        if self.failure is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.failure)


class Writer:
    """A thread that owns the one writing connection.

    After each commit, when everybody has been answered, `committed` is called with the driver's connection.
    """

    def __init__(self, where: Backend, committed: Callable[[Driver], None]) -> None:
        self._where = where
        self._engine = where.writer()
        self._committed = committed
        self._waiting: SimpleQueue[_Call[Any] | None] = SimpleQueue()
        self._closing = threading.Lock()
        self._closed = False
        self._connection: Connection | None = self._engine.connect()
        self._thread = threading.Thread(target=self._run, name="trustpub-writer", daemon=True)
        self._thread.start()

    def submit(self, fn: Callable[[Connection], T]) -> Future[T]:
        """Run `fn` in a transaction; the future resolves after the commit. `fn` may neither commit nor keep the connection.

        It may run twice: its first run is undone when another call of the same commit raised.
        """
        call = _Call(fn)
        with self._closing:
            if self._closed:
                raise Broken("the database", why="it is closed")
            self._waiting.put(call)
        return call.future

    @property
    def waiting(self) -> int:
        """How many calls wait now."""
        return self._waiting.qsize()

    def close(self) -> None:
        """Commit everything that was submitted, then close the connection. Closing again does nothing."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next_batch():
            calls = [call for call in batch if call is not None and call.future.set_running_or_notify_cancel()]
            if calls:
                self._settle(calls)
            if batch[-1] is None:
                break
        self._hang_up()

    def _next_batch(self) -> list[_Call[Any] | None]:
        """Wait for a call, then take all that wait with it; None at the end says that no more will come."""
        batch = [self._waiting.get()]
        try:
            while batch[-1] is not None and len(batch) < BATCH:
                batch.append(self._waiting.get_nowait())
        except Empty:
            pass
        return batch

    def _settle(self, calls: list[_Call[Any]]) -> None:
        """Write the batch and answer everybody: each with its own outcome, or all with the failure of the commit."""
        try:
            below = self._write(calls)
        except BaseException as problem:  # noqa: BLE001 - the disk is full or broken: nothing of this batch may be acknowledged
            unreachable = self._where.trouble(problem)
            failure = unreachable or Broken("the database could not be written", why=str(problem) or type(problem).__name__)
            failure.__cause__ = problem
            # Begin anew: after a failed commit nobody knows what the old connection believes.
            self._hang_up()
            for call in calls:
                call.future.set_exception(unreachable or call.failure or failure)
            return
        for call in calls:
            call.answer()
        self._committed(below)

    def _write(self, calls: list[_Call[Any]]) -> Driver:
        """Do the calls' work and commit it; the connection that it went over."""
        connection = self._live()
        try:
            changed = self._work(connection, calls)
        except Exception:
            if not self._where.lost(driver(connection)):
                raise
            # Nobody has said COMMIT yet, so nothing happened. The server was started again, say: a new connection will do.
            self._hang_up()
            connection = self._live()
            changed = self._work(connection, calls)
        below = driver(connection)
        if changed:
            below.execute("COMMIT")
        return below

    def _work(self, connection: Connection, calls: list[_Call[Any]]) -> bool:
        """Everything but the commit; whether there is anything to commit."""
        below = driver(connection)
        alone = len(calls) == 1
        self._where.begin_write(below)
        if all(call.run(connection, whole=alone) for call in calls) and (alone or self._write_waiting(connection)):
            return True
        drop_waiting(connection)
        if in_transaction(below):
            below.execute("ROLLBACK")
        if not alone:
            self._where.begin_write(below)
            self._write_apart(connection, calls)
        return not alone

    def _write_waiting(self, connection: Connection) -> bool:
        """Write the rows that the calls left waiting; False when one of them cannot be."""
        try:
            write_waiting(connection)
        except Exception:  # noqa: BLE001 - whose row it was comes out when each call runs apart
            return False
        return True

    def _write_apart(self, connection: Connection, calls: list[_Call[Any]]) -> None:
        """Run each call in a savepoint, so that what one of them breaks is undone alone."""
        below = driver(connection)
        for call in calls:
            below.execute("SAVEPOINT one_call")
            if not call.run(connection, whole=True):
                drop_waiting(connection)
                # Raises when SQLite ended the transaction by itself (a full disk): then the calls before it are lost too.
                below.execute("ROLLBACK TO one_call")
            below.execute("RELEASE one_call")

    def _live(self) -> Connection:
        """The connection, made anew when the last one was given up."""
        if self._connection is None:
            self._connection = self._engine.connect()
        return self._connection

    def _hang_up(self) -> None:
        """Give the connection up; whatever was begun on it is undone by the database."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.invalidate()
                connection.close()
            except Exception:  # noqa: BLE001, S110 - it was broken already, and is not used again
                pass
