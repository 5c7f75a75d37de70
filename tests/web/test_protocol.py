"""The status line over a raw socket, and heads that never end."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.main.listener import RunningServer, bind
from trustpub.web.protocol import (
    BODY_UNTIL,
    HEAD_LIMIT,
    HEAD_SECONDS,
    REASON_LIMIT,
    WHOLE,
    Protocol,
    reason_phrase,
    sanitised,
    whole,
)


class Echo:
    """Answers with the reason that stands in the query, or with none."""

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        reason = scope["query_string"].replace(b"+", b" ").replace(b"%0D%0A", b"\r\n")
        headers = [(b"content-length", b"2")]
        start: dict[str, Any] = {"type": "http.response.start", "status": 400 if reason else 200, "headers": headers}
        if reason:
            start["trustpub.reason"] = reason
        if scope["path"] == "/whole":
            start[WHOLE] = whole(start, b"ok", reason)
        await send(start)
        await send({"type": "http.response.body", "body": b"ok"})

    async def close(self) -> None:
        """Nothing to give back."""


class Late:
    """Answers with the path: `/a` at once, others when they are let."""

    def __init__(self) -> None:
        self.let = threading.Event()

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        body = scope["path"].encode()
        if body != b"/a":
            await asyncio.get_running_loop().run_in_executor(None, self.let.wait)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    async def close(self) -> None:
        """Nothing to give back."""


class Whose:
    """Reads the request to its end, then answers with the headers that it had."""

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        while (await receive()).get("more_body"):
            pass
        body = b" ".join(name + b"=" + value for name, value in scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
        await send({"type": "http.response.body", "body": body})

    async def close(self) -> None:
        """Nothing to give back."""


class Slow:
    """Begins its answer before the request has come whole, and goes on as long as somebody listens."""

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        headers = [(b"content-length", b"1000000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        while True:
            await send({"type": "http.response.body", "body": b"y", "more_body": True})
            if (await receive())["type"] == "http.disconnect":
                return

    async def close(self) -> None:
        """Nothing to give back."""


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server whose only application is `Echo`."""
    listening = bind("127.0.0.1", 0)
    with RunningServer(Echo(), listening, "http://127.0.0.1") as server:
        yield server.port


def talk(port: int, *pieces: bytes) -> bytes:
    """Send the pieces and read until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def request(target: str, *headers: str) -> bytes:
    """One request, after which the server closes the connection."""
    lines = [f"GET {target} HTTP/1.1", "Host: here", *headers, "Connection: close", "", ""]
    return "\r\n".join(lines).encode()


def test_the_reason_is_in_the_status_line(port: int) -> None:
    """Twine shows its user this line and nothing else."""
    answer = talk(port, request("/?File+already+exists"))
    assert b"HTTP/1.1 400 File already exists" == answer.split(b"\r\n")[0]


def test_everything_else_is_as_without_a_reason(port: int) -> None:
    """Only the first line differs: headers and body are the application's, beside the number of a refusal."""
    head, _, body = talk(port, request("/?No")).partition(b"\r\n\r\n")
    assert b"ok" == body
    assert {b"date", b"content-length", b"connection", b"x-request-id"} == {
        line.split(b":")[0] for line in head.split(b"\r\n")[1:]
    }


def test_without_a_reason_the_phrase_is_the_usual_one(port: int) -> None:
    """The extra key changes nothing for those who do not use it."""
    assert b"HTTP/1.1 200 OK" == talk(port, request("/")).split(b"\r\n")[0]


def test_each_of_two_answers_on_one_connection_has_its_own_reason(port: int) -> None:
    """A reason ends with its answer, also for pipelined requests."""
    first = b"GET /?First HTTP/1.1\r\nHost: here\r\n\r\n"
    answer = talk(port, first + request("/?Second"))
    assert answer.startswith(b"HTTP/1.1 400 First\r\n")
    assert b"okHTTP/1.1 400 Second\r\n" in answer


