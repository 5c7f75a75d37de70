"""What the tests of publishing share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.usecases.projects.town import Town, town


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Town]:
    """A new index."""
    with town(tmp_path) as opened:
        yield opened
