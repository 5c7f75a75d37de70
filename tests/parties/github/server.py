"""The fake GitHub as a real server on the loopback, for tests that run trustpub as a program.

    with serve(fake) as server:
        subprocess.run([...], env={"GITHUB_API_URL": server.api, ...})

The logs of jobs stand behind a port of their own, as they stand on another host at GitHub.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from trustpub.parties.github.fake import FakeGitHub, Killed
from trustpub.parties.wire import Request, Response


class Server:
    """Where the fake listens, and what goes wrong on the way.

    Where the fake would raise `Killed` the connection is reset without an answer, and `on_death` is called before: a test can
    kill the program there. `cut_at(n)` sends half of the n-th answer from now.
    """

    def __init__(self, fake: FakeGitHub) -> None:
        self.fake = fake
        self.api = ""
        self.storage = ""
        self.on_death: Callable[[], object] = lambda: None
        self._cut = 0
        self._lock = threading.Lock()

    @property
    def enterprise_api(self) -> str:
        """The address as an Enterprise Server has it."""
        return f"{self.api}/api/v3"

    def cut_at(self, n: int) -> None:
        """Send only half of the n-th answer from now, counted from 1."""
        self._cut = n

    def answer(self, request: Request) -> tuple[Response, bool] | None:
        """Ask the fake: its answer and whether it is to be cut, or None when there is to be none."""
        try:
            response = self.fake.send(request)
        except Killed:
            self.on_death()
            return None
        with self._lock:
            self._cut -= 1
            return response, self._cut == 0


@contextlib.contextmanager
def serve(fake: FakeGitHub) -> Iterator[Server]:
    """Serve the fake until the end of the block, on two free ports of 127.0.0.1."""
    server = Server(fake)
    listeners = [ThreadingHTTPServer(("127.0.0.1", 0), _handler(server)) for _ in range(2)]
    server.api, server.storage = (f"http://127.0.0.1:{each.server_address[1]}" for each in listeners)
    fake.storage = server.storage
    threads = [threading.Thread(target=each.serve_forever, kwargs={"poll_interval": 0.02}) for each in listeners]
    for thread in threads:
        thread.start()
    try:
        yield server
    finally:
        for listener, thread in zip(listeners, threads, strict=True):
            listener.shutdown()
            thread.join()
            listener.server_close()


def _handler(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 10

        def _serve(self) -> None:
            length = int(self.headers.get("content-length", 0))
            url = f"http://{self.headers.get('host', '')}{self.path}"
            answered = server.answer(Request(self.command, url, dict(self.headers), self.rfile.read(length)))
            self.close_connection = True
            if answered is None:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            response, cut = answered
            self.send_response_only(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            if response.status not in {204, 304}:
                self.send_header("content-length", str(len(response.body)))
            self.send_header("connection", "close")
            self.end_headers()
            self.wfile.write(response.body[: len(response.body) // 2] if cut else response.body)

        do_GET = do_PUT = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: a request line may carry what a test keeps secret."""

    return Handler