def test_a_line_end_in_a_reason_adds_no_header(port: int) -> None:
    """Whoever can influence a reason (a file name does) must not write headers."""
    head = talk(port, request("/?No%0D%0ASet-Cookie:+x=1")).partition(b"\r\n\r\n")[0]
    assert b"HTTP/1.1 400 No  Set-Cookie: x=1" == head.split(b"\r\n")[0]
    assert not any(line.lower().startswith(b"set-cookie") for line in head.split(b"\r\n")[1:])


def without_date(answer: bytes) -> list[bytes]:
    """The lines of an answer in a fixed order: the same answer in one piece has its date elsewhere."""
    return sorted(line for line in answer.split(b"\r\n") if not line.startswith(b"date: "))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_answer_in_one_piece_is_the_answer_in_two(port: int, method: str) -> None:
    """Line for line, for GET and for HEAD."""
    pieces, one = (talk(port, request(target).replace(b"GET", method.encode(), 1)) for target in ("/", "/whole"))
    assert without_date(pieces) == without_date(one)
    assert (b"\r\ndate: " in one, one.endswith(b"\r\n\r\nok")) == (True, method == "GET")


def test_an_answer_in_one_piece_has_its_reason(port: int) -> None:
    """The same status line, sanitised as well."""
    answer = talk(port, request("/whole?No%0D%0ASet-Cookie:+x=1"))
    assert b"HTTP/1.1 400 No  Set-Cookie: x=1" == answer.split(b"\r\n")[0]


