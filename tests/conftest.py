"""What every test may use: the counts of the two tiers, the clock of a bounded long run, and the second size's servers."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Generator, Iterator

import pytest
from hypothesis import settings

from tests import postgresql, s3
from tests.browser import chromium

Scale = Callable[[int, int], int]
BOUNDED = 10
"""How many times the short count a long run takes that is bounded in minutes."""
FEW = 2
"""How often such a run does what a short one does once at most: whole processes, whose every round takes seconds."""
SCALED = {"scale", "long_run"}
SERVERS = {"pg": postgresql.missing, "s3": s3.missing, "browser": chromium.missing}
"""Tests that need a server: their mark, the option of the same name that runs them, and why they could not."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long` runs the full counts; `--minutes N` bounds a long run, and says what it did not reach."""
    parser.addoption("--long", action="store_true", default=False, help="run the full counts")
    parser.addoption("--pg", action="store_true", default=False, help="run what needs PostgreSQL, too")
    parser.addoption("--browser", action="store_true", default=False, help="run what needs Chromium, too")
    parser.addoption("--s3", action="store_true", default=False, help="run what needs S3-compatible servers, too")
    parser.addoption("--minutes", type=float, default=0.0, help="with --long: larger counts, for so many minutes at most")


def pytest_configure(config: pytest.Config) -> None:
    """Start the clock of a bounded run in each process that runs tests; end a run that lacks a server it was asked to use."""
    for mark, why in SERVERS.items():
        config.addinivalue_line("markers", f"{mark}: needs a server that only a run with --{mark} has")
        if config.getoption(f"--{mark}") and why():
            raise pytest.UsageError(f"--{mark}: {why()}")
    config.addinivalue_line("markers", "folder: needs an embedded database, or files in a folder")
    config.stash[STARTED] = time.monotonic()
    settings.register_profile("short", max_examples=40, deadline=None)
    settings.register_profile("long", max_examples=500, deadline=None)
    settings.load_profile("long" if config.getoption("--long") else "short")


STARTED: pytest.StashKey[float] = pytest.StashKey()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep what collecting makes away from the garbage collector.

    All of it lives as long as the process: half a million objects, which every full collection of every test would look through.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a server that this run has not; a bounded long run holds only the tests whose counts grow."""
    without = {mark for mark in SERVERS if not config.getoption(f"--{mark}")}
    _leave_out(config, items, [item for item in items if without & {mark.name for mark in item.iter_markers()}])
    if not config.getoption("--long"):
        _leave_out(config, items, [item for item in items if "only_long" in getattr(item, "fixturenames", ())])
    if not config.getoption("--minutes"):
        return
    _leave_out(config, items, [item for item in items if not SCALED & set(getattr(item, "fixturenames", ()))])


def _leave_out(config: pytest.Config, items: list[pytest.Item], left_out: list[pytest.Item]) -> None:
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Say which tests a bounded run did not reach, instead of passing them over."""
    minutes = float(item.config.getoption("--minutes"))
    if minutes and time.monotonic() - item.config.stash[STARTED] > minutes * 60:
        pytest.skip(f"the {minutes:g} minutes of this run are over")


@pytest.fixture(scope="session")
def long_run(request: pytest.FixtureRequest) -> bool:
    """Whether this run holds the full counts."""
    return bool(request.config.getoption("--long"))


@pytest.fixture
def only_long(long_run: bool) -> None:
    """Taken by tests of whole processes that a short run leaves out, where something quicker there holds the same promise."""
    assert long_run


@pytest.fixture(scope="session")
def scale(request: pytest.FixtureRequest, long_run: bool) -> Scale:
    """Choose a count: `scale(200, 1_000_000)` is the first in a short run and the second in a long one."""
    bounded = bool(request.config.getoption("--minutes"))

    def count(short: int, long: int) -> int:
        if not long_run:
            return short
        return min(long, short * BOUNDED if short > 1 else FEW) if bounded else long

    return count


@pytest.fixture(scope="session")
def pg_server() -> Iterator[str]:
    """The address of a PostgreSQL server. Tests that take it are marked `pg`."""
    with postgresql.server() as url:
        yield url


@pytest.fixture
def pg_url(pg_server: str) -> Iterator[str]:
    """The address of an empty database of the test's own."""
    with postgresql.database(pg_server) as url:
        yield url
