"""A person registers a pending publisher in a real browser, a workflow publishes, and its project says where it came from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import violations
from tests.browser.test_access import NARROW, WIDE, overflow
from tests.domain.samples import SHA
from tests.web.pages.people import settled
from tests.web.pages.releasing import ACCOUNT, GITHUB, Releasing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

pytestmark = pytest.mark.browser

MANAGE = "/manage/project/orchay/"
PAGES = (
    "releases/",
    "release/1.0/",
    "collaboration/",
    "settings/",
    "settings/publishing/",
    "settings/publishing/test/",
    "history/",
)
MORE = "License-Expression: MIT\nRequires-Python: >=3.9\nProject-URL: Source, https://src.example\nRequires-Dist: packaging\n"


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Releasing]:
    """A running index to which workflows publish."""
    with Releasing(tmp_path) as running:
        yield running
        assert running.log == []


def signed_in(index: Releasing, browser: Browser, scheme: str, language: str, size: ViewportSize) -> Page:
    """A page of somebody who may do everything."""
    cookie = settled(index, **{"Accept-Language": language}).cookies["trustpub"]
    context = browser.new_context(color_scheme=scheme, locale=language, viewport=size)
    context.add_cookies([{"name": "trustpub", "value": cookie, "url": index.address}])
    return context.new_page()


def test_from_the_form_to_the_provenance(index: Releasing, browser: Browser) -> None:
    """R3 and R2, over a link that fills the form in; nothing is refused by the pages' own policy."""
    page = signed_in(index, browser, "light", "en-GB", WIDE)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{index.address}{ACCOUNT}?provider=github&owner=octo&repository=orchay&workflow_filename=pypi.yml")
    page.get_by_text("These values came from the link").wait_for()
    page.get_by_label("Project name").fill("orchay")
    page.get_by_label("Owner id").fill(GITHUB["owner_id"])
    page.get_by_label("Environment").fill(GITHUB["environment"])
    page.get_by_role("button", name="Make a link to this form filled in").click()
    assert "project_name=orchay" in page.get_by_label("Link to this form filled in").input_value()
    page.get_by_role("button", name="Add the pending publisher").click()
    page.get_by_text("waits for its first use").wait_for()
    assert index.release("orchay", "1.0", more=MORE).status == 200
    page.get_by_role("link", name="Your projects").click()
    page.get_by_role("link", name="View orchay").click()
    page.get_by_text("Trusted publisher").wait_for()
    assert page.get_by_role("link", name=SHA).get_attribute("href") == f"https://github.com/octo/orchay/commit/{SHA}"
    assert page.get_by_role("heading", name="Orchay", exact=True).is_visible()
    assert [line for line in said if "Content Security Policy" in line] == []


@pytest.mark.parametrize(("scheme", "language", "size"), [("light", "ko", NARROW), ("dark", "en", WIDE)])
def test_nothing_on_the_pages_of_a_project_keeps_anybody_out(
    index: Releasing, browser: Browser, scheme: str, language: str, size: ViewportSize
) -> None:
    """With a release, a publisher and a pending one; every form of a publisher, and what is wrong in one."""
    page = signed_in(index, browser, scheme, language, size)
    found: list[str] = []

    def look(path: str) -> None:
        page.goto(index.address + path)
        found.extend(f"{path}: {each}" for each in violations(page))
        found.extend([f"{path}: {overflow(page)} pixels too wide"] if overflow(page) > 0 else [])

    page.goto(f"{index.address}{ACCOUNT}")
    for name, value in {**GITHUB, "project_name": "orchay barn-core"}.items():
        if name != "provider":
            page.locator(f"#{name}").fill(value)
    page.locator("form.card button.primary").click()
    page.locator("#publisher-p1").wait_for()
    assert index.release("orchay", "1.0", more=MORE).status == 200
    for path in ("/", "/search/?q=orchay", "/project/orchay/", "/project/barn-core/", "/manage/projects/"):
        look(path)
    for path in PAGES:
        look(MANAGE + path)
    for provider in ("github", "gitlab", "google", "activestate", "oidc"):
        look(f"{ACCOUNT}?provider={provider}&project_name=x")
    assert found == []
