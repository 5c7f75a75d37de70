"""What the tests of the storage ring share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from trustpub.storage.database import Database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A new database in a folder of its own."""
    with Database.open(tmp_path / "data") as opened:
        yield opened
