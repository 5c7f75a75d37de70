"""uvicorn's HTTP protocol, with a reason phrase, with answers in one piece, and with patience that ends.

Twine and the publish action show their users the *reason phrase* of a refusal and nothing else, and ASGI has no place for one.
So a `http.response.start` message may carry the extra key `trustpub.reason`, and this protocol writes it into the status line.
Whatever it says, the status line stays one line of printable latin-1.

An answer that is the same for all who ask (a page, a small file) is written as bytes once and sent as bytes from then on:
checking and joining the same nine headers for every request costs as much as everything else that a read does. The application
sends its two messages as always; the first one also carries the whole answer, for a server that knows what to do with it.

The last additions close what uvicorn leaves open: a client that never finishes its request head, or sends a head without end; and
a server that is about to end, which answers what still comes on its connections and says with each answer that it is the last.
"""

from __future__ import annotations

import itertools
import logging
import math
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)
from uvicorn.server import ServerState

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Generator

    from starlette.types import Message, Scope
    from uvicorn._types import ASGI3Application, ASGIReceiveCallable, ASGISendEvent, HTTPScope
    from uvicorn.config import Config

REASON = "trustpub.reason"
"""The extra key of a `http.response.start` message; its value is bytes."""

WHOLE = "trustpub.whole"
"""Another extra key of a `http.response.start` message; its value is a `Whole`, and the body message that follows is ignored."""

BODY_UNTIL = "trustpub.body-until"
"""An extra key of the scope, which a route may set: the loop's time at which a body that is not whole ends its connection."""

REQUEST_ID = "trustpub.id"
"""An extra key of the scope, which the application may set: the request's number (bytes), which its answer then names."""

STATUS, SENT = "trustpub.status", "trustpub.sent"
"""Extra keys of the scope, for whoever asks when the answer is over: its status, and how many bytes its body had."""

REASON_LIMIT = 1024
"""Bytes of a reason phrase: http.client gives up on a status line of 64 KiB, proxies of far less."""

HEAD_LIMIT = 64 * 1024
"""Bytes of a request line with its headers; llhttp has no limit of its own, so a head without end would fill the memory."""

HEAD_SECONDS = 20.0
"""Time for one request head to arrive: a client of one byte in ten seconds would hold its connection for hours."""

TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
UNREADABLE = (
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 30\r\nconnection: close\r\n\r\n"
    b"Invalid HTTP request received."
)

SILENT = logging.getLogger("trustpub.web.protocol")
"""Where uvicorn's own remarks go: nowhere. Requests that are not HTTP are no news, and errors are told by `web.guard`."""
SILENT.addHandler(logging.NullHandler())
SILENT.propagate = False
SILENT.setLevel(logging.CRITICAL)

_START, _NUMBERS = secrets.token_hex(4).encode(), itertools.count(1)
_PRINTABLE = bytes(code if 0x20 <= code < 0x7F or code >= 0xA0 else 0x20 for code in range(256))


def reason_phrase(text: str) -> bytes:
    """Any text as a reason phrase: one line, printable, latin-1, bounded. What latin-1 lacks becomes `?`.

    Line ends and control characters become blanks, because a line end here would be a header of the caller's choice.
    """
    return sanitised(text.encode("latin-1", "replace"))


def sanitised(reason: bytes) -> bytes:
    """The same for bytes; the protocol applies it to whatever it is given."""
    return reason.translate(_PRINTABLE)[:REASON_LIMIT].strip()


def numbered(scope: Scope) -> bytes:
    """The request's number, by which an answer and the lines of the log are found together; drawn when it is first asked for."""
    number: bytes | None = scope.get(REQUEST_ID)
    if number is None:
        number = scope[REQUEST_ID] = b"%s-%x" % (_START, next(_NUMBERS))
    return number


class Whole(NamedTuple):
    """One answer, ready to be sent: `head` is the status line and the header lines without the date and the empty line.

    `closes`: no other request is answered on the connection.
    """

    head: bytes
    body: bytes
    closes: bool = False


def whole(start: Message, body: bytes, reason: bytes = b"") -> Whole:
    """Write an answer as bytes. `start` has lower-case header names, and a content-length among them.

    Raises ValueError for a header that would break out of its line.
    """
    status = start["status"]
    lines = [b"HTTP/1.1 %d %s\r\n" % (status, sanitised(reason)) if reason else STATUS_LINE[status]]
    closes = False
    for name, value in start["headers"]:
        if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
            raise ValueError("a header name or value holds a character that it may not")
        if name == b"connection":
            closes = value == b"close"
        else:
            lines.append(name + b": " + value + b"\r\n")
    return Whole(b"".join(lines), body, closes)


