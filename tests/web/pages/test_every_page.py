"""Laws over the table of pages: whatever page is added, it keeps them."""

from __future__ import annotations

import re

import pytest
from starlette.routing import BaseRoute, Route, Router

from tests.web.pages.people import Index, register, settled
from tests.web.pages.sound import unsound
from tests.web.visitor import Page, Visitor
from trustpub.web.door import PLACES
from trustpub.web.pages import load

ELSEWHERE = [
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
]


def routes(index: Index) -> list[Route]:
    """Every page's route."""
    found = load(index.service)
    assert isinstance(found, Router)
    listed: list[BaseRoute] = list(found.routes)
    return [route for route in listed if isinstance(route, Route) and not route.path.startswith("/static/")]


def filled(route: Route) -> str:
    """The route's path, with something in its places."""
    return re.sub(r"\{[^}]*\}", "1", route.path)


def test_no_page_takes_a_form_from_elsewhere(index: Index) -> None:
    """Another site, a sibling of ours, a sandbox: 403, and a page that says what to do; for whoever is signed in, too."""
    visitor = settled(index)
    before = dict(visitor.cookies)
    for route in routes(index):
        if "POST" in (route.methods or ()):
            for headers in ELSEWHERE:
                answer = visitor.send(filled(route), {"id": "1"}, **headers)
                assert (route.path, headers, answer.status) == (route.path, headers, 403)
    assert before == visitor.cookies
    assert "Open the page here" in visitor.post("/account/logout/", {}, Origin="https://evil.example").text


def test_nothing_that_says_where_it_comes_from_is_nobodys_form(index: Index) -> None:
    """Every browser says it; a request that does not is refused."""
    for route in routes(index):
        if "POST" in (route.methods or ()):
            answer = index.post(filled(route), b"id=1", Content_Type="application/x-www-form-urlencoded")
            assert (route.path, answer.status) == (route.path, 403)


def opened(index: Index, visitor: Visitor) -> list[Page]:
    """Every page, as this visitor sees it."""
    return [visitor.open(filled(route)) for route in routes(index) if "GET" in (route.methods or ())]


def test_every_page_is_sound(index: Index) -> None:
    """For strangers, for who just registered, for who may do everything: markup, labels, headers, nothing inline."""
    korean = {"Accept-Language": "ko"}
    stranger = Visitor(index, **korean)
    new, _ = register(index, "mina", **korean)
    owner = settled(index, "dana")
    index.make_admin("dana")
    for visitor in (stranger, new, owner):
        for page in opened(index, visitor):
            if "html" in page.answer.headers.get("content-type", ""):
                assert (page.path, unsound(page)) == (page.path, [])
            assert (page.path, page.status < 500) == (page.path, True)
    assert index.log == []


def test_what_is_a_persons_own_is_never_kept(index: Index) -> None:
    """Pages for somebody who is signed in are not stored anywhere."""
    own = [page for page in opened(index, settled(index)) if "html" in page.answer.headers["content-type"]]
    for page in own:
        assert (page.path, page.answer.headers["cache-control"]) == (page.path, "no-store")


def test_nothing_changes_by_opening_pages(index: Index) -> None:
    """After every page was opened the database holds what it held, but for the session's time and what is counted."""
    visitor = settled(index)
    before = index.rows()
    opened(index, visitor)
    assert before == index.rows()


def test_every_page_is_behind_the_door(index: Index) -> None:
    """Its first word is one that the door knows: programs are answered without loading pages."""
    assert {route.path.split("/")[1] for route in routes(index)} <= PLACES


def test_an_unknown_method_is_refused(index: Index) -> None:
    """405 and what is allowed."""
    answer = index.ask("DELETE", "/account/login/", {"Accept": "text/html"})
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    page = Visitor(index).open("/account/language/")
    assert (page.status, page.answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "headers", [{"Accept": "*/*"}, {"Accept": "application/json;q=0.9, text/html;q=0.7", "Authorization": "Basic eDp5"}]
)
def test_an_upload_to_the_first_page_is_told_where_uploads_go(index: Index, headers: dict[str, str]) -> None:
    """Not in a page of HTML, which clients print whole."""
    answer = index.ask("POST", "/", headers)
    where = "files are uploaded to the address that ends in `/legacy/`"
    error = {"code": "method-not-allowed", "description": f"allowed here: GET, HEAD; {where}"}
    assert (405, {"message": "Method not allowed", "errors": [error]}) == (answer.status, answer.json())


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("text/plain", b"username=a", 415),
        ("multipart/form-data; boundary=x", b"", 415),
        ("application/x-www-form-urlencoded", b"username=a&username=b", 400),
        ("application/x-www-form-urlencoded", b"username=%ff", 400),
        ("application/x-www-form-urlencoded", b"a=" + b"b" * 65_536, 413),
    ],
)
def test_only_small_plain_forms_are_read(index: Index, kind: str, body: bytes, status: int) -> None:
    """Each refusal is a page that says what to do."""
    answer = index.post("/account/login/", body, Content_Type=kind, Origin=index.address)
    assert status == answer.status
    assert b"<h1>" in answer.body


def test_a_host_that_is_not_ours_is_refused(index: Index) -> None:
    """For pages; programs' routes do not look at it."""
    assert index.get("/account/login/", Host="evil.example").status == 400
    assert index.get("/healthz", Host="evil.example").status == 200


def test_an_unknown_address_is_answered_in_the_visitors_way(index: Index) -> None:
    """A page for a browser, JSON for a program, and the slash that was forgotten."""
    page = Visitor(index).open("/nothing/of/the/kind")
    assert (page.status, unsound(page)) == (404, [])
    assert index.get("/nothing").headers["content-type"] == "application/json"
    assert index.get("/account/login?next=/a", Accept="text/html").headers["location"] == "/account/login/?next=/a"
