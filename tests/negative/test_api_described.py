"""`/api/v1` against its own description: every status that is promised can be met, and no request gets any other answer."""

from __future__ import annotations

import gc
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse
from sqlalchemy import update

from tests.conftest import Scale
from tests.negative.furnished import PROJECT
from tests.negative.place import Place
from tests.negative.who_may import BEARERS, NEW, PROGRAMS, Row
from tests.web.site import Answer
from trustpub.storage.tables import metadata
from trustpub.web.api.openapi import document

ROWS = {(row.method, row.path): row for row in PROGRAMS if not row.path.endswith("openapi.json")}
SPECIFICATION = OpenAPI.from_dict(document())
EARLY = {"no-token", "invalid-token", "invalid-payload", "invalid-field"}
"""Codes of who got no further than the token or the form of what they sent."""
HUGE = b'{"a": "' + b"a" * 70_000 + b'"}'


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One index; what a request changes is put back."""
    with Place(tmp_path_factory.mktemp("described")) as running:
        yield running


def promised(row: Row) -> set[int]:
    """The statuses that the description has for a row."""
    described: Any = document()["paths"]
    return {int(status) for status in described[row.path][row.method.lower()]["responses"]}


def ask(place: Place, row: Row, who: str, body: bytes | None = None, url: str = "") -> Answer:
    """A request, whose answer is as the description says."""
    told = {} if who == "none" else {"Authorization": f"Bearer {place.tokens[who]}"}
    _, usual = row.sent(place)
    path = url or row.address(place)
    answer = place.ask(row.method, path, told, usual if body is None else body)
    conforms(row, path, answer)
    return answer


def conforms(row: Row, path: str, answer: Answer) -> None:
    """Hold an answer to the description: its status and the shape of its body."""
    assert answer.status in promised(row), (row.method, path, answer.status, answer.body[:300])
    mock = MockResponse(answer.body, answer.status, content_type=answer.headers["content-type"])
    SPECIFICATION.validate_response(MockRequest("http://index.example", row.method.lower(), row.path), mock)


def quarantined(place: Place) -> None:
    """A project that nobody but administrators changes."""
    change(place, "projects", state="quarantined")


def tired(place: Place) -> None:
    """Everybody has used up what they may send in a day."""
    change(place, "throttles", count=10**6)


def change(place: Place, table: str, **values: object) -> None:
    """Set columns of every row of a table."""
    rows = metadata.tables[table]
    place.database.write(lambda connection: connection.execute(update(rows).values(**values)).rowcount).result(30)


def bodied(row: Row) -> list[tuple[str, bytes]]:
    """Bodies that are none, too large, and wrong in a field."""
    return [("ann manage", b"["), ("ann manage", HUGE), ("ann manage", b'{"nothing": 1}'), ("root manage", b'{"nothing": 1}')]


def directed(place: Place, row: Row) -> Iterator[Answer]:
    """Requests that meet the statuses of a row, the rare ones among them."""
    works = next(each for each in BEARERS if each in row.who)
    yield ask(place, row, "none")
    yield ask(place, row, "revoked")
    for who in ("ann upload", "reader", "eve manage", works):
        yield ask(place, row, who)
        yield ask(place, row, who)  # done already
        place.changed()
    if row.body is not None:
        for who, body in bodied(row):
            yield ask(place, row, who, body)
    yield ask(place, row, works, url=row.address(place) + "?limit=x&unknown=1")
    place.changed()
    for part in ("{name}", "{id}", "{ids[reader]}", "{link}", "{ids[invitation]}", "{version}", "{user}", "{filename}"):
        if part in (row.url or row.path):
            bad = (row.url or row.path).replace(part, "nobody-has-this")
            yield ask(place, row, works, url=Row(row.method, bad, row.who).address(place))
    place.changed()
    quarantined(place)
    yield ask(place, row, works)
    place.changed()
    yield ask(place, row, works)
    tired(place)
    yield ask(place, row, works, other(row))
    place.changed()


def other(row: Row) -> bytes | None:
    """The row's body for somebody or something else, so that it is not done already."""
    if not isinstance(row.body, dict):
        return None
    changed = {"who": "uma", "publisher": {**NEW, "repository_name": "third"}}
    return json.dumps({name: changed.get(name, value) for name, value in row.body.items()}).encode()


EXTRA: dict[tuple[str, str], tuple[dict[str, object], ...]] = {
    ("POST", "/api/v1/publishers"): (
        {"project": PROJECT, "provider": "github", "publisher": NEW, "refs": ["refs/tags/v*"]},
        {"project": "nobody-has-this", "provider": "github", "publisher": NEW},
        {"project": PROJECT, "provider": "github", "publisher": NEW, "pending": True},
    ),
    ("PATCH", "/api/v1/projects/{name}"): ({"state": "quarantined"}, {"state": "active"}, {"state": "archived"}),
    ("PATCH", "/api/v1/projects/{name}/people/{user}"): ({"role": "king"},),
    ("POST", "/api/v1/projects/{name}/invitations"): ({"who": "mia", "role": "owner"}, {"who": "nobody", "role": "owner"}),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: f"{row.method} {row.path}")
