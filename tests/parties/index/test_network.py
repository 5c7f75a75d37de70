"""An index over a real socket, and everything that can go wrong on the way: a clear line, exit 3, and no token in it."""

from __future__ import annotations

import json
import socket
import time
from functools import partial

import pytest

from tests.parties.index.worlds import github
from tests.parties.loopback import Speak, cut, dripping, hanging_up, listening, saying, silent
from trustpub.errors import Unreachable
from trustpub.parties.http import send
from trustpub.parties.index.addresses import beside_upload
from trustpub.parties.index.client import IndexClient
from trustpub.parties.index.registrar import ApiRegistrar

CANARY = "pypi-api_canary0123456789"
SECONDS = 0.25


def fails(base: str) -> str:
    """Why reading and changing fail, alike."""
    quick = partial(send, seconds=SECONDS)
    own = IndexClient("own", quick, **beside_upload(f"{base}/legacy/")._asdict(), token=CANARY)
    desk = ApiRegistrar("own", f"{base}/", quick, CANARY)
    why = set()
    for question in (
        own.audience,
        lambda: own.project("orchay"),
        lambda: own.names_like("orchay"),
        lambda: desk.registered(["orchay"]),
        lambda: desk.register("orchay", github(), pending=False),
    ):
        with pytest.raises(Unreachable) as problem:
            question()
        assert 3 == problem.value.exit_status
        assert problem.value.next_step
        assert CANARY not in f"{problem.value}{problem.value!r}{problem.value.detail}{problem.value.__cause__}"
        why.add(problem.value.why)
    assert 1 == len(why)
    return why.pop()


def test_a_connection_that_is_refused() -> None:
    """Nobody listens there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert "refused" in fails(f"http://127.0.0.1:{port}")


PAGE = json.dumps({"meta": {"api-version": "1.4"}, "files": []}).encode()


@pytest.mark.parametrize(
    ("speak", "word"),
    [
        (silent, "within 0.25 s"),
        (dripping(b"HTTP/1.1 200 OK\r\n", b"X"), "within 0.25 s"),
        (hanging_up, "cut"),
        (cut, "cut"),
        (saying(b"<html>", "200 OK", "Content-Type: text/html"), "text/html"),
        (saying(PAGE[:20], "200 OK", "Content-Type: application/json"), "not all of it"),
        (saying(b"", "500 Internal Server Error"), "500"),
        (saying(b"<html>", "502 Bad Gateway", "Content-Type: text/html"), "502"),
        (saying(b"", "429 Too Many Requests", "Retry-After: 60"), "429"),
    ],
)
def test_an_answer_that_is_none(speak: Speak, word: str) -> None:
    """Each is said within the time that a request may take, five times over."""
    begun = time.monotonic()
    with listening(speak) as server:
        assert word in fails(server.base)
    assert time.monotonic() - begun < 10 * SECONDS + 5