class _Nothing:
    """Awaiting it does nothing, at once."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, None]:
        return iter(())  # type: ignore[return-value]  # half the cost of a generator


NOTHING = _Nothing()


class _StatusLine:
    """Stands in for the transport while one response head is written, and changes that head's first line."""

    __slots__ = ("reason", "transport")

    def __init__(self, transport: asyncio.Transport, reason: bytes) -> None:
        self.transport = transport
        self.reason = reason

    def write(self, head: bytes) -> None:
        first, line_end, rest = head.partition(b"\r\n")
        version_and_status = b" ".join(first.split(b" ", 2)[:2])
        self.transport.write(version_and_status + b" " + self.reason + line_end + rest)


class _Reasoned:
    """One request's application, whose response may name its reason. `lines`: the header lines that every answer has."""

    __slots__ = ("app", "cycle", "lines", "sent")

    def __init__(self, app: ASGI3Application, cycle: RequestResponseCycle, lines: bytes) -> None:
        self.app = app
        self.cycle = cycle
        self.lines = lines
        self.sent = False

    def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, _send: object) -> Awaitable[None]:
        return self.app(scope, receive, self.send)

    def send(self, message: ASGISendEvent) -> Awaitable[None]:
        if self.sent:
            return NOTHING
        if WHOLE in message:
            self.sent = True
            if self.cycle.flow.write_paused:
                return self._send_whole_later(message)
            self._send_whole(message)
            return NOTHING
        scope: Scope = self.cycle.scope  # type: ignore[assignment]
        if message["type"] == "http.response.body":
            if scope["method"] != "HEAD":
                scope[SENT] += len(message.get("body", b""))
            return self.cycle.send(message)
        status: int = message["status"]  # type: ignore[typeddict-item]
        scope[STATUS], scope[SENT] = status, 0
        if REQUEST_ID in scope or status >= 400:
            self.cycle.default_headers = [*self.cycle.default_headers, (b"x-request-id", numbered(scope))]
        return self._send_with_reason(message) if REASON in message else self.cycle.send(message)

    async def _send_whole_later(self, message: ASGISendEvent) -> None:
        if not self.cycle.disconnected:
            await self.cycle.flow.drain()
        self._send_whole(message)

    def _send_whole(self, message: ASGISendEvent) -> None:
        cycle = self.cycle
        scope: Scope = cycle.scope  # type: ignore[assignment]
        head, body, closes = message[WHOLE]  # type: ignore[literal-required]
        if scope["method"] == "HEAD":
            body = b""
        scope[STATUS] = status = message["status"]  # type: ignore[typeddict-item]
        scope[SENT] = len(body)
        if cycle.disconnected:
            return
        if cycle.response_started:
            raise RuntimeError("an answer has begun already")
        if closes:
            cycle.keep_alive = False
        number = b"x-request-id: %s\r\n" % numbered(scope) if REQUEST_ID in scope or status >= 400 else b""
        ends = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
        cycle.response_started = cycle.response_complete = True
        cycle.waiting_for_100_continue = False
        cycle.transport.write(b"".join((head, self.lines, number, ends, body)))
        cycle.message_event.set()
        if not cycle.keep_alive:
            cycle.transport.close()
        cycle.on_response()

    async def _send_with_reason(self, message: ASGISendEvent) -> None:
        reason: bytes = message[REASON]  # type: ignore[literal-required]
        cycle = self.cycle
        if cycle.flow.write_paused and not cycle.disconnected:
            await cycle.flow.drain()  # before the swap: the head itself is written without waiting
        transport = cycle.transport
        cycle.transport = _StatusLine(transport, sanitised(reason))  # type: ignore[assignment]
        try:
            await cycle.send(message)
        finally:
            cycle.transport = transport


class State(ServerState):
    """What the connections of one listener share; `ending`: the answer that is given now is its connection's last."""

    ending = False
    lines = b""
    """`default_headers` as they are written."""

    def say_date(self, date: str) -> None:
        """The one header that every answer has."""
        self.default_headers = [(b"date", date.encode())]
        self.lines = b"date: %s\r\n" % date.encode()


