"""The one read that every page request makes, on a database server: many questions in one statement, one statement at a time.

A question waits for the first statement that *started* after it came, so an answer is never older than its question: whatever was
acknowledged before, by whatever process, is in it. While a statement is under way the next one collects who comes; the more there
are, the less each of them costs.

It runs in the event loop's own thread, below psycopg's cursors: libpq sends without waiting, and the loop says when the answer is
here. So there is no thread to change to, and no pool to wait for.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, TypeAlias

from trustpub.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from psycopg import Connection
    from psycopg.pq.abc import PGconn, PGresult

SerialAndState: TypeAlias = "tuple[int, str]"
Answer: TypeAlias = "asyncio.Future[SerialAndState | None]"

PATIENCE = 5.0
"""Seconds that a statement may take before its connection is given up."""
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,250}[a-z0-9])?", re.ASCII)
"""What a normalized name looks like. Nothing else is asked about, so an array of names needs no quoting."""
_INDEX = '""'
"""Stands for the list of names: the empty text, as an array holds it."""
_PREPARED = b"trustpub_serials"
_STATEMENT = b"""
SELECT normalized, serial, state FROM projects WHERE normalized = ANY($1::text[])
UNION ALL
SELECT '""', value, '' FROM counters WHERE name = 'index' AND '' = ANY($1::text[])
"""


class SerialBatches:
    """Asks a PostgreSQL server for serials, for the loop it is made in. `connect` opens a connection, and may wait for it."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._loop = asyncio.get_running_loop()
        self._connection: Connection | None = None
        self._socket = -1
        self._waiting: dict[str, list[Answer]] = {}
        self._working: asyncio.Task[None] | None = None
        self._arrived: asyncio.Future[list[PGresult]] | None = None
        self._results: list[PGresult] = []

    def project(self, normalized: str) -> Answer | None:
        """The project's serial and state, or None when there is none. Raises `Unreachable` where it is awaited."""
        return self._ask(normalized) if _NAME.fullmatch(normalized) else None

    def index(self) -> asyncio.Future[int]:
        """The serial at which a name last appeared in the index, or went."""
        return asyncio.ensure_future(self._index())

    def close(self) -> None:
        """Close the connection; who still waits gets no answer any more."""
        if self._working is not None:
            self._working.cancel()
        self._hang_up()

    async def _index(self) -> int:
        row = await self._ask(_INDEX)
        if row is None:
            raise Unreachable("the database", why="it does not know the serial of its names")
        return row[0]

    def _ask(self, name: str) -> Answer:
        answer: Answer = self._loop.create_future()
        self._waiting.setdefault(name, []).append(answer)
        if self._working is None:
            self._working = self._loop.create_task(self._work())  # begins at the end of this turn: who asks in it comes along
        return answer

    async def _work(self) -> None:
        """Ask the server for everybody who waits, again and again until nobody does."""
        while self._waiting:
            asked, self._waiting = self._waiting, {}
            try:
                outcome: Mapping[str, SerialAndState] | Exception = await self._outcome(asked)
            except Exception as problem:  # noqa: BLE001 - it belongs to all who wait for this statement
                outcome = problem
                self._hang_up()
            for name, answers in asked.items():
                for answer in answers:
                    if answer.done():
                        continue  # nobody waits any more
                    if isinstance(outcome, Exception):
                        answer.set_exception(outcome)
                    else:
                        answer.set_result(outcome.get(name))
        self._working = None

    async def _outcome(self, names: Collection[str]) -> Mapping[str, SerialAndState] | Unreachable:
        """The rows of these names, or why there are none. A connection from before may be dead: then a new one is tried."""
        from psycopg import Error

        why = "it took too long to answer"
        for _ in range(1 if self._connection is None else 2):
            try:
                pgconn = (self._connection or await self._connected()).pgconn
                async with asyncio.timeout(PATIENCE):
                    return await self._rows(pgconn, names)
            except TimeoutError:
                self._hang_up()
                break
            except Error as problem:
                self._hang_up()
                why = type(problem).__name__
        return Unreachable("the database", why=why, next_step="Try again in a moment")

    async def _rows(self, pgconn: PGconn, names: Collection[str]) -> Mapping[str, SerialAndState]:
        self._arrived = self._loop.create_future()
        pgconn.send_query_prepared(_PREPARED, [("{" + ",".join(names) + "}").encode()])
        while pgconn.flush():
            await self._writable()
        (result,) = await self._arrived
        return {_text(result, row, 0): (int(_text(result, row, 1)), _text(result, row, 2)) for row in range(result.ntuples)}

    async def _writable(self) -> None:
        """Wait until the socket takes more."""
        taken: asyncio.Future[None] = self._loop.create_future()
        self._loop.add_writer(self._socket, taken.set_result, None)
        try:
            await taken
        finally:
            self._loop.remove_writer(self._socket)

    async def _connected(self) -> Connection:
        """A new connection that knows the statement and tells the loop when there is something to read."""
        connection = self._connection = await asyncio.to_thread(self._prepared)
        self._socket = connection.pgconn.socket  # it is not told any more when the connection is broken
        self._loop.add_reader(self._socket, self._readable, connection.pgconn)
        return connection

    def _prepared(self) -> Connection:
        connection = self._connect()
        _good(connection.pgconn.exec_(b"SET enable_seqscan = off"))  # the plan is made once, perhaps for an empty table
        _good(connection.pgconn.prepare(_PREPARED, _STATEMENT))
        connection.pgconn.nonblocking = 1
        return connection

    def _readable(self, pgconn: PGconn) -> None:
        """Read what came; a whole answer goes to who waits for it. A connection that ended is found out here too."""
        from psycopg import Error

        arrived = self._arrived
        try:
            pgconn.consume_input()
            while not pgconn.is_busy():
                result = pgconn.get_result()
                if result is None:
                    break
                self._results.append(_good(result))
            else:
                return
        except Error as problem:
            if arrived is None or arrived.done():
                self._hang_up()  # between two statements: the next one gets a new connection
            else:
                arrived.set_exception(problem)
            return
        results, self._results = self._results, []
        if arrived is not None and not arrived.done() and results:
            arrived.set_result(results)

    def _hang_up(self) -> None:
        connection, self._connection, self._arrived, self._results = self._connection, None, None, []
        if connection is not None:
            self._loop.remove_reader(self._socket)
            connection.close()


def _text(result: PGresult, row: int, column: int) -> str:
    return (result.get_value(row, column) or b"").decode()


def _good(result: PGresult) -> PGresult:
    """The result, unless it is an error."""
    from psycopg import OperationalError
    from psycopg.pq import ExecStatus

    if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
        raise OperationalError(result.error_message.decode(errors="replace"))
    return result
