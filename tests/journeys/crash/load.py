"""Clients that keep a log of what they asked and what was answered, until the server dies under them."""

from __future__ import annotations

import hashlib
import http.client
import itertools
import json
import threading
import time
from dataclasses import dataclass, field

from bench.rows.uploads import request as upload_request
from bench.rows.uploads import wheel

TIMEOUT = 20


@dataclass
class Sent:
    """One request: what was sent, and what came back (None: nothing did)."""

    kind: str
    name: str
    body: bytes
    sha256: str = ""
    status: int | None = None
    answer: dict[str, object] = field(default_factory=dict)


def ask(port: int, raw: bytes) -> tuple[int, bytes]:
    """Send one raw request and return the whole answer. Raises OSError or HTTPException when the server is gone."""
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Load:
    """Uploads of distinct wheels and exchanges of distinct tokens, from several threads, until `stop` or the server's death."""

    def __init__(self, port: int, authorization: str, tokens: list[bytes], versions: itertools.count[int]) -> None:
        self.port, self.authorization = port, authorization
        self.tokens, self.versions = iter(tokens), versions
        self.log: list[Sent] = []
        self.stop = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, args=(self._upload,)) for _ in range(6)]
        self._threads += [threading.Thread(target=self._work, args=(self._exchange,)) for _ in range(2)]

    def start(self) -> None:
        """Set every client going."""
        for thread in self._threads:
            thread.start()

    def wait_for_an_upload(self) -> None:
        """Let the server warm up: the first upload starts the processes that look into archives."""
        until = time.monotonic() + TIMEOUT
        while time.monotonic() < until and not any(sent.kind == "upload" and sent.status for sent in list(self.log)):
            time.sleep(0.01)

    def join(self) -> None:
        """Wait until every client has noticed."""
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, step: object) -> None:
        assert callable(step)
        while not self.stop.is_set():
            try:
                if not step():
                    return
            except (OSError, http.client.HTTPException):
                return

    def _note(self, sent: Sent) -> Sent:
        with self._lock:
            self.log.append(sent)
        return sent

    def _upload(self) -> bool:
        with self._lock:
            version = next(self.versions)
        project = version % 5
        content = wheel(f"package_{project}", f"{version}.0")
        raw = upload_request("/legacy/", self.authorization, project, version, content=content)
        name = f"package_{project}-{version}.0-py3-none-any.whl"
        sent = self._note(Sent("upload", name, raw, hashlib.sha256(content).hexdigest()))
        sent.status, _ = ask(self.port, raw)
        return True

    def _exchange(self) -> bool:
        with self._lock:
            raw = next(self.tokens, None)
        if raw is None:
            return False
        sent = self._note(Sent("exchange", "", raw))
        status, body = ask(self.port, raw)
        sent.answer = json.loads(body)
        sent.status = status
        return True
