"""The same tables and statements are PostgreSQL too, as far as that can be said without a server."""

from __future__ import annotations

import pytest
from sqlalchemy import Table, make_url
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from trustpub.storage import accounts, events, files, projects, publishers, tables, tokens
from trustpub.storage.statements import Prepared


def dialect() -> Dialect:
    """What `postgresql://...` URLs speak, without its driver being here."""
    chosen: Dialect = make_url("postgresql+psycopg://").get_dialect()()
    return chosen


STATEMENTS = [
    (f"{module.__name__.rpartition('.')[2]}.{name}", value)
    for module in (accounts, events, files, projects, publishers, tokens)
    for name, value in vars(module).items()
    if isinstance(value, Prepared)
]


@pytest.mark.parametrize(("name", "prepared"), STATEMENTS, ids=[name for name, _ in STATEMENTS])
def test_every_hot_statement_can_be_said(name: str, prepared: Prepared) -> None:
    """The driver takes named parameters, and every parameter has a name that a caller gives, or a constant."""
    compiled = prepared._compile(dialect())
    assert compiled.order is None
    assert all(value is not None for value in compiled.constants.values())
    assert "?" not in compiled.text


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=str)
def test_every_table_can_be_made(table: Table) -> None:
    """Ids count themselves up and take 64 bits; nothing that only SQLite knows is left in."""
    made = str(CreateTable(table).compile(dialect=dialect()))
    for index in table.indexes:
        assert str(CreateIndex(index).compile(dialect=dialect())).startswith("CREATE INDEX")
    if "id" in table.c:
        assert "id BIGSERIAL NOT NULL" in made
    assert "ROWID" not in made
    assert "AUTOINCREMENT" not in made
