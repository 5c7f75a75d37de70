"""Requests that lie about their length, dawdle, or ask before they send: each is answered or ended, and the index goes on."""

from __future__ import annotations

import asyncio
import socket
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.forms import BOUNDARY, TWINE, body, form, headers, part
from tests.web.site import Site
from tests.web.uploads import DATA, FILENAME, TOKEN, allow, leftovers, listed, post
from trustpub.web.api.legacy import Legacy
from trustpub.web.multipart import Unreadable, UploadForm

WHOLE = form(FILENAME, DATA, TWINE)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One index for all of them: none may hurt the next."""
    with Site(tmp_path_factory.mktemp("site")) as running:
        allow(running)
        yield running


def head(*more: str, token: str = TOKEN, path: str = "/legacy/") -> bytes:
    """A request's head, without a length unless it is given."""
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers(token).items()), *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def talk(site: Site, *pieces: bytes, close: bool = False) -> bytes:
    """Send these pieces on one connection, and read until the index closes it or has nothing more to say for a moment."""
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        if close:
            connection.shutdown(socket.SHUT_WR)
        found = b""
        connection.settimeout(0.5 if not close else 10)
        try:
            while piece := connection.recv(65536):
                found += piece
        except TimeoutError:
            pass
        return found


def gone(site: Site) -> bool:
    """Whether no temp file stays; the last one may be taken away a moment after the answer."""
    until = time.monotonic() + 5
    while leftovers(site) and time.monotonic() < until:
        time.sleep(0.01)
    return leftovers(site) == []


LYING: dict[str, tuple[bytes, bytes]] = {
    "shorter than it is": (head("Content-Length: 100") + WHOLE, b"HTTP/1.1 400 "),
    "not a number": (head("Content-Length: many") + WHOLE, b"HTTP/1.1 400 "),
    "negative": (head("Content-Length: -1") + WHOLE, b"HTTP/1.1 400 "),
    "with a sign": (head(f"Content-Length: +{len(WHOLE)}") + WHOLE, b"HTTP/1.1 400 "),
    "too large to count": (head(f"Content-Length: {'9' * 30}") + WHOLE, b"HTTP/1.1 400 "),
    "two lengths": (head(f"Content-Length: {len(WHOLE)}", "Content-Length: 5") + WHOLE, b"HTTP/1.1 400 "),
    "a length and chunks": (
        head(f"Content-Length: {len(WHOLE)}", "Transfer-Encoding: chunked") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(WHOLE), WHOLE),
        b"HTTP/1.1 400 ",
    ),
    "chunks that are none": (head("Transfer-Encoding: chunked") + b"zz\r\nhello\r\n", b"HTTP/1.1 400 "),
    "a chunk of a huge length": (head("Transfer-Encoding: chunked") + b"f" * 40 + b"\r\nhello\r\n", b"HTTP/1.1 400 "),
    "another coding": (head("Transfer-Encoding: gzip") + WHOLE, b"HTTP/1.1 400 "),
}


@pytest.mark.parametrize("case", LYING)
def test_a_length_that_lies_stores_nothing(site: Site, case: str) -> None:
    """Refused at once; what follows on that connection is nobody's request."""
    request, start = LYING[case]
    before = listed(site)

    answer = talk(site, request)

    assert answer.startswith(start), answer[:200]
    assert b" 200 " not in answer.split(b"\r\n")[0]
    assert listed(site) == before
    assert gone(site)


def test_longer_than_it_is(site: Site) -> None:
    """A client that promises more and hangs up is a client that went away: nothing is stored, nobody is told an error."""
    before = listed(site)

    answer = talk(site, head(f"Content-Length: {len(WHOLE) + 10}") + WHOLE, close=True)

    assert b" 200 " not in answer
    assert listed(site) == before
    assert gone(site)


