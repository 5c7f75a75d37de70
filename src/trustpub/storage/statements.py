"""Statements that are written once as SQLAlchemy Core, compiled once a dialect, and run on the driver.

An exchange is a handful of statements inside the one writer thread, and SQLAlchemy's execution costs each of them five times
what SQLite does. So the hot ones are compiled to text when they are first used and handed to the driver's own `execute`. They
may hold only columns whose values both drivers take as they are: text, integers, floating point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from sqlalchemy.sql.compiler import SQLCompiler

from trustpub.errors import Broken

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Table
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql.elements import CompilerElement

Value: TypeAlias = str | int | float | None
"""What a column may hold here."""

Row: TypeAlias = tuple[Any, ...]
"""What a driver answers; the query function that asked gives it its types."""


class Cursor(Protocol):
    """What both drivers answer with."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""

    def fetchone(self) -> Row | None:
        """The next row, or None after the last."""

    def fetchall(self) -> list[Row]:
        """All rows that are left."""


class Driver(Protocol):
    """What `sqlite3.Connection` and `psycopg.Connection` have in common."""

    def execute(self, statement: str, parameters: Sequence[Value] | Mapping[str, Value] = ..., /) -> Cursor:
        """Run one statement."""


def driver(connection: Connection) -> Driver:
    """The driver's own connection below SQLAlchemy's."""
    below: Driver = connection.connection.driver_connection  # type: ignore[assignment]
    return below


class _Compiled(NamedTuple):
    text: str
    order: tuple[str, ...] | None
    """Names in the order of the driver's question marks; None when the driver takes names."""
    constants: Mapping[str, Value]


class Prepared:
    """One Core statement whose parameters are `bindparam`s, run on the driver without SQLAlchemy's execution machinery.

    With `unless_there` an insert that would break a unique key does nothing, and `rowcount` says so: both databases spell
    that the same way, SQLAlchemy has it once a dialect.
    """

    __slots__ = ("_by_dialect", "_ending", "_statement")

    def __init__(self, statement: CompilerElement, *, unless_there: bool = False) -> None:
        self._statement = statement
        self._ending = " ON CONFLICT DO NOTHING" if unless_there else ""
        self._by_dialect: dict[str, _Compiled] = {}

    def run(self, connection: Connection, /, **values: Value) -> Cursor:
        """Run it with these values; every parameter must be given."""
        dialect = connection.dialect
        compiled = self._by_dialect.get(dialect.name) or self._compile(dialect)
        if compiled.constants:
            values = {**compiled.constants, **values}
        if compiled.order is None:
            return driver(connection).execute(compiled.text, values)
        return driver(connection).execute(compiled.text, [values[name] for name in compiled.order])

    def one(self, connection: Connection, /, **values: Value) -> Row | None:
        """Run it and fetch the first row."""
        return self.run(connection, **values).fetchone()

    def sole(self, connection: Connection, /, **values: Value) -> Row:
        """Run it and fetch its one row, which it always has (an insert that returns its key)."""
        row = self.run(connection, **values).fetchone()
        if row is None:
            raise Broken("the database", why="a statement that always answers did not", next_step="Run `trustpub admin migrate`.")
        return row

    def all(self, connection: Connection, /, **values: Value) -> list[Row]:
        """Run it and fetch every row."""
        return self.run(connection, **values).fetchall()

    def _compile(self, dialect: Dialect) -> _Compiled:
        done = self._statement.compile(dialect=dialect)
        positions = done.positiontup if isinstance(done, SQLCompiler) and done.positional else None
        order = None if positions is None else tuple(positions)
        constants = {name: value for name, value in done.params.items() if value is not None}
        compiled = self._by_dialect[dialect.name] = _Compiled(str(done) + self._ending, order, constants)
        return compiled


_WAITING = "trustpub.waiting"
"""Where a connection keeps the rows that wait for the end of its transaction."""

ROWS = 64
"""Rows that one statement holds: as many as calls that share a commit."""


class Later:
    """An insert whose rows wait for the end of the transaction and are then written by one statement.

    Calls that share a commit write to the same few tables. Every statement gives Python's lock away and has to win it back from
    the thread that serves; so it matters less what a statement does than how many there are. Whoever reads such a table in the
    same transaction calls `write_waiting` first.
    """

    __slots__ = ("_names", "_table", "_texts")

    def __init__(self, table: Table, *names: str) -> None:
        self._table = table
        self._names = names
        self._texts: dict[tuple[str, int], str] = {}

    def add(self, connection: Connection, *row: Value) -> None:
        """Let a row wait; its values in the order of the names."""
        waiting: dict[Later, list[tuple[Value, ...]]] = connection.info.setdefault(_WAITING, {})
        waiting.setdefault(self, []).append(row)

    def waiting(self, connection: Connection) -> Sequence[tuple[Value, ...]]:
        """The rows that wait."""
        found: dict[Later, list[tuple[Value, ...]]] = connection.info.get(_WAITING, {})
        return found.get(self, ())

    def write(self, connection: Connection, rows: Sequence[tuple[Value, ...]]) -> None:
        """Write these rows now."""
        for start in range(0, len(rows), ROWS):
            some = rows[start : start + ROWS]
            text = self._texts.get((connection.dialect.name, len(some))) or self._text(connection.dialect, len(some))
            driver(connection).execute(text, [value for row in some for value in row])

    def _text(self, dialect: Dialect, count: int) -> str:
        quote = dialect.identifier_preparer.quote
        mark = "?" if dialect.paramstyle == "qmark" else "%s"
        row = f"({', '.join([mark] * len(self._names))})"
        into = f"{quote(self._table.name)} ({', '.join(map(quote, self._names))})"
        text = self._texts[dialect.name, count] = f"INSERT INTO {into} VALUES {', '.join([row] * count)}"  # noqa: S608 - our names
        return text


def write_waiting(connection: Connection) -> None:
    """Write every row that waits, table by table in the order in which they were first wanted."""
    waiting: dict[Later, list[tuple[Value, ...]]] | None = connection.info.get(_WAITING)
    if waiting:
        for later, rows in waiting.items():
            later.write(connection, rows)
        waiting.clear()


def drop_waiting(connection: Connection) -> None:
    """Forget every row that waits: what wanted them was undone."""
    connection.info.pop(_WAITING, None)
