"""What the tests with a browser share. They run in `./x test --browser` alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser import chromium
from tests.web.pages.people import Index

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, one for the tests of a module: its driver keeps an event loop running, beside which others cannot run theirs."""
    with chromium.launched() as running:
        yield running


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """A running index, open to everybody, at the true time: a browser's cookies and authenticators know it."""
    with Index(tmp_path) as running:
        running.clock.now = time.time()
        yield running
