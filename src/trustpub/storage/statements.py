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

    from sqlalchemy import Connection
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
