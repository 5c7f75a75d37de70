"""GitHub over a real socket, and everything that can go wrong on the way: a clear line, exit 3, and no token in it."""

from __future__ import annotations

import json
import socket
import time
from email.utils import formatdate
from functools import partial

import pytest

from tests.parties.github.scripted import TOKEN
from tests.parties.loopback import Speak, cut, dripping, hanging_up, listening, saying, silent
from trustpub.domain.github_settings import Account
from trustpub.errors import Unreachable
from trustpub.parties.github.client import Client
from trustpub.parties.http import send

USER = saying(json.dumps({"login": "mona", "id": 7, "type": "User"}).encode())
MONA = Account("mona", "7", "User")


class Talk:
    """A client that asks a server on this machine; what it waited and said."""

    def __init__(self, api: str, seconds: float = 20) -> None:
        self.slept: list[float] = []
        self.lines: list[str] = []
        self.client = Client(
            "github.com",
            partial(send, seconds=seconds),
            TOKEN,
            api=api,
            clock=time.time,
            sleep=self.slept.append,
            say=self.lines.append,
        )

    def fails(self) -> Unreachable:
        """Read and write, which fail alike."""
        with pytest.raises(Unreachable) as reading:
            self.client.asker()
        with pytest.raises(Unreachable) as writing:
            self.client.put_environment("octo/lamp", "pypi", {})
        for problem in (reading.value, writing.value):
            assert 3 == problem.exit_status
            assert problem.next_step
            assert TOKEN not in f"{problem}{problem!r}{problem.detail}{problem.__cause__}"
        assert reading.value.why == writing.value.why
        return reading.value


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def test_refused(nobody: str) -> None:
    """Nobody is there."""
    problem = Talk(nobody).fails()

    assert (f"`{nobody}/user`", "the connection was refused") == (problem.what, problem.why)


DRIPPING = dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n", b"{")
SLOW = (silent, DRIPPING)
FAULTS: list[tuple[str, Speak, str]] = [
    ("slow", silent, "no complete answer within 0.5 s"),
    ("dripping", DRIPPING, "no complete answer within 0.5 s"),
    ("cut", cut, "the connection was cut before the answer was whole"),
    ("hung up", hanging_up, "the connection was cut before the answer was whole"),
    ("500", saying(b'{"message": "Server Error"}', "500 Internal Server Error"), "it answered 500"),
    ("502", saying(b"<html>Unicorn!</html>", "502 Bad Gateway"), "it answered 502"),
    (
        "HTML",
        saying(b"<html>Welcome</html>", "200 OK", "Content-Type: text/html"),
        "it answered 200 with a web page instead of JSON",
    ),
    ("401", saying(b'{"message": "Bad credentials"}', "401 Unauthorized"), "GitHub no longer takes the token"),
    ("429", saying(b"{}", "429 Too Many Requests", "Retry-After: 900"), "too many requests came at once"),
    (
        "elsewhere",
        saying(b"{}", "301 Moved Permanently", "Location: https://evil.example/"),
        "the answer leads away from GitHub's API",
    ),
]


@pytest.mark.parametrize(("speak", "why"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_what_goes_wrong_is_said(speak: Speak, why: str) -> None:
    """One line names it."""
    with listening(speak) as server:
        assert why == Talk(server.base, 0.5 if speak in SLOW else 20).fails().why


def test_a_change_reaches_a_server_that_stumbles_once() -> None:
    """However it stumbles."""
    for speak in (cut, hanging_up, saying(b"", "502 Bad Gateway")):
        with listening(speak) as server, pytest.raises(Unreachable):
            Talk(server.base).client.put_environment("octo/lamp", "pypi", {})
        assert 1 == len(server.requests)


def test_a_gateway_that_stumbles_once_is_no_fault() -> None:
    """A read is tried again."""
    with listening(saying(b"", "502 Bad Gateway"), USER) as server:
        talk = Talk(server.base)
        assert talk.client.asker() == MONA

    assert ([1.0], [], 2) == (talk.slept, talk.lines, len(server.requests))


def test_a_short_pause_is_kept_and_said() -> None:
    """Then the answer comes."""
    with listening(saying(b"{}", "429 Too Many Requests", "Retry-After: 3"), USER) as server:
        talk = Talk(server.base)
        assert talk.client.asker() == MONA

    assert ([3.0], ["GitHub asks for a pause (rate limit): waiting 3 s."]) == (talk.slept, talk.lines)


def test_a_wrong_clock_is_said() -> None:
    """The answer is good all the same."""
    date = formatdate(time.time() - 3600, usegmt=True)
    with listening(saying(b'{"login": "mona", "id": 7}', "200 OK", f"Date: {date}")) as server:
        talk = Talk(server.base)
        assert talk.client.asker() == MONA

    assert 1 == len(talk.lines)
    assert "60 minutes ahead of GitHub's" in talk.lines[0]


def test_the_log_of_a_job_is_fetched_without_the_token() -> None:
    """It lies at another party, whose address is a credential: neither is told to the other or to anybody."""
    with listening(saying(b"\xef\xbb\xbf2026-01-01 done\n")) as store:
        location = f"Location: {store.base}/log?sig=canary"
        with listening(saying(b"", "302 Found", location)) as server:
            assert Talk(server.base).client.log("octo/lamp", "9") == "2026-01-01 done\n"

    assert f"Bearer {TOKEN}".encode() in server.requests[0]
    assert TOKEN.encode() not in store.requests[0]
    assert store.requests[0].startswith(b"GET /log?sig=canary ")


def test_a_log_that_cannot_be_fetched_does_not_tell_its_address() -> None:
    """The signature would be good for a minute."""
    with listening(cut) as store:
        away = f"Location: {store.base}/log?sig=canary"
        with listening(saying(b"", "302 Found", away)) as server, pytest.raises(Unreachable) as caught:
            Talk(server.base).client.log("octo/lamp", "9")

    assert f"`{store.base}/log`" == caught.value.what
    assert "canary" not in f"{caught.value}{caught.value!r}"
