"""What every test may use: the counts of the two tiers, and the clock of a bounded long run."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

Scale = Callable[[int, int], int]
BOUNDED = 10
"""How many times the short count a long run takes that is bounded in minutes."""
SCALED = {"scale", "long_run"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` runs the full counts; `--minutes N` bounds a long run, and says what it did not reach."""
    parser.addoption("--long", action="store_true", default=False, help="run the full counts")
    parser.addoption("--minutes", type=float, default=0.0, help="with --long: larger counts, for so many minutes at most")


def pytest_configure(config: pytest.Config) -> None:
    """Start the clock of a bounded run in each process that runs tests."""
    config.stash[STARTED] = time.monotonic()


STARTED: pytest.StashKey[float] = pytest.StashKey()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A bounded long run holds only the tests whose counts grow: the others have had their turn."""
    if not config.getoption("--minutes"):
        return
    scaled = [item for item in items if SCALED & set(getattr(item, "fixturenames", ()))]
    config.hook.pytest_deselected(items=[item for item in items if item not in scaled])
    items[:] = scaled


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say which tests a bounded run did not reach, instead of passing them over."""
    minutes = float(item.config.getoption("--minutes"))
    if minutes and time.monotonic() - item.config.stash[STARTED] > minutes * 60:
        pytest.skip(f"the {minutes:g} minutes of this run are over")


@pytest.fixture(scope="session")
def long_run(request: pytest.FixtureRequest) -> bool:
    """Whether this run holds the full counts."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session")
def scale(request: pytest.FixtureRequest, long_run: bool) -> Scale:
    """Choose a count: `scale(200, 1_000_000)` is the first in a short run and the second in a long one."""
    bounded = bool(request.config.getoption("--minutes"))

    def count(short: int, long: int) -> int:
        if not long_run:
            return short
        return min(long, short * BOUNDED) if bounded else long

    return count
