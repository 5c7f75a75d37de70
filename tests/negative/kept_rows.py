"""The rows of an index as they were at first: which tables a request changed, and how they are put back."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from sqlalchemy import Table, delete, insert, select

from trustpub.storage.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trustpub.storage.database import Connection, Database

NOTED = (("sessions", "seen"), ("api_tokens", "used_at"))
"""Columns that remember about when something was last used."""
UNCOUNTED = {"throttles", "events"}
"""Tables that a refusal may write: what is counted, and what is told to the owner."""
TABLES = metadata.sorted_tables
Row = tuple[object, ...]


def only_noted(table: Table, now: Sequence[Row], kept: Sequence[Row]) -> bool:
    """Whether nothing but the time of the last use is another one."""
    without = {number for number, column in enumerate(table.columns) if (table.name, column.name) in NOTED}
    pairs = zip(now, kept, strict=False)
    same = all(a == b for new, old in pairs for at, (a, b) in enumerate(zip(new, old, strict=True)) if at not in without)
    return bool(without) and same and len(now) == len(kept)


class FileRows:
    """Those of an embedded database, over a connection that waits for no disk."""

    def __init__(self, path: Path) -> None:
        self._file = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA synchronous=OFF")
        self._kept = {table.name: self._held(table) for table in TABLES}
        self._version = self._stamp()

    def query(self, query: str) -> list[Row]:
        """What the database answers."""
        return self._file.execute(query).fetchall()

    def changed(self) -> list[str]:
        """The tables that hold something else than at first, but for what is only counted; everything is put back."""
        if self._stamp() == self._version:
            return []
        found, noted = [], [*UNCOUNTED]
        self._file.execute("BEGIN IMMEDIATE")
        for table in reversed(TABLES):
            now = self._held(table)
            if now != self._kept[table.name]:
                found.append(table.name)
                noted += [table.name] if only_noted(table, now, self._kept[table.name]) else []
        self._file.execute("COMMIT")
        self._put_back(found)
        return [name for name in found if name not in noted]

    def close(self) -> None:
        """Close the connection."""
        self._file.close()

    def _held(self, table: Table) -> list[Row]:
        columns = ", ".join(column.name for column in table.columns)
        return self._file.execute(f"SELECT {columns} FROM {table.name}").fetchall()

    def _stamp(self) -> int:
        (version,) = self._file.execute("PRAGMA data_version").fetchone()
        return int(version)

    def _put_back(self, tables: list[str]) -> None:
        self._file.execute("PRAGMA foreign_keys=OFF")
        self._file.execute("BEGIN IMMEDIATE")
        for name in tables:
            self._file.execute(f"DELETE FROM {name}")
            columns = ", ".join(column.name for column in metadata.tables[name].columns)
            for row in self._kept[name]:
                self._file.execute(f"INSERT INTO {name} ({columns}) VALUES ({', '.join('?' * len(row))})", row)
        self._file.execute("COMMIT")
        self._version = self._stamp()


class ServerRows:
    """Those of a PostgreSQL database, which says itself what its tables hold: they come over only where that differs."""

    _PRINTS = " UNION ALL ".join(
        f"SELECT '{table.name}', md5(string_agg(each::text, '|' ORDER BY each::text)) FROM {table.name} each" for table in TABLES
    )

    def __init__(self, database: Database) -> None:
        self._database = database
        with database.read() as connection:
            self._kept = {table.name: self._held(connection, table) for table in TABLES}
        self._prints = self._fingerprints()
        self._version = self._stamp()

    def query(self, query: str) -> list[Row]:
        """What the database answers."""
        with self._database.read() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def changed(self) -> list[str]:
        """The tables that hold something else than at first, but for what is only counted; everything is put back."""
        if self._stamp() == self._version:
            return []
        prints = self._fingerprints()
        found = [table for table in TABLES if prints[table.name] != self._prints[table.name]]
        with self._database.read() as connection:
            noted = [each for each in found if only_noted(each, self._held(connection, each), self._kept[each.name])]
        if found:
            self._database.write(lambda connection: self._put_back(connection, found)).result(30)
        self._version = self._stamp()
        return [table.name for table in found if table not in noted and table.name not in UNCOUNTED]

    def close(self) -> None:
        """Nothing: the connections are the index's own."""

    def _held(self, connection: Connection, table: Table) -> list[Row]:
        return [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]

    def _fingerprints(self) -> dict[str, object]:
        return {str(name): told for name, told in self.query(self._PRINTS)}

    def _stamp(self) -> object:
        """Rises with every transaction that writes."""
        return self.query("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")

    def _put_back(self, connection: Connection, tables: Sequence[Table]) -> None:
        """With every row that refers to one of these: those rows go and come with what they refer to."""
        going = set(tables)
        for table in TABLES:
            going |= {table} if going & {key.column.table for key in table.foreign_keys} else set()
        for table in reversed(TABLES):
            if table in going:
                connection.execute(delete(table))
        for table in TABLES:
            rows = [dict(zip(table.columns.keys(), row, strict=True)) for row in self._kept[table.name]]
            if table in going and rows:
                connection.execute(insert(table), rows)
