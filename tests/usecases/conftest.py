"""What the tests of the use cases share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import index_size, moto_server, pytest_generate_tests  # noqa: F401
from tests.usecases.exchanging import Index, index
from trustpub.domain.matching import Profile


@pytest.fixture(params=list(Profile), ids=str)
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Index]:
    """An index under each profile in turn."""
    with index(tmp_path, Profile(request.param)) as opened:
        yield opened


@pytest.fixture
def pypi(tmp_path: Path) -> Iterator[Index]:
    """An index that matches as PyPI does."""
    with index(tmp_path, Profile.PYPI) as opened:
        yield opened


@pytest.fixture
def ours(tmp_path: Path) -> Iterator[Index]:
    """An index that matches by our own rules."""
    with index(tmp_path, Profile.TRUSTPUB) as opened:
        yield opened
