"""Who asks, as the log, the people and the links of the index have it: told by nginx, and by nobody else."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.journeys.front.doors import Doors
from tests.journeys.front.nginx import in_front
from tests.journeys.front.raw_http import Wire, ask
from tests.web.pages.people import Index, register
from trustpub.storage.events import events_of

STRANGER = "127.0.0.5"
"""An address of this machine that is not the proxy's."""


def soon(lines: Callable[[], list[str]]) -> str:
    """The one line of a log, which is written a moment after the answer."""
    until = time.monotonic() + 10
    while not lines() and time.monotonic() < until:
        time.sleep(0.005)
    (line,) = lines()
    return line


@pytest.mark.parametrize("forged", ["127.0.0.1", "203.0.113.9", "127.0.0.1, 127.0.0.1", "unknown", "", "1.2.3.4, " * 20])
@pytest.mark.parametrize("door", ["nginx", "index"])
def test_nobody_says_who_it_is_but_the_proxy(doors: Doors, door: str, forged: str) -> None:
    """Not through nginx, which writes these headers itself, and not at the index, which believes nginx alone."""
    said = (
        f"X-Forwarded-For: {forged}",
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Proto: https",
        f"Forwarded: for={forged}",
    )
    port = doors.nginx if door == "nginx" else doors.site.server.port
    doors.site.log.clear()

    answer = ask(port, "/simple/Asked_for/", *said, "X-Request-Id: chosen", "X-Real-Ip: 127.0.0.1", source=STRANGER)

    assert "http://pypi.example/simple/asked-for/" == answer.headers["location"]
    assert STRANGER == json.loads(soon(lambda: [line for line in doors.site.log if "/Asked_for/" in line]))["client"]
    assert "chosen" != answer.headers["x-request-id"]


def test_headers_that_the_connection_is_told_to_drop_are_there(doors: Doors) -> None:
    """`Connection: X-Forwarded-For` takes away nothing that nginx says."""
    doors.site.log.clear()
    with Wire(doors.nginx, STRANGER) as wire:
        names = "close, X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host, Host"
        wire.send(f"GET /healthz HTTP/1.1\r\nHost: pypi.example\r\nConnection: {names}\r\n\r\n".encode())
        answer = wire.answer()
    assert answer is not None
    line = soon(lambda: [line for line in doors.site.log if "/healthz" in line])
    assert (200, STRANGER) == (answer.status, json.loads(line)["client"])


@pytest.mark.parametrize(
    "path", ["/metrics", "/readyz", "//metrics", "/x/../metrics", "/x/%2e%2e/%6detrics", "/x%2f..%2fmetrics", "/metrics?a"]
)
def test_what_is_for_the_operator_is_not_shown_outside(doors: Doors, path: str) -> None:
    """However it is spelled, and also to a stranger who is a neighbour of the proxy."""
    assert 403 == ask(doors.nginx, path).status


@pytest.mark.parametrize("path", ["/METRICS", "/metrics/", "/metrics;a", "/metrics%00", "/%2emetrics", "/metrics%2f"])
def test_what_only_looks_so_is_nothing(doors: Doors, path: str) -> None:
    """The index knows one spelling."""
    assert ask(doors.nginx, path).status in (400, 404)


def test_nginx_writes_down_who_asked_for_what_and_no_secret(doors: Doors) -> None:
    """A link that was mailed has one in its query; a feed reader or a browser may send it on as where it comes from."""
    secret = "planted-secret-of-a-mailed-link"
    answer = ask(
        doors.nginx, f"/account/verify-email/?token={secret}", f"Referer: https://pypi.example/?token={secret}", source=STRANGER
    )
    assert answer.status in (200, 400)
    line = soon(lambda: [each for each in (doors.logs / "access.log").read_text().splitlines() if "verify-email" in each])
    assert secret not in (doors.logs / "access.log").read_text() + (doors.logs / "error.log").read_text()
    assert line.startswith(f"{STRANGER} [")
    assert f'"GET /account/verify-email/" {answer.status} ' in line
    assert line.endswith(f" {answer.headers['x-request-id']}")


def test_the_log_of_an_account_names_the_address_of_who_tried(tmp_path: Path, only_long: None) -> None:
    """A wrong password is told to the owner of the account: with the caller's address, not the proxy's, nor a forged one."""
    with Index(tmp_path / "site", url="https://pypi.example", trusted_proxies=("127.0.0.1",)) as index:
        register(index)
        with in_front(tmp_path, index.server.port) as port:
            for each in (port, index.server.port):
                assert 400 <= try_password(each) < 500
        with index.database.read() as connection:
            found = [event.detail["address"] for event in events_of(connection) if event.kind == "account:sign-in-failed"]
    assert [STRANGER] * 2 == found


def try_password(port: int) -> int:
    """Send a wrong password, with every header that could hide who does; the status."""
    body = urlencode({"username": "hana", "password": "seven grey geese"})
    head = [
        "POST /account/login/ HTTP/1.1", "Host: pypi.example", "Origin: https://pypi.example", "X-Forwarded-For: 203.0.113.9",
        "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "Connection: close", "", body,
    ]  # fmt: skip
    with Wire(port, STRANGER) as wire:
        wire.send("\r\n".join(head).encode())
        answer = wire.answer()
    assert answer is not None
    return answer.status