def test_every_promised_status_can_be_met(place: Place, row: Row) -> None:
    """Not one of them is there for the look of it, and no answer has another."""
    met = Counter(answer.status for answer in directed(place, row))
    works = next(each for each in BEARERS if each in row.who)
    for body in EXTRA.get((row.method, row.path), ()):
        met[ask(place, row, works, json.dumps(body).encode()).status] += 1
        met[ask(place, row, "ann read", json.dumps(body).encode()).status] += 1
    place.changed()
    assert promised(row) == set(met)
    assert [] == place.logged()


class Fuzz:
    """Requests that schemathesis makes from the description, by everybody; counts how far they came."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.sent = self.past = 0
        self.statuses: Counter[tuple[str, str, int]] = Counter()

    def send(self, row: Row, case: Any, who: str, ours: int) -> None:
        """One request: where `ours` says so with the row's own address or body, which leads further in."""
        path = row.address(self.place) if ours & 1 else _path(case)
        _, usual = row.sent(self.place)
        body = usual if ours & 2 else _body(case)
        told = {} if who == "none" else {"Authorization": f"Bearer {self.place.tokens[who]}"}
        answer = self.place.ask(row.method, path, told, body)
        assert answer.status < 500, (row.method, path, body)
        assert b"Traceback" not in answer.body
        if ours & 1 or answer.status not in (404, 405):  # an address of its own may be another route's, or nobody's
            conforms(row, path, answer)
        codes = {each["code"] for each in json.loads(answer.body).get("errors", ())}
        self.past += not codes & EARLY
        self.sent += 1
        self.statuses[row.method, row.path, answer.status] += 1
        if self.sent % 20 == 0:
            self.place.changed()


def _path(case: Any) -> str:
    given = {name: quote(str(value), safe="") for name, value in (case.path_parameters or {}).items()}
    query = urlencode({str(name): str(value) for name, value in (case.query or {}).items()}, errors="replace")
    return str(case.path).format(**given) + (f"?{query}" if query else "")


def _body(case: Any) -> bytes | None:
    if type(case.body).__name__ == "NotSet":
        return None
    return case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()


SHORT = 100
CHUNK = 250
"""Examples of one run of hypothesis, which remembers all of its examples while it runs."""
GROWTH = 48 * 2**20
"""Bytes by which the index and what tests it may grow after the first tenth."""


def test_what_schemathesis_sends(place: Place, scale: Scale) -> None:
    """Right and wrong by the description: never a 5xx, always an answer that is described, and memory stays what it was."""
    wanted = scale(SHORT, 100_000)
    fuzz, sizes = Fuzz(place), [0]
    cases = [(row, _strategy(row) if wanted > SHORT else _plain(row)) for row in ROWS.values()]
    number = 0
    while fuzz.sent < wanted:
        for row, made in cases:
            _chunk(fuzz, row, made, min(CHUNK, wanted // len(cases)), number)
            number += 1
        sizes += [resident()] if fuzz.sent > wanted / 10 else []
    place.changed()
    told = f"{fuzz.sent} requests, {fuzz.past} past authentication and parsing, {len(fuzz.statuses)} kinds of answers"
    sys.stdout.write(f"{told}, memory {sizes[1] >> 20} MiB, then {sizes[-1] >> 20} MiB\n")
    assert fuzz.past >= 0.3 * fuzz.sent
    assert sizes[-1] - sizes[1] < GROWTH
    assert [] == place.logged()


def _plain(row: Row) -> Any:
    """Something like it for a short run: schemathesis takes seconds to load."""
    texts = st.text(max_size=8)
    values = st.none() | st.booleans() | st.integers() | texts | st.lists(texts, max_size=2)
    body = st.dictionaries(st.sampled_from(("project", "refs", "role", "confirm", "x")), values, max_size=3) | values
    given_ids = st.fixed_dictionaries(dict.fromkeys(re.findall(r"{(\w+)}", row.path), texts))
    return st.builds(SimpleNamespace, path=st.just(row.path), path_parameters=given_ids, query=st.just({}), body=body)


def _strategy(row: Row) -> Any:
    import schemathesis
    from schemathesis import GenerationMode

    found = schemathesis.openapi.from_dict(document())[row.path][row.method]
    modes = [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if row.body is not None or "{" in row.path else [])]
    return st.one_of([found.as_strategy(generation_mode=mode) for mode in modes])


def _chunk(fuzz: Fuzz, row: Row, cases: Any, count: int, number: int) -> None:
    bearers = st.sampled_from(("ann manage", "root manage", *BEARERS))

    @seed(number)
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(cases, bearers, st.integers(0, 3))
    def check(case: Any, who: str, ours: int) -> None:
        fuzz.send(row, case, who, ours)

    check()


def resident() -> int:
    """Bytes of memory that this process holds."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
