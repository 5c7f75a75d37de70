"""A proxy in front of what may fail: it passes bytes on, turns to the next server when one is gone, or misbehaves on demand."""

from __future__ import annotations

import contextlib
import itertools
import selectors
import socket
import socketserver
import ssl
import threading
from typing import Literal

Mode = Literal["pass", "refuse", "error", "cut"]
"""pass on; close at once; answer 500 without asking; ask, and cut the answer after its first byte."""

ERROR = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512


class Proxy:
    """Listens on a port of its own, in threads; each connection goes to the next of the servers that answers."""

    def __init__(self, servers: list[int], tls: ssl.SSLContext | None = None) -> None:
        self.servers = servers
        self.mode: Mode = "pass"
        self._turn = itertools.count()
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    if tls is None:
                        proxy.pass_on(self.request)
                    else:
                        with tls.wrap_socket(self.request, server_side=True) as near:
                            proxy.pass_on(near)

        self._listener = _Listener(("127.0.0.1", 0), Handler)
        self.port = int(self._listener.server_address[1])
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop listening."""
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()

    def pass_on(self, near: socket.socket) -> None:
        """Serve one connection, to its end."""
        if self.mode == "refuse":
            return
        if self.mode == "error":
            near.recv(65_536)
            near.sendall(ERROR)
            return
        far = self._connect()
        if far is None:
            return
        with far:
            _pump(near, far, cut=self.mode == "cut")

    def _connect(self) -> socket.socket | None:
        first = next(self._turn)
        for number in range(len(self.servers)):
            port = self.servers[(first + number) % len(self.servers)]
            with contextlib.suppress(OSError):
                return socket.create_connection(("127.0.0.1", port), 5)
        return None


def _pump(near: socket.socket, far: socket.socket, *, cut: bool) -> None:
    """Pass bytes both ways until one side ends; with `cut`, until the far side has said a byte."""
    with selectors.DefaultSelector() as ready:
        ready.register(near, selectors.EVENT_READ, far)
        ready.register(far, selectors.EVENT_READ, near)
        while True:
            for key, _ in ready.select(120):
                source, target = key.fileobj, key.data
                assert isinstance(source, socket.socket)
                data = source.recv(65_536)
                while isinstance(source, ssl.SSLSocket) and source.pending():
                    data += source.recv(source.pending())
                if not data:
                    return
                if cut and source is far:
                    target.sendall(data[:1])
                    return
                target.sendall(data)
