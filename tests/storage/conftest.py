"""What the tests of the storage ring share: a new database of either kind, and a new store of blobs of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from trustpub.storage.database import Database

PG = pytest.param("postgresql", marks=pytest.mark.pg)
BOTH = ["sqlite", PG]


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Database]:
    """A new database in a folder of its own."""
    with Database.open(tmp_path / "data") as opened:
        yield opened


@pytest.fixture
def database(embedded: Database) -> Database:
    """The database of a test that says nothing about which; a module may choose another."""
    return embedded


@pytest.fixture(params=BOTH)
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A new database: embedded, and again on a server where the run has one."""
    url = None if request.param == "sqlite" else request.getfixturevalue("pg_url")
    with Database.open(tmp_path / "data", url) as opened:
        yield opened
