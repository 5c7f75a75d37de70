"""Real servers behind a proxy that cuts a removal off and carries it out when the test says so."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests import s3
from tests.usecases.uploading import Index, Package
from trustpub.errors import Unreachable
from trustpub.storage.blob_uses import LATE
from trustpub.storage.blobs import SIDECAR
from trustpub.storage.s3_blobs import S3Blobs
from trustpub.usecases.collect_garbage import Collected, collect_garbage
from trustpub.usecases.upload import DOOMED, Stored

DAY = 25 * 3600.0
pytestmark = pytest.mark.s3


class Delaying:
    """A proxy before a store. While `holding`, it takes removals of blobs, hangs up, and does nothing until `carry_out`."""

    def __init__(self, endpoint: str) -> None:
        self._store = endpoint.removeprefix("http://")
        self.holding = False
        self._held: list[Callable[[], object]] = []

    def carry_out(self) -> int:
        """Pass on what was held; how many requests it was."""
        held, self._held = self._held, []
        for each in held:
            each()
        return len(held)

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Pass a request on, or keep it."""
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        headers = dict(request.headers.items())

        def pass_on() -> tuple[http.client.HTTPResponse, bytes]:
            connection = http.client.HTTPConnection(self._store, timeout=30)
            with contextlib.closing(connection):
                connection.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
                for name, value in headers.items():
                    connection.putheader(name, value)
                connection.endheaders(body)
                told = connection.getresponse()
                return told, told.read()

        if self.holding and request.path.endswith("?delete") and SIDECAR.encode() not in body:
            self._held.append(pass_on)
            request.close_connection = True
            return
        told, content = pass_on()
        request.send_response_only(told.status, told.reason)
        for name, value in told.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                request.send_header(name, value)
        length = told.getheader("Content-Length", "0") if request.command == "HEAD" else str(len(content))
        request.send_header("Content-Length", length)
        request.end_headers()
        request.wfile.write(content)


@contextlib.contextmanager
def delaying(endpoint: str) -> Iterator[tuple[Delaying, str]]:
    """A running one, and its address."""
    proxy = Delaying(endpoint)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            proxy.answer(self)

        do_PUT = do_POST = do_HEAD = do_DELETE = do_GET  # noqa: N815 - names that the library asks for

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield proxy, f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


@pytest.mark.parametrize("serve", [s3.moto, s3.rclone_store], ids=["moto", "rclone"])
def test_a_removal_that_was_cut_off_takes_nothing_that_was_acknowledged(
    serve: Callable[[Path], contextlib.AbstractContextManager[s3.Store]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may come within the hour: uploads of the same bytes wait so long, and what they put afterwards stays."""
    server = tmp_path / "server"
    server.mkdir()
    with serve(server) as store, delaying(store.endpoint) as (proxy, endpoint):
        for name, value in store.environment.items():
            monkeypatch.setenv(name, value)
        blobs = S3Blobs(tmp_path / "data", f"s3://{s3.BUCKET}/late", endpoint=endpoint)
        with Index(tmp_path, blobs=blobs) as index:
            index.now = time.time() + DAY
            token, package, other = index.user_token(), Package(), Package(version="2.0")
            names = [hashlib.sha256(each.data).hexdigest() for each in (package, other)]
            for each, name in zip((package, other), names, strict=True):
                temp = blobs.temp()
                temp.write(each.data)
                blobs.adopt(temp, name)
            proxy.holding = True
            with pytest.raises(Unreachable, match="the store of files"):
                collect_garbage(index.database, blobs, lambda: index.now)
            proxy.holding = False
            first, second = sorted(names)
            doomed, free = (package, other) if names[0] == first else (other, package)
            assert [first, second] == sorted(blobs.names())
            assert DOOMED == index.send(token, doomed)
            assert Stored(free.filename, new=True) == index.send(token, free)
            assert Collected(0, 0, 2) == collect_garbage(index.database, blobs, lambda: index.now)
            assert 1 == proxy.carry_out()
            assert [second] == list(blobs.names())
            index.now += LATE
            assert Stored(doomed.filename, new=True) == index.send(token, doomed)
            assert Collected(0, 0, 2) == collect_garbage(index.database, blobs, lambda: index.now)
            assert 0 == proxy.carry_out()
            for each, name in zip((package, other), names, strict=True):
                with blobs.open(name) as blob:
                    assert each.data == blob.read()
