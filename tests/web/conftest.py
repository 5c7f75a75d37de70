"""What the tests of the web ring share: one running index each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import index_size, moto_server, pytest_generate_tests  # noqa: F401
from tests.web.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A running index, empty."""
    with Site(tmp_path) as running:
        yield running
