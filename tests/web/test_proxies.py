"""Trusted proxies: what they say counts, what anybody else says does not, and what cannot be read is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from trustpub.web.metrics import Tally, route_of
from trustpub.web.protocol import REQUEST_ID, SENT, STATUS
from trustpub.web.proxies import Proxies

TRUSTED = ("10.0.0.0/8", "127.0.0.1", "2001:db8::/32")


class Behind:
    """An application that keeps the scope it was called with."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope

    async def close(self) -> None:
        """Nothing to give back."""


def ask(peer: str, *headers: tuple[str, str]) -> tuple[dict[str, Any] | None, int]:
    """The scope that the application saw (None: it was not called), and the status of a refusal."""
    behind, statuses = Behind(), [0]

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    async def receive() -> Any:
        return {"type": "http.request"}

    scope = {
        "type": "http", "method": "GET", "path": "/", "scheme": "http", "client": (peer, 5000),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in (("Host", "inside"), *headers)],
    }  # fmt: skip
    asyncio.run(Proxies(behind, TRUSTED)(scope, receive, send))
    return behind.scope, statuses[-1]


def seen(peer: str, *headers: tuple[str, str]) -> tuple[str, str, bytes]:
    """Who, how and under which name, as the application has it."""
    scope, status = ask(peer, *headers)
    assert scope is not None, status
    return scope["client"][0], scope["scheme"], dict(scope["headers"])[b"host"]


@pytest.mark.parametrize(
    ("listed", "caller"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.1.2.3", "203.0.113.7"),
        ("10.9.9.9, 10.1.2.3", "10.9.9.9"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("2001:db9::7", "2001:db9::7"),
        ("[2001:db9::7]:4711", "2001:db9::7"),
        ("203.0.113.7, ::ffff:10.1.2.3", "203.0.113.7"),
        ("203.0.113.7 ,  10.1.2.3", "203.0.113.7"),
    ],
)
def test_the_caller_is_the_last_address_that_is_no_proxy(listed: str, caller: str) -> None:
    """What stands before it was written by whoever calls."""
    assert (caller, "https", b"pkg.example") == seen(
        "10.0.0.1", ("X-Forwarded-For", listed), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "pkg.example")
    )


def test_a_list_in_several_headers_is_one_list() -> None:
    """In their order."""
    assert "203.0.113.7" == seen("127.0.0.1", ("X-Forwarded-For", "1.1.1.1"), ("X-Forwarded-For", "203.0.113.7, 10.0.0.9"))[0]


def test_a_stranger_says_nothing() -> None:
    """Neither who it is, nor how it came, nor which number its request has."""
    said = (("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil"), ("X-Request-Id", "x"))
    assert ("203.0.113.9", "http", b"inside") == seen("203.0.113.9", *said)
    scope, _ = ask("203.0.113.9", *said)
    assert scope is not None
    assert REQUEST_ID not in scope


def test_a_stranger_may_say_garbage() -> None:
    """Nobody reads it."""
    assert "203.0.113.9" == seen("203.0.113.9", ("X-Forwarded-For", "\x00, garbage"))[0]


def test_a_proxy_numbers_requests() -> None:
    """So that its log and ours tell of the same."""
    scope, _ = ask("10.0.0.1", ("X-Request-Id", "8f3a-1.b_2"))
    assert scope is not None
    assert b"8f3a-1.b_2" == scope[REQUEST_ID]


@pytest.mark.parametrize(
    "header",
    [
        ("X-Forwarded-For", ""),
        ("X-Forwarded-For", "unknown"),
        ("X-Forwarded-For", "203.0.113.7, _hidden"),
        ("X-Forwarded-For", "203.0.113.7:x"),
        ("X-Forwarded-For", "[2001:db9::7"),
        ("X-Forwarded-For", "1.2.3.4, " * 20 + "10.0.0.2"),
        ("X-Forwarded-For", "203.0.113.7,"),
        ("X-Forwarded-Proto", "ftp"),
        ("X-Forwarded-Proto", "https, http"),
        ("X-Forwarded-Host", "a/b"),
        ("X-Forwarded-Host", "a b"),
        ("X-Forwarded-Host", ""),
        ("X-Request-Id", "a b"),
        ("X-Request-Id", "x" * 65),
        ("X-Request-Id", ""),
    ],
)
def test_a_garbled_header_of_a_proxy_is_refused(header: tuple[str, str]) -> None:
    """Else every caller would be the proxy, whose throttles all would share, and whom metrics are shown."""
    assert (None, 400) == ask("10.0.0.1", header)


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Request-Id", "X-Forwarded-Proto"])
def test_two_of_a_kind_are_refused(name: str) -> None:
    """Nobody can say which is meant."""
    assert (None, 400) == ask("10.0.0.1", (name, "http"), (name, "https"))


def test_a_peer_of_a_unix_socket_is_nobody() -> None:
    """It has no address, and is not trusted for one."""
    assert "" == seen("", ("X-Forwarded-For", "1.1.1.1"))[0]


def test_counting_costs_little_and_misses_nothing() -> None:
    """Routes are few whatever is asked for, and outcomes go by their codes."""
    tally = Tally()
    for path in ("/simple/a/", "/simple/b/", "/nobody/knows", "/files/x"):
        tally.count({"method": "GET", "headers": [], STATUS: 200, SENT: 10}, route_of(path), 0.002)
    refused = {"method": "POST", "headers": [], "trustpub.code": "invalid-publisher", STATUS: 422, SENT: 5}
    tally.count(refused, route_of("/_/oidc/mint-token"), 20.0)
    tally.count({"method": "POST", "headers": [(b"content-length", b"77")], STATUS: 200}, route_of("/legacy/"), 0.1)
    assert {("simple", 2), ("page", 2), ("files", 2), ("exchange", 4), ("upload", 2)} == set(tally.answers)
    assert [0.004, 2] == [tally.answers["simple", 2][0], tally.answers["simple", 2][3]]
    assert 1 == tally.answers["exchange", 4][-1]
    assert {("exchange", "invalid-publisher"): 1, ("upload", "ok"): 1} == tally.codes
    assert ({"upload": 77}, 20) == (tally.received, tally.sent["simple"])
