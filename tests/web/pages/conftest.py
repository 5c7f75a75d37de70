"""What the tests of pages share: an index that is open to everybody."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.pages.people import Index


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """A running index, open to everybody."""
    with Index(tmp_path) as running:
        yield running
