"""Every route and method by everybody: a route that the table does not name fails, who may not is refused and changes nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from starlette.routing import Route, Router

from tests import postgresql
from tests.negative.place import Place
from tests.negative.who_may import BEARERS, EVERYBODY, TABLE, UPLOAD_HEADERS, VISITORS, Row
from tests.stores import LARGE, SMALL
from tests.web.forms import headers
from tests.web.site import Answer
from trustpub.web.app import ROUTES
from trustpub.web.auth.cookie import SESSION
from trustpub.web.pages import load

REFUSED = (401, 403, 404)
FIRST = ("/account/login/", "/account/two-factor/", "/account/reauthenticate/")
"""Where somebody is sent who has to do something else first."""
NOTES = ("note=verify-email-first", "note=second-factor-first")
SITES = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
)


@pytest.fixture(scope="module", params=[SMALL, pytest.param(LARGE, marks=pytest.mark.pg)])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One index of each size for all rows: what a request changes is put back."""
    with contextlib.ExitStack() as opened:
        server = request.getfixturevalue("pg_server") if request.param == LARGE else None
        url = None if server is None else opened.enter_context(postgresql.database(server))
        yield opened.enter_context(Place(tmp_path_factory.mktemp("place"), url))


def names(place: Place) -> set[tuple[str, str]]:
    """Every method and path of the application, as its routes write them."""
    pages = load(place.service)
    assert isinstance(pages, Router)
    routes = [*(route for module in ROUTES for route in module.routes(place.service)), *pages.routes]
    found = set()
    for route in routes:
        assert isinstance(route, Route), route
        methods = {"POST"} if route.path.startswith("/legacy") else route.methods or set()
        found |= {(method, route.path) for method in methods - {"HEAD"}}
    return found


def test_every_route_is_in_the_table(place: Place) -> None:
    """Whoever adds a route says who may use it; what is gone leaves the table."""
    listed = [(row.method, row.path) for row in TABLE]
    assert set(listed) == names(place)
    assert len(listed) == len(set(listed))


def request(place: Place, row: Row, who: str, **more: str) -> Answer:
    """The row's request by this visitor or bearer."""
    told, body = row.sent(place)
    if who in place.cookies:
        told["Cookie"] = f"{SESSION}={place.cookies[who]}"
    elif who in place.tokens:
        told["Authorization"] = f"Bearer {place.tokens[who]}"
    if row.path.startswith("/legacy"):
        told = {**UPLOAD_HEADERS, **told} if who not in place.tokens else headers(place.tokens[who])
    return place.ask(row.method, row.address(place), {**told, **more}, body)


def refused(answer: Answer) -> bool:
    """Whether this is a refusal, or the way to what has to be done first."""
    if answer.status == 303:
        address = urlsplit(answer.headers["location"])
        return (address.path in FIRST and address.query.startswith("next=")) or address.query in NOTES
    return answer.status in REFUSED


def wrong(place: Place, row: Row, who: str) -> str:
    """What this visitor got that they should not have, or did not get; empty when all is well."""
    answer = request(place, row, who)
    changed = place.changed()
    told = f"{row.method} {row.path} by {who}: {answer.status} {answer.headers.get('location', '')}"
    if answer.status >= 500:
        return told
    if who in row.who or row.who == EVERYBODY:
        return f"{told}: refused" if refused(answer) else f"{told}: changed {changed}" if row.method == "GET" and changed else ""
    return f"{told}: let in" if not refused(answer) else f"{told}: changed {changed}" if changed else ""


NEAREST = ("mia", "uma", "ann long ago", "eve", "mia manage", "ann read", "eve upload", "none", "nobody")
"""Of those who may not, the first ones of these are asked where few are."""


def asking(place: Place, row: Row, long_run: bool) -> tuple[str, ...]:
    """Who asks: in a short run those for whom the row decides something, and one of the other kind.

    On the larger size one of either is enough then, for who may is decided by the same lines of code: what is tried is the
    queries. That a change works for who may is a test of its own.
    """
    if long_run:
        return (*VISITORS, *BEARERS)
    if place.database.path is None:
        kind = VISITORS if row.page else BEARERS
        may = [each for each in kind if each in row.who and row not in WORKING]
        return (*may[:1], *[each for each in NEAREST if each in kind and each not in row.who][:1])
    if row.who == EVERYBODY:
        return ("nobody", "root", "root manage")
    if row.page and row.method == "GET":
        return ("nobody", "half", "eve", "mia", "bob", "ann long ago", "root manage")
    return (*VISITORS, "root manage") if row.page else (*BEARERS, "root")


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.method} {row.path}")
def test_who_may(place: Place, row: Row, long_run: bool) -> None:
    """Everybody asks; nobody who may not changes a row of any table."""
    found = [wrong(place, row, who) for who in asking(place, row, long_run)]
    assert [] == [each for each in found if each]
    assert [] == place.logged()


FORMS = [row for row in TABLE if row.page and row.method == "POST"]


def test_no_form_from_elsewhere_does_anything(place: Place, long_run: bool) -> None:
    """What works from our own page is refused from another site, whoever is signed in, and changes nothing."""
    for row in FORMS:
        who = row.by or next((each for each in VISITORS if each in row.who and each != "nobody"), "")
        for elsewhere in SITES if long_run or place.database.path else SITES[:1]:
            answer = request(place, row, who, **elsewhere)
            assert (row.path, elsewhere, answer.status, place.changed()) == (row.path, elsewhere, 403, [])


WORKING = [row for row in TABLE if row.method != "GET" and not row.quiet and (row.who or row.by)]


@pytest.mark.parametrize("row", WORKING, ids=lambda row: f"{row.method} {row.path}")
def test_the_requests_of_the_table_work(place: Place, row: Row) -> None:
    """Who may and sends it changes something: a refusal of the same request says something about who asked."""
    who = row.by or next((each for each in (*VISITORS, *BEARERS) if each in row.who), "")
    answer = request(place, row, who)
    assert (answer.status in (200, 201, 303), place.changed() != []) == (True, True), (who, answer.status, answer.body[-300:])
