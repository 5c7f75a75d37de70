"""What every index behind one does: the one over HTTP, and the fake that stands for it in tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar

import pytest

from trustpub.errors import Unreachable
from trustpub.parties.upstream.fake import FakeUpstream
from trustpub.parties.upstream.http import HttpUpstream
from trustpub.parties.upstream.page import TYPE, read_page
from trustpub.parties.upstream.port import NoPage, UpstreamIndex, UpstreamPage

SHA = "a" * 64
ENTRY = {"filename": "demo-1.0.tar.gz", "url": "../../f/demo-1.0.tar.gz", "hashes": {"sha256": SHA}}
BODY = json.dumps({"meta": {"api-version": "1.1"}, "name": "demo", "files": [ENTRY], "versions": ["1.0"]}).encode()
TAG = '"one"'
BYTES = b"0123456789" * 1000


class Handler(BaseHTTPRequestHandler):
    """One project with one file."""

    answers: ClassVar[dict[str, tuple[int, dict[str, str], bytes]]] = {
        "/simple/demo/": (200, {"Content-Type": TYPE, "ETag": TAG}, BODY),
        "/f/demo-1.0.tar.gz": (200, {}, BYTES),
    }

    def do_GET(self) -> None:
        """Answer what is there."""
        status, headers, body = self.answers.get(self.path, (404, {}, b""))
        if self.headers.get("If-None-Match") == headers.get("ETag", ""):
            status, body = 304, b""
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def over_http() -> Iterator[UpstreamIndex]:
    """The real one."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield HttpUpstream(f"http://127.0.0.1:{server.server_port}/simple/")
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(params=["http", "fake"])
def index(request: pytest.FixtureRequest, over_http: UpstreamIndex) -> UpstreamIndex:
    """Either of them, with the same project."""
    if request.param == "http":
        return over_http
    fake = FakeUpstream()
    url = f"{fake.url}/demo/"
    page = read_page(BODY, "demo", url, TAG)
    fake.pages["demo"], fake.files[page.files[0].url] = page, BYTES
    return fake


def test_a_page_is_read(index: UpstreamIndex) -> None:
    """With its tag and its own address."""
    page = index.page("demo")
    assert isinstance(page, UpstreamPage)
    assert ("demo", TAG, f"{index.url}/demo/", ("1.0",), [SHA]) == (
        page.name, page.etag, page.url, page.versions, [file.sha256 for file in page.files],
    )  # fmt: skip


def test_a_page_that_is_known_is_not_sent_again(index: UpstreamIndex) -> None:
    """The tag decides; another one brings the page."""
    assert NoPage.UNCHANGED is index.page("demo", TAG)
    assert isinstance(index.page("demo", '"other"'), UpstreamPage)


def test_a_project_that_is_not_there_is_missing(index: UpstreamIndex) -> None:
    """That is an answer, and no error."""
    assert NoPage.MISSING is index.page("nobody")


def test_a_file_comes_in_pieces(index: UpstreamIndex) -> None:
    """With its size said before."""
    page = index.page("demo")
    assert isinstance(page, UpstreamPage)
    with index.open(page.files[0].url) as incoming:
        assert len(BYTES) == incoming.size
        assert BYTES == b"".join(incoming.chunks)


def test_a_file_that_is_not_there_is_an_error(index: UpstreamIndex) -> None:
    """Its page named it."""
    page = index.page("demo")
    assert isinstance(page, UpstreamPage)
    with pytest.raises(Unreachable), index.open(page.files[0].url + ".gone"):
        pass


def test_the_fake_can_be_down() -> None:
    """Then nobody knows anything."""
    fake = FakeUpstream(down=True)
    asks: list[Callable[[], object]] = [lambda: fake.page("demo"), lambda: fake.open("x").__enter__()]
    for ask in asks:
        with pytest.raises(Unreachable):
            ask()