def test_a_client_that_asks_before_it_sends(site: Site) -> None:
    """`Expect: 100-continue` is answered before the body comes, and the upload goes its way."""
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=10) as connection:
        connection.sendall(head(f"Content-Length: {len(WHOLE)}", "Expect: 100-continue", "Connection: close"))
        assert connection.recv(65536).startswith(b"HTTP/1.1 100 Continue\r\n")
        connection.sendall(WHOLE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_an_early_refusal_is_read_by_who_sends_everything_first(site: Site) -> None:
    """A body of some megabytes without a right: the whole of it is taken, then the answer comes."""
    data = part(b"content", bytes(3 * 1024 * 1024), filename=b"a-1.0-py3-none-any.whl")
    sent = body([part(b":action", b"file_upload"), data])

    answer = post(site, sent, token="pypi-nonsense", Connection="close")

    assert answer.status == 403


def test_a_compressed_body_is_no_form(site: Site) -> None:
    """Nothing is inflated for anybody who sends."""
    import gzip

    answer = post(site, gzip.compress(WHOLE), Content_Encoding="gzip")

    assert answer.status == 400


def test_a_byte_now_and_then(site: Site) -> None:
    """Who sends less than a kilobyte a second on average is given up, though it is never silent for long."""

    async def ask() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(0.02)
            return {"type": "http.request", "body": b"x", "more_body": True}

        async def send(message: Any) -> None:
            sent.append(message)

        raw = [(name.lower().encode(), value.encode()) for name, value in headers(TOKEN).items()]
        scope = {"type": "http", "method": "POST", "path": "/legacy/", "headers": [*raw, (b"content-length", b"2000000")]}
        await asyncio.wait_for(Legacy(site.service, silence=0.1)(scope, receive, send), 10)
        return sent

    start, *_ = asyncio.run(ask())

    assert start["status"] in (400, 403, 408)
    assert (b"connection", b"close") in start["headers"]


MEGABYTES = 4
NEAR = b"\r\n--" + BOUNDARY.encode()[:-1]
START = b"--" + BOUNDARY.encode() + b"\r\n"
DISPOSITION = b'Content-Disposition: form-data; name="content"; filename="a.whl"\r\n\r\n'
HOSTILE: dict[str, tuple[bytes, int]] = {
    "almost boundaries": (START + DISPOSITION + (NEAR + b"!") * (MEGABYTES * 1024**2 // len(NEAR)), 64 * 1024),
    "line ends": (START + DISPOSITION + b"\r\n" * (MEGABYTES * 1024**2 // 2), 64 * 1024),
    "hyphens": (START + DISPOSITION + b"\r\n--" * (MEGABYTES * 1024**2 // 4), 64 * 1024),
    "very many fields": ((START + b'Content-Disposition: form-data; name="x"\r\n\r\nx\r\n') * 5_000, 64 * 1024),
    "a head byte by byte": (START + b"X: " + b"x" * 9_000, 1),
    "very many options": (START + b"Content-Disposition: form-data" + b";a=b" * 2_000 + b"\r\n\r\n", 64 * 1024),
    "open quotes": (START + b'Content-Disposition: form-data; name="' + b'\\"' * 4_000 + b"\r\n\r\n", 64 * 1024),
    "blanks": (START + b"Content-Disposition: form-data;" + b" " * 8_000 + b"x\r\n\r\n", 64 * 1024),
    "a file byte by byte": (START + DISPOSITION + NEAR * 3_000, 1),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_no_form_takes_a_second_or_much_memory(case: str) -> None:
    """What is made to be slow to read is not: a second of processor time and 64 MiB are far away."""
    data, step = HOSTILE[case]
    tracemalloc.start()
    try:
        begun = time.process_time()
        reading = UploadForm(BOUNDARY.encode(), 10**8)
        try:
            for at in range(0, len(data), step):
                reading.feed(data[at : at + step])
                reading.take()
            reading.finish()
        except Unreadable:
            pass
        seconds = time.process_time() - begun
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert seconds < 1
    assert most < 64 * 1024**2
