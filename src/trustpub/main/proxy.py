"""A CONNECT proxy that leads a few names to one local port, and refuses the rest of the world.

Clients believe they talk to the real index; every byte stays on this machine. The proxy opens connections to 127.0.0.1 and one
port only, whatever it is asked, so a client that is told to use it cannot reach anything else through it.
"""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_HEAD_LIMIT = 16 * 1024
_IDLE_SECONDS = 60.0
_REFUSAL = b"this name is not part of the rehearsal, and nothing leaves this machine\n"
_FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (
    len(_REFUSAL),
    _REFUSAL,
)


@dataclass(frozen=True, slots=True)
class ProxyRequest:
    """One request that reached the proxy: `target` is a CONNECT's `host:port`, else method and host (never a path)."""

    target: str
    allowed: bool


class ConnectProxy:
    """Listens on 127.0.0.1; splices CONNECT to `names` (each `host:port`) to `port`, answers 403 to everything else."""

    def __init__(self, names: Iterable[str], port: int) -> None:
        self.names = frozenset(name.lower() for name in names)
        self.upstream = ("127.0.0.1", port)
        self._requests: list[ProxyRequest] = []
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="rehearsal-proxy", daemon=True)

    @property
    def url(self) -> str:
        """What clients get as `HTTPS_PROXY`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> tuple[ProxyRequest, ...]:
        """Every request so far, allowed or not, in order of arrival."""
        with self._lock:
            return tuple(self._requests)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        with self._lock:
            open_sockets = list(self._sockets)
        for connection in open_sockets:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()  # joins the handlers
        self._thread.join()

    def serve(self, client: socket.socket) -> None:
        """Answer one connection; a client that sends no readable head is recorded and refused as well."""
        client.settimeout(_IDLE_SECONDS)
        with self._tracked(client):
            request = self._judge(_read_head(client))
            with self._lock:
                self._requests.append(request)
            if not request.allowed:
                client.sendall(_FORBIDDEN)
                return
            self._splice(client)

    def _judge(self, head: bytes) -> ProxyRequest:
        method, _, rest = head.split(b"\r\n", 1)[0].decode("latin-1").partition(" ")
        target = rest.partition(" ")[0].lower()
        if method == "CONNECT":
            return ProxyRequest(target, target in self.names)
        host = target.partition("://")[2].partition("/")[0].rpartition("@")[2]
        return ProxyRequest(f"{method[:16] or '(nothing)'} {host or '(no host)'}", allowed=False)

    def _splice(self, client: socket.socket) -> None:
        with socket.create_connection(self.upstream, timeout=_IDLE_SECONDS) as upstream, self._tracked(upstream):
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            while _pump(client, upstream):
                pass

    @contextlib.contextmanager
    def _tracked(self, connection: socket.socket) -> Iterator[None]:
        with self._lock:
            self._sockets.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._sockets.discard(connection)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = False
    block_on_close = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], proxy: ConnectProxy) -> None:
        self.proxy = proxy
        super().__init__(address, socketserver.BaseRequestHandler)

    def finish_request(self, request: object, client_address: object) -> None:
        assert isinstance(request, socket.socket)  # noqa: S101 - a TCP server's requests are sockets
        with contextlib.suppress(OSError):  # a client that leaves is not an event
            self.proxy.serve(request)


def _read_head(client: socket.socket) -> bytes:
    """The request's head and not one byte beyond it (that belongs to the tunnel); empty when it has no end."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _HEAD_LIMIT:
        peeked = client.recv(4096, socket.MSG_PEEK)
        if not peeked:
            break
        end = (head + peeked).find(b"\r\n\r\n")
        take = len(peeked) if end < 0 else end + 4 - len(head)
        head += client.recv(take)
    return head if b"\r\n\r\n" in head else b""


def _pump(one: socket.socket, other: socket.socket) -> bool:
    """Move what is there in both directions; False when a side has closed or nothing came for a minute."""
    ready, _, _ = select.select([one, other], [], [], _IDLE_SECONDS)
    for source in ready:
        block = source.recv(65536)
        if not block:
            return False
        (other if source is one else one).sendall(block)
    return bool(ready)
