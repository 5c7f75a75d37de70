"""Every page is open to everybody: axe-core finds nothing, light or dark, in English and Korean, on a narrow screen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import violations
from tests.web.pages.breaking import Broken
from tests.web.pages.people import FACTORS, PASSWORD, Index, register, settled, verify
from tests.web.pages.test_every_page import filled, routes
from trustpub.errors import Unreachable

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

pytestmark = pytest.mark.browser

WIDE: ViewportSize = {"width": 1100, "height": 800}
NARROW: ViewportSize = {"width": 320, "height": 640}


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


LOOKS = [("light", "ko", NARROW), ("dark", "en", WIDE)]


@pytest.mark.parametrize(("scheme", "language", "size"), LOOKS)
def test_nothing_on_any_page_keeps_anybody_out(
    index: Index, browser: Browser, scheme: str, language: str, size: ViewportSize
) -> None:
    """For a stranger, and for somebody who runs the index; no page is wider than the window."""
    register(index, "mina")
    cookie = settled(index, "dana", **{"Accept-Language": language}).cookies["trustpub"]
    index.make_admin("dana")
    paths = [filled(route) for route in routes(index) if "GET" in (route.methods or ()) and "rss" not in route.path]
    found: list[str] = []
    for cookies in ([], [{"name": "trustpub", "value": cookie, "url": index.address}]):
        context = browser.new_context(color_scheme=scheme, locale=language, viewport=size)
        context.add_cookies(cookies)
        page = context.new_page()
        seen: set[str] = set()
        for path in paths:
            page.goto(index.address + path)
            if page.url in seen:
                continue
            seen.add(page.url)
            found += [f"{path}: {each}" for each in violations(page)]
            found += [f"{path}: {overflow(page)} pixels too wide"] if overflow(page) > 0 else []
        context.close()
    assert found == []


FOCUS = """() => { const it = document.activeElement, box = it.getBoundingClientRect(), style = getComputedStyle(it);
  return { tag: it.tagName, outline: style.outlineStyle, top: box.top + scrollY, seen: box.top >= 0 && box.left >= 0,
           text: it.textContent.trim(), main: it.closest("main") !== null, header: it.closest("header") !== null } }"""


@pytest.mark.parametrize("size", [NARROW, WIDE])
def test_a_keyboard_is_enough(index: Index, browser: Browser, size: ViewportSize) -> None:
    """The first stop leads past the frame; every stop is seen; the frame's stops come in the order in which they stand."""
    context = browser.new_context(locale="en-GB", viewport=size)
    cookie = settled(index, "dana").cookies["trustpub"]
    context.add_cookies([{"name": "trustpub", "value": cookie, "url": index.address}])
    page = context.new_page()
    for path in ("/", "/manage/account/", "/manage/account/token/", "/manage/account/publishing/", "/nothing/"):
        page.goto(index.address + path)
        page.keyboard.press("Tab")
        skip = page.evaluate(FOCUS)
        assert (skip["text"], skip["seen"], skip["outline"]) == ("Skip to the content", True, "solid")
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS)["main"]
        page.goto(index.address + path)
        before = 0.0
        stops = 0
        while stops < 60:
            page.keyboard.press("Tab")
            stop = page.evaluate(FOCUS)
            if stop["tag"] == "BODY" or (stops and stop["text"] == skip["text"]):
                break
            stops += 1
            assert (path, stop["text"], stop["outline"]) == (path, stop["text"], "solid")
            if stop["header"]:
                assert (path, stop["text"], stop["top"] > before - 20) == (path, stop["text"], True)
                before = stop["top"]
        assert stops > 5
    context.close()


def test_long_names_stay_inside(index: Index, browser: Browser) -> None:
    """Of people and of their tokens, on a narrow screen."""
    visitor, name = settled(index, "u" * 50), "t" * 100
    caller = index.service.accounts.sign_in.caller(visitor.cookies["trustpub"], "127.0.0.1")
    assert caller is not None
    index.service.accounts.api_tokens.create(caller, {"description": name, "scope": "upload"})
    context = browser.new_context(locale="ko", viewport=NARROW)
    context.add_cookies([{"name": "trustpub", "value": visitor.cookies["trustpub"], "url": index.address}])
    page = context.new_page()
    found = {}
    for path in ("/", "/manage/projects/", "/manage/account/", "/manage/account/token/", "/manage/account/log/"):
        page.goto(index.address + path)
        found[path] = overflow(page)
    context.close()
    assert {} == {path: pixels for path, pixels in found.items() if pixels > 0}


@pytest.mark.parametrize(("scheme", "language", "size"), LOOKS)
def test_what_breaks_keeps_nobody_out(index: Index, browser: Browser, scheme: str, language: str, size: ViewportSize) -> None:
    """The pages of a crash and of a database that is away."""
    context = browser.new_context(color_scheme=scheme, locale=language, viewport=size)
    page = context.new_page()
    found: list[str] = []
    for problem in (KeyError("x"), Unreachable("the database", why="it ended")):
        index.service.__dict__["search"] = Broken(problem)
        page.goto(f"{index.address}/search/?q=x")
        found += violations(page)
        assert overflow(page) <= 0
    context.close()
    assert found == []
    assert len(index.log) == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_that_follow_a_form_keep_nobody_out(index: Index, browser: Browser, scheme: str) -> None:
    """What only a form leads to: problems at fields, the picture to scan, codes and tokens shown once."""
    visitor = settled(index)
    context = browser.new_context(color_scheme=scheme, locale="en-GB", viewport=WIDE)
    page = context.new_page()
    found: list[str] = []

    def look(what: str) -> None:
        found.extend(f"{what}: {each}" for each in violations(page))

    page.goto(f"{index.address}/account/register/")
    for label, text in (("User name", "-"), ("E-mail address", "a@b"), ("The same once more", "y")):
        page.get_by_label(label).fill(text)
    page.get_by_label("Password", exact=True).fill("x")
    page.locator("main form button").click()
    look("problems")
    page.goto(f"{index.address}/account/login/")
    page.get_by_label("User name or e-mail address").fill("hana")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url(re.compile("two-factor"))
    look("second step")
    context.clear_cookies()
    context.add_cookies([{"name": "trustpub", "value": visitor.cookies["trustpub"], "url": index.address}])
    page.goto(index.address + FACTORS)
    page.get_by_role("button", name="Make recovery codes").click()
    look("recovery codes")
    page.goto(f"{index.address}/manage/account/token/")
    page.get_by_label("Name").fill("a token")
    page.get_by_role("button", name="Make the token").click()
    page.get_by_text("shown this once").wait_for()
    look("new token")
    new, _ = register(index, "mina")
    verify(index, new, "mina")
    context.clear_cookies()
    context.add_cookies([{"name": "trustpub", "value": new.cookies["trustpub"], "url": index.address}])
    page.goto(index.address + FACTORS)
    page.get_by_role("button", name="Add an authenticator app").click()
    page.locator("code.secret").wait_for(state="attached")
    look("authenticator")
    context.close()
    assert found == []
