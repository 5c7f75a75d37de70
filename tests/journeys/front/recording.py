"""A door before a server that passes every byte on, and keeps what clients said."""

from __future__ import annotations

import contextlib
import select
import socket
import socketserver
import threading
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Request:
    """The head of one request: its first line, and its headers by lower-case names."""

    line: str
    headers: dict[str, str]

    @property
    def target(self) -> str:
        """What was asked for, with its query."""
        return self.line.split(" ")[1]


class Recording:
    """Listens on a port of its own; one connection to the server for each that comes."""

    def __init__(self, port: int) -> None:
        self._said: list[bytearray] = []
        recording = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with contextlib.suppress(OSError):
                    recording._pass_on(self.request, port)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """What clients are told instead of the server's own address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def requests(self) -> list[Request]:
        """Every GET so far, of whoever it was: those have no bodies between which a head would have to be looked for."""
        found: list[Request] = []
        for said in self._said:
            for head in bytes(said).split(b"\r\n\r\n"):
                line, *lines = head.decode("latin-1").split("\r\n")
                if line.startswith("GET /"):
                    headers = dict(each.split(": ", 1) for each in lines if ": " in each)
                    found.append(Request(line, {name.lower(): value for name, value in headers.items()}))
        return found

    def _pass_on(self, client: socket.socket, port: int) -> None:
        said = bytearray()
        self._said.append(said)
        with socket.create_connection(("127.0.0.1", port), timeout=60) as server:
            while True:
                ready, _, _ = select.select([client, server], [], [], 60)
                for source in ready:
                    block = source.recv(65_536)
                    if not block:
                        return
                    if source is client:
                        said += block
                    (server if source is client else client).sendall(block)
                if not ready:
                    return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
