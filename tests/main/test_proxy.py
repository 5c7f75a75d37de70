"""The CONNECT proxy: a few names to one port, everything else refused and told."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from trustpub.main.proxy import ConnectProxy, ProxyRequest


class Echo:
    """A server on 127.0.0.1 that greets with what it was sent, and counts its connections."""

    def __init__(self) -> None:
        self.connections = 0
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                while block := connection.recv(65536):
                    connection.sendall(block)

    def close(self) -> None:
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.thread.join()


@pytest.fixture
def echo() -> Iterator[Echo]:
    """A server to be led to."""
    server = Echo()
    yield server
    server.close()


@pytest.fixture
def proxy(echo: Echo) -> Iterator[ConnectProxy]:
    """A running proxy that knows one name."""
    with ConnectProxy(["index.test:443"], echo.port) as running:
        yield running


def ask(proxy: ConnectProxy, head: bytes) -> bytes:
    """Send one request and return all that is answered."""
    answer = b""
    with socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(head)
        while block := connection.recv(65536):
            answer += block
    return answer


def connect(proxy: ConnectProxy, target: str, said: bytes = b"") -> socket.socket:
    """Open a tunnel, `said` being sent in the same packet as the request."""
    connection = socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2])), timeout=10)
    connection.sendall(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n".encode() + said)
    return connection


def read(connection: socket.socket, count: int) -> bytes:
    """Read exactly `count` bytes."""
    got = b""
    while len(got) < count:
        block = connection.recv(count - len(got))
        if not block:
            break
        got += block
    return got


ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def test_an_allowed_name_is_spliced_both_ways(proxy: ConnectProxy) -> None:
    """Bytes go through unchanged, also those that were sent together with the request and a block larger than any buffer."""
    block = bytes(range(256)) * 4000
    with connect(proxy, "INDEX.test:443", b"early") as tunnel:
        assert read(tunnel, len(ESTABLISHED)) == ESTABLISHED
        assert read(tunnel, 5) == b"early"
        sender = threading.Thread(target=tunnel.sendall, args=(block,))
        sender.start()
        assert read(tunnel, len(block)) == block
        sender.join()
    assert proxy.requests == (ProxyRequest("index.test:443", allowed=True),)


@pytest.mark.parametrize(
    ("request_line", "told"),
    [
        ("CONNECT elsewhere.test:443 HTTP/1.1", "elsewhere.test:443"),
        ("CONNECT index.test:80 HTTP/1.1", "index.test:80"),
        ("CONNECT index.test HTTP/1.1", "index.test"),
        ("CONNECT 127.0.0.1:22 HTTP/1.1", "127.0.0.1:22"),
        ("connect index.test:443 HTTP/1.1", "connect (no host)"),
        ("GET http://index.test/simple/?secret=1 HTTP/1.1", "GET index.test"),
        ("GET http://user:secret@elsewhere.test/ HTTP/1.1", "GET elsewhere.test"),
        ("POST / HTTP/1.1", "POST (no host)"),
        ("", "(nothing) (no host)"),
    ],
)
def test_everything_else_is_refused_and_told(proxy: ConnectProxy, echo: Echo, request_line: str, told: str) -> None:
    """403 for other names, ports and methods; recorded without path or password; no connection is opened."""
    assert ask(proxy, request_line.encode() + b"\r\n\r\n").startswith(b"HTTP/1.1 403 ")
    assert proxy.requests == (ProxyRequest(told, allowed=False),)
    assert echo.connections == 0


def test_an_endless_head_is_refused(proxy: ConnectProxy) -> None:
    """A head without an end is cut off, even for a name that would be allowed."""
    with socket.create_connection(("127.0.0.1", int(proxy.url.rpartition(":")[2])), timeout=10) as connection:
        connection.sendall(b"CONNECT index.test:443 HTTP/1.1\r\n".ljust(16384, b"x"))
        assert connection.recv(12) == b"HTTP/1.1 403"
    assert proxy.requests == (ProxyRequest("(nothing) (no host)", allowed=False),)


def test_leaving_closes_open_tunnels(echo: Echo) -> None:
    """The end of the rehearsal is the end of its tunnels, even of one that nobody closed."""
    with ConnectProxy(["index.test:443"], echo.port) as proxy:
        tunnel = connect(proxy, "index.test:443")
        assert read(tunnel, len(ESTABLISHED)) == ESTABLISHED
    assert tunnel.recv(1) == b""
    tunnel.close()