def test_an_answer_in_one_piece_may_close() -> None:
    """`connection: close` is the protocol's to write, once."""
    made = whole({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close"), (b"x", b"y")]}, b"")
    assert (b"HTTP/1.1 200 OK\r\nx: y\r\n", True) == (made.head, made.closes)


def test_answers_in_one_piece_follow_each_other_on_one_connection(port: int) -> None:
    """Pipelined, each with its own head and body, and open until the client closes."""
    one = b"GET /whole HTTP/1.1\r\nHost: here\r\n\r\n"
    answer = talk(port, one + one + request("/?Last"))
    assert 2 == answer.count(b"HTTP/1.1 200 OK\r\n")
    assert answer.count(b"connection: close") == 1
    assert b"HTTP/1.1 400 Last\r\n" in answer


@pytest.mark.parametrize("header", [(b"x", b"a\r\nb: c"), (b"x y", b"a"), (b"x", b"\0")])
def test_a_header_that_would_leave_its_line_is_not_written(header: tuple[bytes, bytes]) -> None:
    """As uvicorn, but when the answer is made and not when it is sent."""
    with pytest.raises(ValueError, match="may not"):
        whole({"type": "http.response.start", "status": 200, "headers": [header]}, b"")


@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    """Whatever the text: latin-1, no control characters, bounded, and the same when sanitised again."""
    reason = reason_phrase(text)
    assert len(reason) <= REASON_LIMIT
    assert all(0x20 <= byte < 0x7F or byte >= 0xA0 for byte in reason)
    assert reason == sanitised(reason)


def test_latin_1_survives_and_the_rest_becomes_a_question_mark() -> None:
    """The status line knows 256 characters."""
    assert b"caf\xe9 ?" == reason_phrase("café 한")


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"nonsense\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_what_is_not_http_is_answered_400_and_closed(port: int, noise: bytes) -> None:
    """Also a TLS handshake at a plain port."""
    assert b"HTTP/1.1 400 Bad Request" == talk(port, noise).split(b"\r\n")[0]


@pytest.mark.parametrize(
    "head",
    [
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: identity, chunked, x\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : here\r\n\r\n",
    ],
)
def test_two_ways_to_read_a_length_are_refused(port: int, head: bytes) -> None:
    """What a proxy could read differently is how requests are smuggled."""
    assert b"HTTP/1.1 400 Bad Request" == talk(port, head).split(b"\r\n")[0]


FIRST = b"GET /?First HTTP/1.1\r\nHost: here\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "behind",
    [
        b"nonsense\r\n\r\n",
        b"\x00",
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: x\r\n\r\n",
        CHUNKED + b"zz\r\n",
    ],
)
@pytest.mark.parametrize("before", [1, 2])
def test_a_refusal_is_never_the_answer_to_the_request_before(port: int, before: int, behind: bytes) -> None:
    """Who sends two requests at once and breaks the second would else read `400` as the outcome of the first, which was done."""
    answer = talk(port, FIRST * before + behind)
    assert [b"400 First"] * before == re.findall(rb"HTTP/1.1 (.*)\r\n", answer)
    assert 1 == answer.count(b"connection: close")


def test_what_comes_behind_a_refusal_takes_no_answer_from_anybody() -> None:
    """The parser refuses everything behind broken bytes again: each time one more whole request would have been forgotten."""
    late = Late()
    with (
        RunningServer(late, bind("127.0.0.1", 0), "http://127.0.0.1") as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection,
    ):
        connection.sendall(b"".join(FIRST.replace(b"/?First", path) for path in (b"/a", b"/b", b"/c")) + CHUNKED + b"zz\r\n")
        answer = connection.recv(65536)
        connection.sendall(b"more\r\n")
        time.sleep(0.05)
        late.let.set()
        while chunk := connection.recv(65536):
            answer += chunk
    assert [b"/a", b"/b", b"/c"] == re.findall(rb"\r\n\r\n(/.)", answer)


class Collector:
    """A parser that keeps whatever it is fed."""

    def __init__(self) -> None:
        self.kept = 0

    def feed_data(self, data: bytes) -> None:
        """Keep it."""
        self.kept += len(data)


def test_a_head_behind_a_refusal_is_not_kept() -> None:
    """While answers are under way nothing ends the connection: a head without end must not fill the memory meanwhile."""
    connection = Protocol.__new__(Protocol)
    connection.parser = collector = Collector()  # type: ignore[assignment]
    connection.timeout_keep_alive_task = None
    connection._deaf = connection._trailing = connection._body_open = False
    connection._head_bytes, connection._head_since = 0, 0.0
    connection.cycle = Asked(more_body=False, until=None)  # type: ignore[assignment]
    for _ in range(9):
        connection.data_received(b"a" * HEAD_LIMIT)
    assert 2 * HEAD_LIMIT == collector.kept


def test_a_refusal_is_never_written_into_an_answer() -> None:
    """Bytes that are no HTTP come while a body is on its way: it ends there, and holds nothing that is not its own."""
    with (
        RunningServer(Slow(), bind("127.0.0.1", 0), "http://127.0.0.1") as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection,
    ):
        connection.sendall(CHUNKED + b"1\r\nx\r\n")
        answer = connection.recv(65536)
        connection.sendall(b"zz\r\n")
        while chunk := connection.recv(65536):
            answer += chunk
    assert {b"y"} == {bytes([each]) for each in answer.partition(b"\r\n\r\n")[2]}
    assert 1 == answer.count(b"HTTP/1.1")


@pytest.mark.parametrize(
    ("hosts", "version", "status"),
    [
        (["here"], "1.1", b"200"),
        ([], "1.0", b"200"),
        ([], "1.1", b"400"),
        (["here", "here"], "1.1", b"400"),
        (["here", "there"], "1.1", b"400"),
        (["here", "there"], "1.0", b"400"),
    ],
)
def test_a_request_names_one_host(port: int, hosts: list[str], version: str, status: bytes) -> None:
    """Of two, a proxy may have read the other one (RFC 9112, 3.2)."""
    head = [f"GET / HTTP/{version}", *(f"Host: {host}" for host in hosts), "Connection: close", "", ""]
    assert status == talk(port, "\r\n".join(head).encode()).split(b" ")[1]


def test_a_head_without_end_is_refused(port: int) -> None:
    """The parser alone would collect it until the memory is full."""
    answer = talk(port, b"GET / HTTP/1.1\r\nHost: here\r\nX: ", b"a" * (HEAD_LIMIT + 1))
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_what_stands_behind_a_body_is_no_header() -> None:
    """A proxy has looked at the head only: neither another host nor anybody's word is taken from below."""
    with RunningServer(Whose(), bind("127.0.0.1", 0), "http://127.0.0.1") as server:
        below = b"1\r\nx\r\n0\r\nHost: there\r\nAuthorization: x\r\n\r\n"
        answer = talk(server.port, CHUNKED + below + request("/"))
    told = re.findall(rb"\r\n\r\n(host=.*?)(?:HTTP|$)", answer)
    assert [b"host=here transfer-encoding=chunked", b"host=here connection=Close".lower()] == [each.lower() for each in told]


@pytest.mark.parametrize("app", [Echo, Whose])
def test_lines_without_end_behind_a_body_end_the_connection(app: type[Echo | Whose]) -> None:
    """They are collected as a head is, also for a request that was answered long ago."""
    with (
        RunningServer(app(), bind("127.0.0.1", 0), "http://127.0.0.1") as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection,
    ):
        connection.sendall(CHUNKED + b"1\r\nx\r\n0\r\nX: ")
        with pytest.raises(ConnectionError):
            connection.sendall(b"a" * HEAD_LIMIT * 1000)


def test_a_refusal_is_never_behind_the_answer_to_the_same_request(port: int) -> None:
    """Who was answered before the body had come would take it for the answer to the next request."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 10000000\r\n\r\n")
        answer = connection.recv(65536)
        with contextlib.suppress(ConnectionError):
            connection.sendall(b"a" * (HEAD_LIMIT + 1))
            while chunk := connection.recv(65536):
                answer += chunk
    assert 1 == answer.count(b"HTTP/1.1")


def test_chunks_of_any_size_come_in_any_pieces() -> None:
    """Only lines are counted: not the bytes of a chunk, wherever its own line was cut."""
    chunk = b"%x\r\n" % (2 * HEAD_LIMIT) + b"x" * 2 * HEAD_LIMIT + b"\r\n"
    with RunningServer(Whose(), bind("127.0.0.1", 0), "http://127.0.0.1") as server:
        pieces = [
            CHUNKED.replace(b"Host", b"Connection: close\r\nHost"),
            chunk[:7],
            chunk[7:9],
            chunk[9:],
            chunk,
            b"0\r\n",
            b"\r\n",
        ]
        assert talk(server.port, *pieces).startswith(b"HTTP/1.1 200 ")


def test_a_long_head_within_the_limit_is_answered(port: int) -> None:
    """Claims in cookies and proxies' headers do get long."""
    assert talk(port, request("/", "X: " + "a" * (HEAD_LIMIT - 1000))).startswith(b"HTTP/1.1 200 ")


def test_an_upgrade_that_we_do_not_know_is_answered_as_a_plain_request(port: int) -> None:
    """As RFC 9110 7.8 allows; the connection closes, because nothing behind such a head is read."""
    answer = talk(port, b"GET / HTTP/1.1\r\nHost: here\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"connection: close" in answer


@pytest.mark.parametrize(("waited", "overdue"), [(HEAD_SECONDS - 1, False), (HEAD_SECONDS + 1, True)])
def test_a_head_has_a_time_limit_as_a_whole(waited: float, overdue: bool) -> None:
    """One byte every ten seconds must not hold a connection for ever."""
    connection = Protocol.__new__(Protocol)
    connection._head_since = 5.0
    assert overdue is connection.overdue(5.0 + waited)


class Asked:
    """A request under way: its body whole or not, its time set or not."""

    def __init__(self, *, more_body: bool, until: float | None) -> None:
        self.more_body = more_body
        self.response_complete = False
        self.scope = {} if until is None else {BODY_UNTIL: until}


@pytest.mark.parametrize(
    ("more_body", "until", "overdue"), [(True, 9.0, True), (True, 11.0, False), (False, 9.0, False), (True, None, False)]
)
def test_a_body_has_the_time_that_its_route_gives_it(more_body: bool, until: float | None, overdue: bool) -> None:
    """Uploads set none: they have a rule of their own."""
    connection = Protocol.__new__(Protocol)
    connection._head_since = None
    connection.cycle = Asked(more_body=more_body, until=until)  # type: ignore[assignment]
    assert overdue is connection.overdue(10.0)


def test_an_idle_connection_is_not_overdue() -> None:
    """It has the keep-alive limit."""
    connection = Protocol.__new__(Protocol)
    connection._head_since = None
    connection.cycle = Asked(more_body=True, until=5.0)  # type: ignore[assignment]
    connection.cycle.response_complete = True
    assert not connection.overdue(1e9)
