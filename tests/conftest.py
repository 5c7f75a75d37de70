"""What every test may use: the counts of the two tiers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Scale = Callable[[int, int], int]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` runs the full counts; without it every count is small."""
    parser.addoption("--long", action="store_true", default=False, help="run the full counts")


@pytest.fixture(scope="session")
def long_run(request: pytest.FixtureRequest) -> bool:
    """Whether this run holds the full counts."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def scale(long_run: bool) -> Scale:
    """Choose a count: `scale(200, 1_000_000)` is the first in a short run and the second in a long one."""
    return lambda short, long: long if long_run else short