class Protocol(HttpToolsProtocol):
    """One connection. Mirrors uvicorn's protocol in everything but the reason phrase and the two limits of a head."""

    def __init__(
        self,
        config: Config,
        server_state: State,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._shared = server_state
        self.logger = SILENT
        self.access_log = False
        self._head_bytes = 0
        self._head_since: float | None = None
        self._deaf = self._trailing = self._body_open = False
        self._answering: RequestResponseCycle = None  # type: ignore[assignment]

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start counting the time for the first head."""
        super().connection_made(transport)
        self._head_since = self.loop.time()

    def data_received(self, data: bytes) -> None:
        """Feed the parser, unless this head has grown beyond any client's. What comes behind a refusal is not even kept."""
        if self._deaf:
            return
        if self.timeout_keep_alive_task is not None:
            self._head_since = self.loop.time()  # idle until now: even a lone line end starts the clock
        if self._head_since is not None or self._trailing:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > HEAD_LIMIT:
            self._refuse(TOO_LARGE)

    def on_message_begin(self) -> None:
        """A head starts, perhaps behind another request in the same bytes."""
        self._head_since = self.loop.time()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The head is here: stop counting. Refuses one that names two hosts, or none: somebody on the way may have read another.

        What is raised here, the parser takes for a head that it cannot read.
        """
        hosts = [name for name, _ in self.headers].count(b"host")
        if hosts != 1 and (hosts or self.parser.get_http_version() == "1.1"):
            raise ValueError("a request names one host")
        super().on_headers_complete()
        self._head_since = None
        self._head_bytes = 0
        self._body_open = True

    def on_chunk_header(self) -> None:
        """A chunk begins. The last one has no bytes but lines like a head's, which the parser collects as well."""
        self._trailing = True
        self.headers = []  # such a line is no header of the request (RFC 9110, 6.5.1): it is forgotten

    def on_body(self, body: bytes) -> None:
        """It was not the last chunk."""
        if self._trailing:
            self._trailing = False
            self._head_bytes = 0
        super().on_body(body)

    def on_chunk_complete(self) -> None:
        """A chunk ends, the last one with its lines."""
        self._trailing = False

    def on_message_complete(self) -> None:
        """The request is here to its last line. As uvicorn, but without asking for WebSockets, which we never speak."""
        self._body_open = False
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.more_body = False
            cycle.message_event.set()

    def overdue(self, now: float) -> bool:
        """Whether this connection has been sending its head, or its body, for too long; the listener closes those that are."""
        if self._head_since is not None:
            return now - self._head_since > HEAD_SECONDS
        cycle = self.cycle  # there is one: a head has been complete
        if not cycle.more_body or cycle.response_complete:
            return False
        until: float = cycle.scope.get(BODY_UNTIL, math.inf)  # type: ignore[assignment]
        return now > until

    def last_call(self) -> None:
        """Let the answer that is being made be the connection's last; an idle connection stays as it is."""
        if self.cycle is not None and not self.cycle.response_complete:  # type: ignore[redundant-expr]
            self.cycle.keep_alive = False

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no HTTP; uvicorn's words for it (`msg`) are always the same."""
        self._refuse(UNREADABLE)

    def _refuse(self, answer: bytes) -> None:
        """Refuse what just came, and end the connection; nobody may take that for the answer to another request.

        Requests that came whole before it are answered, the last one of them as the connection's last; then nothing is said.
        """
        self._deaf = True
        cycle = self.cycle
        if self._body_open:  # what is broken is the body of the newest request, which may have its answer already
            if cycle.response_started:
                answer = b""
            elif cycle is not self._answering:
                self.pipeline.popleft()
                self.cycle = cycle = self.pipeline[0][0] if self.pipeline else self._answering
                cycle.keep_alive = False
                return
            cycle.disconnected = True
        elif cycle is not None and not cycle.response_complete:  # type: ignore[redundant-expr]
            cycle.keep_alive = False
            return
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        if self._shared.ending:
            cycle.keep_alive = False
        super()._start_asgi_task(cycle, _Reasoned(app, cycle, self._shared.lines))  # type: ignore[arg-type]

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing, and close after the answer: the parser reads nothing behind a request that wants another protocol."""
        if self.cycle is not None:
            self.cycle.keep_alive = False
