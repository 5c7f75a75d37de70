"""An index of a hundred lines for the clients' contract: an exchange, uploads, a simple page, and a record."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from trustpub.main.ca import make_authority
from trustpub.main.proxy import ConnectProxy
from trustpub.parties.clients.port import Seat

REQUEST_TOKEN = "request-token-canary-0001"
UPLOAD_TOKEN = "pypi-tp_" + "Z" * 49


def id_token(audience: str) -> str:
    """A token that looks like GitHub's; the stub does not check it."""
    payload = {
        "aud": audience,
        "sub": "repo:octo/demo:environment:pypi",
        "repository": "octo/demo",
        "repository_owner": "octo",
        "repository_owner_id": "1",
        "job_workflow_ref": "octo/demo/.github/workflows/pypi.yml@refs/tags/v1",
        "ref": "refs/tags/v1",
    }
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "RS256"}, payload)]
    return ".".join([*parts, "c2lnbmF0dXJl" * 4])


@dataclass
class StubIndex:
    """What happened, and what to refuse."""

    refuse: str = ""
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    credentials: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    stub: StubIndex

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        self._note(url.path)
        if url.path == "/_/oidc/audience":
            self._json({"audience": "stub"})
        elif url.path == "/idtoken":
            assert self.headers["Authorization"].lower() == f"bearer {REQUEST_TOKEN}"
            self._json({"count": 1, "value": id_token(parse_qs(url.query)["audience"][0])})
        elif url.path.startswith("/simple/"):
            links = [
                {"filename": name, "url": f"/files/{name}", "hashes": {"sha256": sha256(body)}} for name, body in self._files()
            ]
            page = {"meta": {"api-version": "1.0"}, "name": "demo", "files": links}
            self._answer(200, json.dumps(page).encode(), "application/vnd.pypi.simple.v1+json")
        elif url.path.rpartition("/")[2] in self.stub.files:
            self._answer(200, self.stub.files[url.path.rpartition("/")[2]], "application/octet-stream")
        else:
            self._answer(404, b"", "text/plain")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._note(self.path)
        if self.path == "/_/oidc/mint-token" and self.stub.refuse:
            error = {"code": self.stub.refuse, "description": "valid token, but no corresponding publisher"}
            self._answer(422, json.dumps({"message": "Token request failed", "errors": [error]}).encode(), "application/json")
        elif self.path == "/_/oidc/mint-token":
            self._json({"success": True, "token": UPLOAD_TOKEN, "expires": 2_000_000_000})
        elif self.path == "/legacy/":
            self.stub.credentials.append(base64.b64decode(self.headers["Authorization"].partition(" ")[2]).decode())
            match = re.search(rb'name="content"; filename="([^"]+)".*?\r\n\r\n', body, re.DOTALL)
            assert match is not None
            boundary = body.split(b"\r\n", 1)[0]
            self.stub.files[match[1].decode()] = body[match.end() :].split(b"\r\n" + boundary)[0]
            self._json({})
        else:
            self._json({})

    def _files(self) -> list[tuple[str, bytes]]:
        return sorted(self.stub.files.items())

    def _note(self, path: str) -> None:
        self.stub.requests.append((self.headers.get("User-Agent", ""), self.command, path))

    def _json(self, value: object) -> None:
        self._answer(200, json.dumps(value).encode(), "application/json")

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def sha256(body: bytes) -> str:
    """Hex."""
    return hashlib.sha256(body).hexdigest()


@contextmanager
def serving(stub: StubIndex, tls: ssl.SSLContext | None) -> Iterator[int]:
    """The stub on a port of its own."""

    class Bound(Handler):
        pass

    Bound.stub = stub
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
    server.daemon_threads = False
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def open_seat(folder: Path, stub: StubIndex, index: str, upload_url: str) -> Iterator[tuple[Seat, ConnectProxy]]:
    """A seat before the stub: the upload address leads to it, and nothing else leads anywhere."""
    host = urlsplit(upload_url).hostname or ""
    authority = make_authority(folder, [host], dt.datetime.now(dt.UTC))
    with (
        serving(stub, authority.server_context()) as tls_port,
        serving(stub, None) as plain_port,
        ConnectProxy([f"{host}:443"], tls_port) as proxy,
    ):
        local = f"http://127.0.0.1:{plain_port}"
        yield (
            Seat(
                folder=folder / "seat",
                index=index,
                upload_url=upload_url,
                simple_url=f"{local}/simple/",
                proxy_url=proxy.url,
                ca_file=authority.ca_file,
                token_request_url=f"{local}/idtoken?api-version=2.0",
                token_request_token=REQUEST_TOKEN,
            ),
            proxy,
        )
