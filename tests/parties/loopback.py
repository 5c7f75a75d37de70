"""A server on this machine that says what a test tells it to say, byte by byte."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Speak = Callable[[socket.socket], object]


class Loopback:
    """What came in: every request as it was sent, and how many connections were opened."""

    def __init__(self, port: int, scheme: str) -> None:
        self.base = f"{scheme}://127.0.0.1:{port}"
        self.requests: list[bytes] = []
        self.connections = 0


@contextmanager
def listening(*script: Speak, tls: ssl.SSLContext | None = None, greeting: bytes = b"") -> Iterator[Loopback]:
    """Let each request be answered by the next speaker of the script, the last one again and again; greet before any is read."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(20)
    seen = Loopback(server.getsockname()[1], "https" if tls else "http")
    open_ones: list[socket.socket] = []

    def converse(connection: socket.socket) -> None:
        with suppress(OSError), connection:
            stream = tls.wrap_socket(connection, server_side=True) if tls else connection
            with stream:
                stream.sendall(greeting)
                while request := _request(stream):
                    seen.requests.append(request)
                    script[min(len(seen.requests), len(script)) - 1](stream)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                connection.settimeout(20)
                seen.connections += 1
                open_ones.append(connection)
                threading.Thread(target=converse, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(20)
        for each in open_ones:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _request(stream: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = stream.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += stream.recv(65536)
    return head + b"\r\n\r\n" + body


def saying(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> Speak:
    """Say an answer with its length and further headers."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return lambda stream: stream.sendall("\r\n".join(lines).encode() + body)


def silent(stream: socket.socket) -> None:
    """Never answer."""
    with suppress(OSError):
        stream.recv(1)


def cut(stream: socket.socket) -> None:
    """Promise more than is sent, and hang up."""
    stream.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"id": 1,')
    stream.shutdown(socket.SHUT_RDWR)


def hanging_up(stream: socket.socket) -> None:
    """Hang up without a word."""
    stream.shutdown(socket.SHUT_RDWR)


def dripping(head: bytes, drip: bytes) -> Speak:
    """Begin, and then never come to an end."""

    def speak(stream: socket.socket) -> None:
        stream.sendall(head)
        for _ in range(400):
            stream.sendall(drip)
            time.sleep(0.05)

    return speak
