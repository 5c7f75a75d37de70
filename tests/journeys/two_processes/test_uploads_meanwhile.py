"""What changes at one process while an upload runs at the other: the upload is held to what is true when it ends."""

from __future__ import annotations

import contextlib
import http.client
from collections.abc import Callable, Iterator

import pytest

from tests.journeys.two_processes.pair import ORIGIN, Pair, Side
from tests.negative.furnished import PROJECT
from tests.negative.who_may import upload
from tests.web.forms import headers

pytestmark = pytest.mark.pg

MANAGE = f"/manage/project/{PROJECT}/settings/"
LAST = 40
"""Bytes of the body that are held back until the change is made."""


@contextlib.contextmanager
def half_sent(side: Side, token: str) -> Iterator[Callable[[], tuple[int, str]]]:
    """An upload that was let in and whose body is nearly there; call for its end and its answer."""
    body = upload()
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", side.process.port, timeout=60)) as connection:
        connection.putrequest("POST", "/legacy/", skip_host=True)
        told = {"Host": ORIGIN.partition("//")[2], "Content-Length": str(len(body)), "Expect": "100-continue"}
        for name, value in {**headers(token), **told}.items():
            connection.putheader(name, value)
        connection.endheaders()
        assert connection.sock.recv(1000).startswith(b"HTTP/1.1 100 ")  # the token was looked at, and found to be good
        connection.send(body[:-LAST])

        def finish() -> tuple[int, str]:
            connection.send(body[-LAST:])
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.reason

        yield finish


Change = Callable[[Pair, Side, str], object]
CHANGES: dict[str, tuple[str, Change]] = {
    "trusted publishing only": ("ann upload", lambda p, side, _: side.send(MANAGE + "trusted-only/", p.cookies["ann"], on="yes")),
    "archived": ("publisher", lambda p, side, _: side.send(MANAGE + "archive/", p.cookies["ann"], reason="over")),
    "quarantined": (
        "publisher",
        lambda p, side, _: side.send(f"/admin/projects/{PROJECT}/quarantine/", p.cookies["root"], reason="malware"),
    ),
    "deleted": ("publisher", lambda p, side, _: side.send(MANAGE + "delete/", p.cookies["ann"], confirm=PROJECT)),
    "publisher removed": (
        "publisher",
        lambda p, side, _: side.send(f"{MANAGE}publishing/{p.ids['publisher']}-{p.ids[PROJECT]}/remove/", p.cookies["ann"]),
    ),
    "burnt": ("publisher", lambda _, side, token: side.program("POST", "/_/oidc/burn-token", body={"token": token})),
    "revoked": (
        "ann upload",
        lambda p, side, _: side.send("/manage/account/token/revoke/", p.cookies["ann"], id=str(p.ids["token ann upload"])),
    ),
    "role lost": (
        "mia upload",
        lambda p, side, _: side.send(f"/manage/project/{PROJECT}/collaboration/remove/", p.cookies["ann"], user="mia"),
    ),
    "account closed": (
        "mia upload",
        lambda p, side, _: side.send("/admin/active/", p.cookies["root"], id=str(p.ids["mia"]), active="no"),
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_while_an_upload_runs(pair: Pair, what: str) -> None:
    """It is refused, and nothing of it is listed."""
    who, change = CHANGES[what]
    before = pair.rows("SELECT count(*) FROM files")
    with half_sent(pair.one, pair.tokens[who]) as finish:
        assert getattr(change(pair, pair.other, pair.tokens[who]), "status", 0) in (200, 303)
        status, reason = finish()
    assert status in (400, 403), reason
    after = pair.rows("SELECT count(*) FROM files")
    assert after == ([(0,)] if what == "deleted" else before)


def test_without_a_change_it_is_stored(pair: Pair) -> None:
    """The same upload, at either."""
    for side in pair.sides:
        with half_sent(side, pair.tokens["mia upload"]) as finish:
            assert finish()[0] == 200
        pair.put_back()
