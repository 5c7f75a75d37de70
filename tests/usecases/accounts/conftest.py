"""What the tests of accounts share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.usecases.accounts.people import People
from trustpub.storage.database import Database
from trustpub.storage.engine import embedded


@pytest.fixture(scope="session")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables and nothing in them."""
    data = tmp_path_factory.mktemp("laid")
    Database.open(data).close()
    return data


@pytest.fixture
def database(laid: Path, tmp_path: Path) -> Iterator[Database]:
    """A new index's database."""
    shutil.copy(embedded(laid), embedded(tmp_path))
    with Database.open(tmp_path, migrate=False) as opened:
        yield opened


@pytest.fixture
def people(database: Database) -> People:
    """The accounts of a new index: registration is open, second factors are optional."""
    return People(database)


@pytest.fixture
def strict(database: Database) -> People:
    """The accounts of a new index that invites, and asks for second factors."""
    return People(database, registration="invited", second_factor="required")
