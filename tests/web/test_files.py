"""The bytes of files over real sockets: small, large, parts of them, and only what is listed."""

from __future__ import annotations

import hashlib
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.site import Site
from trustpub.settings import Sending
from trustpub.storage.database import Connection
from trustpub.storage.projects import bump_serial
from trustpub.storage.tables import files
from trustpub.web.conditional import Part, matches, requested_part
from trustpub.web.files import BLOCK, SMALL

SMALL_FILE = b"0123456789"
LARGE_FILE = bytes(range(256)) * (3 * BLOCK // 256) + b"the end"


@pytest.fixture
def small(site: Site) -> str:
    """The path of a small wheel."""
    return site.publish("demo-1.0-py3-none-any.whl", SMALL_FILE, metadata=b"Name: demo\n")


@pytest.fixture
def large(site: Site) -> str:
    """The path of an sdist of a little more than three blocks."""
    return site.publish("demo-1.0.tar.gz", LARGE_FILE)


def test_a_small_file_comes_whole(site: Site, small: str) -> None:
    """Twice: from the disk, then from memory."""
    assert [(200, SMALL_FILE)] * 2 == [(answer.status, answer.body) for answer in (site.get(small), site.get(small))]


def test_a_large_file_comes_whole(site: Site, large: str) -> None:
    """In blocks, and byte for byte."""
    answer = site.get(large)
    assert (200, str(len(LARGE_FILE))) == (answer.status, answer.headers["content-length"])
    assert hashlib.sha256(LARGE_FILE).digest() == hashlib.sha256(answer.body).digest()


@pytest.mark.parametrize("size", [0, 1, SMALL - 1, SMALL, SMALL + 1, BLOCK, BLOCK + 1])
def test_files_of_every_size_around_the_limits(site: Site, size: int) -> None:
    """Where one way of sending ends and the other begins."""
    content = b"x" * size
    assert content == site.get(site.publish("demo-1.0.tar.gz", content)).body


def test_the_headers_of_a_file(site: Site, small: str) -> None:
    """Bytes, for ever, and nothing that a browser could run."""
    headers = site.get(small).headers
    del headers["date"]
    assert {
        "content-type": "application/octet-stream",
        "content-length": "10",
        "etag": f'"{hashlib.sha256(SMALL_FILE).hexdigest()}"',
        "cache-control": "public, max-age=31536000, immutable",
        "accept-ranges": "bytes",
        "content-disposition": "attachment; filename*=UTF-8''demo-1.0-py3-none-any.whl",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "same-origin",
    } == headers


def test_the_metadata_of_a_wheel_has_its_own_address(site: Site, small: str) -> None:
    """PEP 658: the same address with `.metadata`, as text."""
    answer = site.get(small + ".metadata")
    assert (200, b"Name: demo\n", "text/plain; charset=utf-8") == (answer.status, answer.body, answer.headers["content-type"])


def test_a_file_without_metadata_has_no_such_address(site: Site, large: str) -> None:
    """404, as its page says."""
    assert 404 == site.get(large + ".metadata").status


@pytest.mark.parametrize(
    ("wanted", "part"), [("bytes=2-4", b"234"), ("bytes=7-", b"789"), ("bytes=-3", b"789"), ("bytes=0-99", SMALL_FILE)]
)
def test_a_part_of_a_small_file(site: Site, small: str, wanted: str, part: bytes) -> None:
    """Uv and pip read a wheel's directory from its end."""
    answer = site.get(small, Range=wanted)
    start = SMALL_FILE.index(part)
    assert (206, part) == (answer.status, answer.body)
    assert f"bytes {start}-{start + len(part) - 1}/10" == answer.headers["content-range"]


def test_a_part_of_a_large_file_across_blocks(site: Site, large: str) -> None:
    """More than one block, from the middle of one."""
    start, end = BLOCK - 5, 2 * BLOCK + 5
    answer = site.get(large, Range=f"bytes={start}-{end - 1}")
    assert (206, LARGE_FILE[start:end]) == (answer.status, answer.body)


def test_a_part_behind_the_end_is_416(site: Site, small: str) -> None:
    """With the size, so that the client can ask again."""
    answer = site.get(small, Range="bytes=10-")
    assert (416, "bytes */10", b"") == (answer.status, answer.headers["content-range"], answer.body)


@pytest.mark.parametrize(
    "wanted", ["bytes=0-1,3-4", "lines=1-2", "bytes=4-2", "bytes=-", "bytes=a-b", "bytes=" + ",".join(["0-"] * 10_000)]
)
def test_other_ranges_are_answered_with_the_whole_file(site: Site, small: str, wanted: str) -> None:
    """Ten thousand ranges are a small request for a giant answer."""
    answer = site.get(small, Range=wanted)
    assert (200, SMALL_FILE) == (answer.status, answer.body)


@pytest.mark.parametrize(("tag", "status"), [("the same", 206), ('"another"', 200)])
def test_a_part_of_this_very_file_only(site: Site, small: str, tag: str, status: int) -> None:
    """`If-Range` with another tag gets the whole."""
    etag = f'"{hashlib.sha256(SMALL_FILE).hexdigest()}"'
    assert status == site.get(small, Range="bytes=0-1", If_Range=etag if tag == "the same" else tag).status


def test_a_client_that_has_the_file_gets_no_body(site: Site, small: str) -> None:
    """The tag is the content's hash."""
    answer = site.get(small, If_None_Match=site.get(small).headers["etag"])
    assert (304, b"") == (answer.status, answer.body)


@pytest.mark.parametrize("name", ["small", "large"])
def test_head_tells_the_size_and_sends_nothing(site: Site, name: str, request: pytest.FixtureRequest) -> None:
    """Pip asks so before it reads parts."""
    answer = site.ask("HEAD", request.getfixturevalue(name))
    size = len(SMALL_FILE if name == "small" else LARGE_FILE)
    assert (200, str(size), b"") == (answer.status, answer.headers["content-length"], answer.body)


def test_bytes_without_a_row_are_not_served(site: Site) -> None:
    """A blob that an upload left behind is nobody's file."""
    sha256 = site.blob(b"left behind")
    assert 404 == site.get(f"/files/{sha256[:2]}/{sha256[2:4]}/{sha256}/demo-1.0.tar.gz").status


def test_the_hash_in_the_address_must_be_the_files(site: Site, small: str) -> None:
    """Another file's bytes under this name are not this file."""
    other = hashlib.sha256(b"other").hexdigest()
    site.blob(b"other")
    assert 404 == site.get(f"/files/{other[:2]}/{other[2:4]}/{other}/demo-1.0-py3-none-any.whl").status


@pytest.mark.parametrize(
    "path",
    [
        "/files/", "/files/x", "/files/../../etc/passwd", "/files/%2e%2e/%2e%2e/x", "/files/aa/bb/" + "a" * 64 + "/x",
        "/files/aa/aa/" + "a" * 63 + "/x", "/files/aa/aa/" + "A" * 64 + "/x", "/files/aa/aa/" + "a" * 64 + "/",
        "/files/aa/aa/" + "a" * 64 + "/x/y", "/files/aa/aa/" + "a" * 64 + "/..%2f..%2fx", "/files/aa/aa/" + "a" * 64 + "/%00",
    ],
)  # fmt: skip
def test_an_address_that_is_no_file_is_404(site: Site, path: str) -> None:
    """No path of the caller ever reaches the file system."""
    answer = site.get(path)
    assert (404, "application/json") == (answer.status, answer.headers["content-type"])


def test_a_file_that_was_removed_is_gone_at_once(site: Site, small: str) -> None:
    """Also from the memory of this process."""
    assert 200 == site.get(small).status

    def remove(connection: Connection) -> None:
        connection.execute(files.delete())
        bump_serial(connection, 1)

    site.write(remove)
    assert 404 == site.get(small).status


def test_a_name_with_a_plus_and_an_epoch(site: Site) -> None:
    """The page's address leads to the file."""
    site.publish("demo-1!2.0+local.1.tar.gz", b"x", version="1!2.0+local.1")
    page = site.get("/simple/demo/", Accept="application/vnd.pypi.simple.v1+json").json()
    assert isinstance(page, dict)
    url = str(page["files"][0]["url"])  # type: ignore[index,call-overload]
    assert url.endswith("/demo-1%212.0%2Blocal.1.tar.gz")
    assert b"x" == site.get(url.removeprefix("../..")).body


def test_a_lost_blob_is_an_error_and_not_a_404(site: Site, small: str) -> None:
    """The row says that it exists: a 404 would make clients go on as if it never had."""
    site.blobs.delete(hashlib.sha256(SMALL_FILE).hexdigest())
    answer = site.get(small)
    assert (500, "application/json") == (answer.status, answer.headers["content-type"])
    assert "are not in the store" in site.log[0]


@pytest.mark.folder
def test_a_blob_that_was_cut_short_does_not_look_whole(site: Site, large: str) -> None:
    """The connection ends before the promised length."""
    place = site.blobs.path(hashlib.sha256(LARGE_FILE).hexdigest())
    assert place is not None
    with place.open("r+b") as blob:
        blob.truncate(BLOCK + 10)
    with socket.create_connection(("127.0.0.1", site.server.port), timeout=10) as connection:
        connection.sendall(f"GET {large} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        received = 0
        while chunk := connection.recv(1 << 20):
            received += len(chunk)
    assert BLOCK < received < len(LARGE_FILE)
    assert "shorter than its row says" in site.log[0]


def test_a_client_that_goes_away_leaves_nothing_open(site: Site, large: str) -> None:
    """The descriptor of a large file is closed, and others are served."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", site.server.port), timeout=10) as connection:
            connection.sendall(f"GET {large} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
            assert connection.recv(1)
    assert len(LARGE_FILE) == len(site.get(large).body)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 5


@given(st.binary(max_size=40), st.integers(0, 100))
def test_any_range_header_is_a_part_of_the_file_or_nothing(value: bytes, size: int) -> None:
    """Never outside, never raising."""
    part = requested_part(value, size)
    assert part is None or 0 <= part.start <= part.end <= size


@given(st.integers(0, 200), st.integers(0, 200), st.integers(1, 150))
def test_a_range_means_what_a_slice_means(first: int, last: int, size: int) -> None:
    """Both ends inclusive, cut at the end of the file."""
    content = bytes(size)
    part = requested_part(b"bytes=%d-%d" % (first, last), size)
    if last < first:
        assert part is None
    else:
        assert part is not None
        assert len(content[first : last + 1]) == part.end - part.start


def test_a_range_of_no_bytes_from_the_end_holds_nothing() -> None:
    """`bytes=-0` cannot be satisfied."""
    assert Part(0, 0) == requested_part(b"bytes=-0", 10)


@pytest.mark.parametrize(
    ("sent", "same"),
    [(b'"a"', True), (b'W/"a"', True), (b'"b" , "a"', True), (b"*", True), (b'"b"', False), (b"", False), (b"a", False)],
)
def test_tags_are_compared_weakly(sent: bytes, same: bool) -> None:
    """As `If-None-Match` asks for."""
    assert same is matches(sent, b'"a"')


@pytest.mark.folder
def test_a_proxy_in_front_is_told_which_file_to_send(tmp_path: Path) -> None:
    """Large files by `X-Accel-Redirect`, with their headers and without their bytes; small ones and 304s from the index."""
    with Site(tmp_path, sending=Sending("accel", "/kept/")) as site:
        large, small = site.publish("orchay-1.0.tar.gz", LARGE_FILE), site.publish("orchay-1.1.tar.gz", SMALL_FILE)
        sha256 = hashlib.sha256(LARGE_FILE).hexdigest()
        answer = site.get(large, Range="bytes=5-9")
        assert (200, b"", f"/kept/{sha256[:2]}/{sha256}") == (answer.status, answer.body, answer.headers["x-accel-redirect"])
        assert "attachment" in answer.headers["content-disposition"]
        place = tmp_path / "data" / "blobs" / answer.headers["x-accel-redirect"].removeprefix("/kept/")
        assert LARGE_FILE == place.read_bytes()
        assert 304 == site.get(large, If_None_Match=answer.headers["etag"]).status
        assert (200, SMALL_FILE) == (site.get(small).status, site.get(small).body)


@pytest.mark.folder
def test_a_proxy_is_not_sent_for_what_was_lost(tmp_path: Path) -> None:
    """Its 404 would hide that a file is missing which the page lists. When it is put back, it is sent."""
    with Site(tmp_path, sending=Sending("accel", "/kept/")) as site:
        large, sha256 = site.publish("orchay-1.0.tar.gz", LARGE_FILE), hashlib.sha256(LARGE_FILE).hexdigest()
        site.blobs.delete(sha256)
        assert 500 == site.get(large).status
        assert "are not in the store" in site.log[0]
        (tmp_path / "data" / "blobs" / sha256[:2] / sha256).write_bytes(LARGE_FILE)
        assert 200 == site.get(large).status
