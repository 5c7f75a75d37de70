"""Clients under load: uploads of distinct wheels and exchanges of distinct ID tokens, each logged before and after."""

from __future__ import annotations

import base64
import hashlib
import http.client
import itertools
import json
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from bench.rows.uploads import basic, wheel
from bench.rows.uploads import request as upload_request
from tests.journeys.crash.server import token_key
from tests.journeys.durability.log import Log

PROJECTS = 5
PACE = 0.02
"""Seconds between two requests of one client: the load that a busy index has, not a race."""


def ask(url: str, raw: bytes) -> tuple[int, bytes]:
    """Send one raw request to this address. Raises OSError or HTTPException when nobody answers whole."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request(method, path, body, dict(line.split(": ", 1) for line in lines))
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Clients:
    """Several of each kind, from `start` to `stop`; when nobody answers they wait a moment and go on with the next request."""

    def __init__(self, url: str, log: Log, api_token: str, tokens: list[bytes], versions: itertools.count[int]) -> None:
        self.url, self.log, self.versions = url, log, versions
        self.authorization = basic("__token__", api_token)
        self.tokens = iter(tokens)
        self.upload_tokens: list[tuple[str, str]] = []
        self.statuses: list[int] = []
        self._over = threading.Event()
        self._lock = threading.Lock()
        work: list[Callable[[], None]] = [self._upload] * 4 + [self._exchange] * 2 + [self._trespass]
        self._threads = [threading.Thread(target=self._work, args=(each,)) for each in work]

    def start(self) -> None:
        """Set every client going, and wait until the first upload was answered."""
        for thread in self._threads:
            thread.start()
        until = time.monotonic() + 30
        while time.monotonic() < until and not self.statuses:
            time.sleep(0.01)

    def stop(self) -> None:
        """End after the requests that are under way."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _work(self, step: Callable[[], None]) -> None:
        while not self._over.wait(PACE):
            try:
                step()
            except (OSError, http.client.HTTPException):
                self._over.wait(0.05)

    def _send(self, raw: bytes, what: str, **about: object) -> bytes:
        number = self.log.intent(what, **about)
        status, body = ask(self.url, raw)
        self.log.answered(number, status)
        if what == "upload":
            self.statuses.append(status)
        return body if status == 200 else b""

    def _upload(self) -> None:
        """By a person's token, which may create projects; or by an upload token that an exchange gave, while it lasts."""
        with self._lock:
            version = next(self.versions)
            given = self.upload_tokens.pop(0) if self.upload_tokens and version % 2 else None
        project = version % PROJECTS if given is None else int(given[0])
        authorization = self.authorization if given is None else basic("__token__", given[1])
        upload(self._send, project, version, authorization, allowed=True)

    def _trespass(self) -> None:
        """Take an upload token to another project than its own: refused, whatever else goes on."""
        with self._lock:
            given = self.upload_tokens.pop() if self.upload_tokens else None
            version = next(self.versions)
        if given is not None:
            upload(self._send, (int(given[0]) + 1) % PROJECTS, version, basic("__token__", given[1]), allowed=False)
        self._over.wait(0.3)

    def _exchange(self) -> None:
        with self._lock:
            raw = next(self.tokens, None)
        if raw is None:
            self._over.wait(0.5)
            return
        key = token_key(raw)
        body = self._send(raw, "exchange", key=key, request=base64.b64encode(raw).decode(), project=project_of(raw))
        if body:
            with self._lock:
                self.upload_tokens.append((project_of(raw), json.loads(body)["token"]))


def upload(send: Callable[..., bytes], project: int, version: int, authorization: str, *, allowed: bool) -> None:
    """One wheel, whose bytes nobody else sends."""
    content = wheel(f"package_{project}", f"{version}.0")
    raw = upload_request("/legacy/", authorization, project, version, content=content)
    name = f"package_{project}-{version}.0-py3-none-any.whl"
    sha256 = hashlib.sha256(content).hexdigest()
    send(raw, "upload", project=f"package-{project}", name=name, sha256=sha256, allowed=allowed)


def project_of(raw: bytes) -> str:
    """The number of the project that an exchange is for, out of the token's own claims."""
    token = str(json.loads(raw.partition(b"\r\n\r\n")[2])["token"])
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return str(claims["repository"]).rpartition("-")[2]


def crowd(url: str, log: Log, requests: list[tuple[bytes, str, dict[str, object]]]) -> list[int]:
    """Send all of these at the same moment, each from a client of its own; the statuses of those that were answered."""
    gate, statuses = threading.Barrier(len(requests)), []

    def one(raw: bytes, what: str, about: dict[str, object]) -> None:
        number = log.intent(what, **about)
        gate.wait()
        try:
            status, _ = ask(url, raw)
        except (OSError, http.client.HTTPException):
            return
        log.answered(number, status)
        statuses.append(status)

    threads = [threading.Thread(target=one, args=each) for each in requests]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses
