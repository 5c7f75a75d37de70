"""What a store answers to a removal: done, refused for good, or nobody knows."""

from __future__ import annotations

import contextlib
import re
import socketserver
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from trustpub.errors import Denied, Unreachable
from trustpub.storage import s3_blobs
from trustpub.storage.s3_blobs import S3Blobs

SHA = "ab" * 32
ERROR = "200 OK: <DeleteResult><Error><Key>KEY</Key><Code>{}</Code><Message>no</Message></Error></DeleteResult>"
pytestmark = pytest.mark.s3


@contextlib.contextmanager
def answering(answer: str | None, hold: threading.Event) -> Iterator[tuple[str, list[str]]]:
    """A store that gives every request the same answer; "" cuts the connection, None never answers. What it was asked."""
    asked: list[str] = []

    class Answer(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            length = 0
            while line := self.rfile.readline().strip().lower():
                if line.startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            asked.extend(re.findall(r"<Key>blobs/ab/(\w+(?:\.metadata)?)</Key>", self.rfile.read(length).decode()))
            if answer is None:
                hold.wait(30)
            elif answer:
                status, _, body = answer.replace("KEY", f"blobs/ab/{asked[-1]}").partition(": ")
                head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                self.wfile.write((head + body).encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answer) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            hold.set()
            server.shutdown()


@pytest.mark.parametrize(
    ("answer", "error", "times"),
    [
        ("200 OK: <DeleteResult><Deleted><Key>KEY</Key></Deleted></DeleteResult>", None, 2),
        (ERROR.format("NoSuchKey"), None, 2),
        ("404 Not Found", None, 2),
        (ERROR.format("AccessDenied"), Denied, 1),
        (ERROR.format("InternalError"), Unreachable, 1),
        (ERROR.format("SlowDown"), Unreachable, 1),
        ("200 OK: <DeleteResult>", Unreachable, 1),
        ("401 Unauthorized", Denied, 1),
        ("403 Forbidden", Denied, 1),
        ("500 Internal Server Error", Unreachable, 1),
        ("503 Slow Down", Unreachable, 1),
        ("", Unreachable, 1),
        (None, Unreachable, 1),
    ],
)
def test_what_an_answer_means(
    answer: str | None, error: type[Exception] | None, times: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sidecar is asked for first, the blob only after a good answer; nothing is asked for twice."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "orchay")
    monkeypatch.setattr(s3_blobs, "DELETING", timedelta(seconds=0.5))
    with answering(answer, threading.Event()) as (url, asked):
        blobs = S3Blobs(tmp_path, "s3://orchay", endpoint=url)
        if error is None:
            blobs.delete(SHA)
        else:
            with pytest.raises(error, match="the store of files"):
                blobs.delete(SHA)
    assert [f"{SHA}.metadata", SHA][:times] == asked


def test_a_removal_may_come_after_its_call() -> None:
    """So whoever asks writes it down before."""
    assert not S3Blobs.removes_at_once
