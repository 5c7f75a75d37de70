"""Forms of every page, bodies of the exchange and of uploads, changed at random: answers with words, and never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.conftest import Scale
from tests.negative.furnished import PASSWORD, SECRETS
from tests.negative.place import Place
from tests.negative.test_api_described import GROWTH, resident
from tests.negative.test_roles import request
from tests.negative.test_upload_mutated import mutated
from tests.negative.who_may import EXCHANGES, TABLE, UPLOADS, VISITORS, Row, upload
from tests.web.forms import headers
from trustpub.web.auth.cookie import SESSION

FORMS = [row for row in TABLE if row.page and row.method == "POST" and row.path != "/account/logout/"]
PAGES = [row for row in TABLE if row.page and row.method == "GET"]
ODD = (
    "", " ", "0", "-1", "9" * 30, "\x00", "\n", "\r\nSet-Cookie: a=b", "<script>", "{{7*7}}", "%s", "../../etc/passwd",
    "'; DROP TABLE users;--",
    "\u0661", "\u212a", "\u0131", "a" * 5000, "null", "[]", "https://evil.example",
    "//evil.example", "pypi-api_", "=cmd", "user@evil.example", "ann", "orchay", "owner", PASSWORD, *SECRETS.values(),
)  # fmt: skip
CHUNK = 250
TEXTS = st.sampled_from(ODD) | st.text(max_size=30)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One index; what a request changes is put back."""
    with Place(tmp_path_factory.mktemp("forms")) as running:
        yield running


@st.composite
def changed_fields(draw: st.DrawFn, row: Row) -> list[tuple[str, str]]:
    """A row's form with fields that hold something else, that are missing, twice, or unknown."""
    fields = [(name, str(value)) for name, value in (row.body.items() if isinstance(row.body, dict) else ())]
    for _ in range(draw(st.integers(0, 3))):
        at, other = draw(st.integers(0, max(len(fields) - 1, 0))), draw(TEXTS)
        kind = draw(st.sampled_from(("value", "value", "value", "remove", "add", "again")))
        name = fields[at][0] if fields else other
        change = {"value": [(name, other)], "remove": [], "add": [*fields[at : at + 1], (other, other)]}
        fields = fields[:at] + change.get(kind, [*fields[at : at + 1], (name, other)]) + fields[at + 1 :]
    return fields


def sound(place: Place, method: str, path: str, told: dict[str, str], body: bytes | None) -> int:
    """The status of an answer that is no crash and shows nothing of the inside."""
    answer = place.ask(method, path, told, body)
    assert answer.status < 500, (method, path, body)
    assert b"Traceback" not in answer.body
    assert b'File "/' not in answer.body
    return answer.status


def runs(count: int) -> Iterator[tuple[int, int]]:
    """Numbers and lengths of runs of hypothesis that are so many examples together."""
    yield from ((number, min(CHUNK, count - number * CHUNK)) for number in range(-(-count // CHUNK)))


def free(number: int, count: int) -> settings:
    """How each run is done."""
    return settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def test_changed_forms_of_every_page(place: Place, scale: Scale) -> None:
    """Whoever sends it, whatever it holds."""
    sizes, seen = [resident()], set()
    for number, count in runs(scale(40, 60_000)):

        @seed(number)
        @free(number, count)
        @given(st.data())
        def check(data: st.DataObject) -> None:
            row = data.draw(st.sampled_from(FORMS))
            who = data.draw(st.sampled_from(("ann", "root", *VISITORS)))
            told, _ = row.sent(place)
            told |= {"Cookie": f"{SESSION}={place.cookies[who]}"} if who in place.cookies else {}
            path = row.address(place)
            if data.draw(st.integers(0, 4)) == 0:
                path = "/".join(quote(data.draw(TEXTS), safe="") if part == "orchay" else part for part in path.split("/"))
            body = urlencode(data.draw(changed_fields(row)), errors="replace").encode()
            if data.draw(st.integers(0, 9)) == 0:
                body = data.draw(mutated(body or b"a=b"))
            seen.add((row.path, sound(place, "POST", path, told, body)))
            place.changed()

        check()
        sizes.append(resident())
    assert sizes[-1] - sizes[min(1 + len(sizes) // 10, len(sizes) - 1)] < GROWTH
    assert len(seen) > 10
    assert [] == place.logged()


def test_changed_addresses_of_every_page(place: Place, scale: Scale) -> None:
    """Any query, any part of a path, any language or cookie."""
    for number, count in runs(scale(15, 20_000)):

        @seed(number)
        @free(number, count)
        @given(st.data())
        def check(data: st.DataObject) -> None:
            row = data.draw(st.sampled_from(PAGES))
            names = st.sampled_from(("q", "page", "name", "next", "token", "note", "provider", "project_name", "version"))
            query = urlencode(data.draw(st.lists(st.tuples(names, TEXTS), max_size=4)), errors="replace")
            path = "/".join(
                quote(data.draw(TEXTS), safe="") if part in ("orchay", "1.0") and data.draw(st.booleans()) else part
                for part in row.address(place).partition("?")[0].split("/")
            )
            who = data.draw(st.sampled_from(VISITORS))
            told = {
                "Accept": "text/html",
                "Accept-Language": quote(data.draw(TEXTS)),
                "Cookie": f"{SESSION}={quote(data.draw(TEXTS))}",
            }
            told |= {"Cookie": f"{SESSION}={place.cookies[who]}"} if who in place.cookies else {}
            sound(place, "GET", f"{path}?{query}", told, None)

        check()
    place.changed()
    assert [] == place.logged()


JSONS: st.SearchStrategy[object] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=5,
)


def test_changed_bodies_of_the_exchange(place: Place, scale: Scale) -> None:
    """Minting, burning and reading: any JSON and any bytes get an answer."""
    tokens = (*place.tokens.values(), "a.b.c", "eyJhbGciOiJub25lIn0.e30.")
    told = {"Content-Type": "application/json"}
    for number, count in runs(scale(15, 10_000)):

        @seed(number)
        @free(number, count)
        @given(st.data())
        def check(data: st.DataObject) -> None:
            row = data.draw(st.sampled_from(EXCHANGES))
            good = json.dumps({"token": data.draw(st.sampled_from(tokens))}).encode()
            body = data.draw(st.just(good) | mutated(good) | JSONS.map(lambda value: json.dumps(value).encode()) | st.binary())
            sound(place, "POST", row.path, told, body)
            place.changed()

        check()
    assert [] == place.logged()


def test_changed_uploads(place: Place, scale: Scale) -> None:
    """Bodies of a real upload, by whom may and by who may not, whole on the wire: the file or a refusal."""
    whole, path = upload(), UPLOADS[0].path
    for number, count in runs(scale(10, 10_000)):

        @seed(number)
        @free(number, count)
        @given(st.data())
        def check(data: st.DataObject) -> None:
            told = headers(place.tokens[data.draw(st.sampled_from(("ann upload", "publisher", "mia upload", "eve upload")))])
            status = sound(place, "POST", path, told, data.draw(mutated(whole)))
            assert status in (200, 400, 403, 413, 422)
            place.changed()

        check()
    assert [] == place.logged()
    assert 200 == request(place, UPLOADS[0], "ann upload").status
    place.changed()
