"""A real browser for the tests: Debian's Chromium, driven by Playwright, and axe-core, which looks for what keeps people out."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AXE = Path(__file__).resolve().parents[2] / ".cache" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def program() -> str | None:
    """Where the browser is installed."""
    return shutil.which("chromium")


def missing() -> str:
    """Why pages cannot be looked at here; empty when they can."""
    if importlib.util.find_spec("playwright") is None:
        return "there is no Playwright: install `playwright`"
    if program() is None:
        return "there is no Chromium. On Debian: apt-get install chromium"
    return "" if AXE.exists() else "there is no axe-core: run `./x fetch`"


@contextmanager
def launched() -> Iterator[Browser]:
    """The browser, closed afterwards."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


def violations(page: Page) -> list[str]:
    """What axe-core finds on the page that is open: rule, and where."""
    page.evaluate(AXE.read_text("utf-8"))  # through the browser's debugger, which no policy of the page keeps out
    found = page.evaluate("(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } })", RULES)
    return [
        f"{each['id']}: {node['html'][:120]} {node.get('failureSummary', '')}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
