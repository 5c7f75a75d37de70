"""When something breaks, whoever reads pages gets one: in their language, with the request's number and nothing of the inside."""

from __future__ import annotations

import asyncio
import json

import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.web.pages.breaking import Broken
from tests.web.pages.people import Index, settled
from tests.web.pages.sound import unsound
from tests.web.visitor import Page, Visitor
from trustpub.errors import Unreachable
from trustpub.web.guard import Guard
from trustpub.web.metrics import Tally

CANARY = "pypi-tp_canary"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PIP = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html; q=0.1, text/html; q=0.01"


def broken(index: Index, problem: Exception, **headers: str) -> Page:
    """What a browser sees of a search that breaks."""
    index.service.__dict__["search"] = Broken(problem)
    answer = index.get("/search/?q=orchay", Accept=BROWSER, **headers)
    return Page("/search/", answer)


@pytest.mark.parametrize(("problem", "status"), [(KeyError(CANARY), 500), (Unreachable("the database", why="it ended"), 503)])
def test_a_crash_is_a_page_in_the_readers_language(index: Index, problem: Exception, status: int) -> None:
    """Sound, with the number that the log has, one line of which says what it was; and never kept."""
    english = {500: "our fault", 503: "does not answer"}[status]
    korean = {500: "이 인덱스의 문제", 503: "응답하지 않아"}[status]
    for header, text in (({}, english), ({"Accept-Language": "ko-KR"}, korean), ({"Cookie": "trustpub-language=ko"}, korean)):
        page = broken(index, problem, **header)
        line = json.loads(index.log.pop())
        assert (page.status, unsound(page), text in page.text) == (status, [], True)
        assert line["id"] == page.answer.headers["x-request-id"]
        assert line["id"] in page.text
        assert ("request-crashed", "GET /search/") == (line["event"], line["request"])
        assert ("retry-after" in page.answer.headers) == (status == 503)
        assert ("no-store", "no-referrer") == tuple(page.answer.headers[name] for name in ("cache-control", "referrer-policy"))
        assert [] == [secret for secret in (CANARY, "KeyError", "ended", "Traceback", "search.py") if secret in page.text]
    assert index.log == []


def test_the_page_needs_no_database(index: Index) -> None:
    """Of somebody who is signed in, too: the database that is away is not asked who they are."""
    visitor = settled(index)
    reads = index.database.read

    def away() -> object:
        raise Unreachable("the database", why="it ended")

    index.database.read = away  # type: ignore[method-assign, assignment]
    page = visitor.open("/manage/projects/")
    index.database.read = reads  # type: ignore[method-assign]
    assert (page.status, unsound(page)) == (503, [])
    assert "Try again" in page.text
    assert visitor.open("/manage/projects/").status == 200


def test_a_form_that_broke_is_not_sent_again_by_a_click(index: Index) -> None:
    """It may have been done: the page says to look first, and holds no link to the form's own address."""
    visitor = settled(index)
    index.service.__dict__["publishing"] = Broken(KeyError(CANARY))
    answer = visitor.send("/manage/account/publishing/", {"project_name": "orchay", "provider": "github"}, Accept=BROWSER)
    page = Page("", answer)
    assert (page.status, "look whether it was done" in page.text, "Try again" in page.text) == (500, True, False)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "", PIP])
def test_programs_are_answered_as_before(index: Index, accept: str) -> None:
    """JSON; at programs' own addresses whatever is asked for, for pip asks for HTML as well."""
    headers = {"Accept": accept} if accept else {}
    index.service.__dict__["search"] = Broken(KeyError(CANARY))
    if accept != PIP:
        assert index.get("/search/?q=orchay", **headers).json() == {
            "message": "Internal server error",
            "errors": [{"code": "internal-error", "description": "an unexpected error; it has been logged"}],
        }
    for path in ("/simple/nothing/", "/pypi/nothing/json", "/files/nothing", "/api/v1/whoami"):
        assert (path, "html" in index.get(path, Accept=BROWSER).headers["content-type"]) == (path, False)


def test_other_troubles_are_pages_with_the_number(index: Index) -> None:
    """Nothing here, a method that nobody knows, a form too long: in both languages."""
    for language, words in (("en", "Number of this request"), ("ko", "요청 번호")):
        headers = {"Accept": BROWSER, "Accept-Language": language}
        form = {"Content-Type": "application/x-www-form-urlencoded", "Origin": index.address}
        for status, answer in (
            (404, index.ask("GET", "/nothing/", headers)),
            (404, index.ask("GET", "/project/nothing/", headers)),
            (405, index.ask("GET", "/account/language/", headers)),
            (405, index.ask("DELETE", "/account/login/", headers)),
            (413, index.ask("POST", "/account/login/", {**headers, **form}, b"a=" + b"b" * 70_000)),
        ):
            page = Page("", answer)
            assert (status, []) == (page.status, unsound(page))
            assert f"{words}: {answer.headers['x-request-id']}" in page.text


def test_a_host_that_is_not_ours_is_told_so(index: Index) -> None:
    """With how to set the address; programs read it as text."""
    page = Page("/", index.get("/", Host="evil.example", Accept=BROWSER))
    assert (page.status, unsound(page), "[index] url" in page.text) == (400, [], True)
    assert "evil.example" not in page.answer.body.decode()
    assert index.get("/", Host="evil.example").headers["content-type"].startswith("text/plain")


def test_a_page_that_breaks_as_well_hides_nothing() -> None:
    """Both are in the log, the first one first, and the answer is today's JSON."""
    logged: list[str] = []
    sent: list[Message] = []

    async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise KeyError

    def page(_scope: Scope, _status: int) -> object:
        raise OSError

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"accept", BROWSER.encode())]}
    asyncio.run(Guard(app, logged.append, lambda: 0.0, Tally(), page)(scope, receive, send))  # type: ignore[arg-type]
    assert ["builtins.KeyError", "builtins.OSError"] == [json.loads(line)["error"] for line in logged]
    assert (500, b"application/json") == (sent[0]["status"], dict(sent[0]["headers"])[b"content-type"])


def test_visitor_keeps_their_language(index: Index) -> None:
    """The switch in the footer counts for these pages, too."""
    visitor = Visitor(index)
    visitor.submit(visitor.open("/"), "/account/language/", language="ko")
    index.service.__dict__["search"] = Broken(KeyError(CANARY))
    assert "이 인덱스의 문제" in visitor.open("/search/?q=x").text
