"""What the tests of accounts share: one database for all of them, emptied before each, whose statements are compiled once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from tests import postgresql
from tests.usecases.accounts.people import People
from trustpub.storage.database import Database
from trustpub.storage.tables import metadata


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An embedded database with its tables."""
    with Database.open(tmp_path_factory.mktemp("accounts")) as database:
        yield database


@pytest.fixture(scope="session")
def server(pg_server: str) -> Iterator[Database]:
    """A database on a server with the same tables."""
    with postgresql.database(pg_server) as url, Database.open(None, url) as database:
        yield database


@pytest.fixture(params=["sqlite", pytest.param("server", marks=pytest.mark.pg)])
def database(request: pytest.FixtureRequest) -> Database:
    """A database with nothing in its tables but what every new one has."""
    opened: Database = request.getfixturevalue(request.param)

    def empty(connection: Connection) -> None:
        for table in reversed(metadata.sorted_tables):
            if table.name != "counters":
                connection.execute(table.delete())

    opened.write(empty).result(30)
    return opened


@pytest.fixture
def people(database: Database) -> People:
    """The accounts of a new index: registration is open, second factors are optional."""
    return People(database)


@pytest.fixture
def strict(database: Database) -> People:
    """The accounts of a new index that invites, and asks for second factors."""
    return People(database, registration="invited", second_factor="required")
