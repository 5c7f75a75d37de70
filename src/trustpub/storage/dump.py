"""All rows of an index as plain values, out of one database and into another, of whichever kind.

Both kinds have the same tables, so what is written from the one can be read into the other: a backup is a move as well.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select, text

from trustpub.storage import tables
from trustpub.storage.tables import counters, events, filenames, files, metadata, projects, users

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Table

    from trustpub.domain.claims import JSON

PASSING = (tables.leases, tables.blob_uses, tables.blob_removals)
"""Tables about what is going on now: nobody has use for that later."""
BATCH = 500
"""Rows that are held at once."""


def table_names() -> tuple[str, ...]:
    """The tables that are kept, each behind those that its rows point to."""
    return tuple(table.name for table in metadata.sorted_tables if table not in PASSING)


def rows_of(connection: Connection, name: str) -> Iterator[Mapping[str, JSON]]:
    """Every row of a table by its key, column to value."""
    table = metadata.tables[name]
    asked = select(table).order_by(*table.primary_key.columns)
    names = [column.name for column in table.columns]
    for part in connection.execution_options(yield_per=BATCH).execute(asked).partitions():
        for row in part:
            yield dict(zip(names, row, strict=True))


def is_empty(connection: Connection) -> bool:
    """Whether nothing was ever done in this index: only then may other rows be put there."""
    telling = (users, projects, files, filenames, events)
    return all(connection.execute(select(table).limit(1)).first() is None for table in telling)


def put_rows(connection: Connection, name: str, rows: Iterable[Mapping[str, JSON]]) -> int:
    """Put these rows into a table in place of what is there, and say how many they were. Runs in a write."""
    table = metadata.tables[name]
    connection.execute(delete(table))
    left, count = iter(rows), 0
    while part := list(islice(left, BATCH)):
        connection.execute(insert(table), _whole(table, part))
        count += len(part)
    return count


def last_ids(connection: Connection) -> dict[str, int]:
    """The highest id that each table ever gave out, where it says so: some must never be given out again."""
    if connection.dialect.name == "postgresql":
        return {table.name: _last_of_sequence(connection, table) for table in _numbered(connection)}
    asked = text("SELECT name, seq FROM sqlite_sequence")
    return {str(row.name): int(row.seq) for row in connection.execute(asked) if row.name in metadata.tables}


def put_last_ids(connection: Connection, ids: Mapping[str, int]) -> None:
    """Go on counting where another database stopped, and never below an id that is there."""
    for table in _numbered(connection):
        here: int = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
        last = max(here, ids.get(table.name, 0))
        if last and connection.dialect.name == "postgresql":
            connection.execute(
                text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), {"name": table.name, "last": last}
            )
        elif last and table.dialect_options["sqlite"]["autoincrement"]:
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
            given = {"name": table.name, "last": last}
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), given)


def serial(connection: Connection) -> int:
    """The serial of the last change."""
    value: int = connection.execute(select(counters.c.value).where(counters.c.name == "serial")).scalar_one()
    return value


def _whole(table: Table, rows: Sequence[Mapping[str, JSON]]) -> list[dict[str, JSON]]:
    """Rows of the table's own columns alone, so that a file cannot name anything else."""
    names = {column.name for column in table.columns}
    for row in rows:
        if set(row) != names:
            raise ValueError(f"a row of `{table.name}` does not have the columns of this release")
    return [dict(row) for row in rows]


def _numbered(connection: Connection) -> Iterator[Table]:
    """Tables whose ids the database counts up itself."""
    for table in metadata.sorted_tables:
        if table in PASSING or "id" not in table.c:
            continue
        if connection.dialect.name != "postgresql" or _sequence(connection, table) is not None:
            yield table


def _sequence(connection: Connection, table: Table) -> str | None:
    found = connection.execute(text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": table.name}).scalar_one()
    return None if found is None else str(found)


def _last_of_sequence(connection: Connection, table: Table) -> int:
    asked = text("SELECT last_value FROM pg_sequences WHERE format('%I.%I', schemaname, sequencename) = :name")
    return int(connection.execute(asked, {"name": _sequence(connection, table)}).scalar_one_or_none() or 0)
