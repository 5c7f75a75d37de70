"""One pair of processes for all tests of this folder; what a test changes is put back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import postgresql
from tests.journeys.two_processes.pair import Pair


@pytest.fixture(scope="session")
def running(pg_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Both, for as long as there are tests."""
    with postgresql.database(pg_server) as url, Pair(tmp_path_factory.mktemp("pair"), url) as pair:
        yield pair


@pytest.fixture
def pair(running: Pair) -> Iterator[Pair]:
    """Both, as they were at first."""
    yield running
    running.put_back()
