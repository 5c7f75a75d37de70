"""Large files that nginx sends after `X-Accel-Redirect`: the same answers as from the index itself, and only where it says so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.journeys.front.nginx import in_front
from tests.journeys.front.raw_http import ask
from tests.web.site import Site
from trustpub.domain.tokens import READ_PREFIX, digest, mint
from trustpub.settings import Sending
from trustpub.storage.database import Connection
from trustpub.storage.projects import bump_serial
from trustpub.storage.tables import files, read_tokens, readers
from trustpub.web.files import SMALL

SMALL_FILE = b"0123456789"
LARGE_FILE = bytes(range(256)) * (SMALL // 256) + b"the end"
TAG = f'"{hashlib.sha256(LARGE_FILE).hexdigest()}"'
TOKEN = mint(READ_PREFIX, b"j" * 32)
ODD = "odd-1!2.0+local.1.tar.gz"


@dataclass(frozen=True)
class Front:
    """An index, nginx before it, and the addresses of its files."""

    site: Site
    port: int
    large: str
    small: str
    odd: str

    @property
    def place(self) -> str:
        """Where nginx has the bytes of the large file."""
        sha256 = self.large.split("/")[4]
        return f"/blobs/{sha256[:2]}/{sha256}"


def behind_nginx(folder: Path, *, private: bool = False) -> Iterator[Front]:
    """A fresh one."""
    sending = Sending("accel", "/blobs/")
    with Site(folder / "site", sending=sending, private=private, trusted_proxies=("127.0.0.1",)) as site:
        large = site.publish("demo-1.0.tar.gz", LARGE_FILE)
        small = site.publish("demo-1.0-py3-none-any.whl", SMALL_FILE, metadata=b"Name: demo\n")
        odd = site.publish(ODD, LARGE_FILE[::-1], version="1!2.0+local.1").replace(ODD, quote(ODD))
        with in_front(folder, site.server.port, blobs=site.settings.data / "blobs") as port:
            yield Front(site, port, large, small, odd)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """For tests that change nothing."""
    yield from behind_nginx(tmp_path_factory.mktemp("accel"))


def test_nginx_sends_large_files_and_nobody_sees_how(front: Front) -> None:
    """Whole, with the headers that the index itself would send, and not with those that tell nginx what to do."""
    answer = ask(front.port, front.large)
    told = {name: answer.headers.get(name) for name in WANTED}
    assert (200, LARGE_FILE) == (answer.status, answer.body)
    assert WANTED == told
    assert "x-accel-redirect" not in answer.headers


WANTED = {
    "content-type": "application/octet-stream",
    "content-length": str(len(LARGE_FILE)),
    "etag": TAG,
    "cache-control": "public, max-age=31536000, immutable",
    "accept-ranges": "bytes",
    "content-disposition": "attachment; filename*=UTF-8''demo-1.0.tar.gz",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
}


def test_the_file_is_really_nginxs(front: Front) -> None:
    """The index answers without a byte of it."""
    answer = ask(front.site.server.port, front.large)
    assert (b"", front.place) == (answer.body, answer.headers["x-accel-redirect"])


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=5-9", 206, LARGE_FILE[5:10]),
        ("bytes=-7", 206, b"the end"),
        (f"bytes={len(LARGE_FILE) - 3}-", 206, b"end"),
        (f"bytes={len(LARGE_FILE)}-", 416, None),
        ("bytes=a-b", 416, None),
        ("lines=1-2", 200, LARGE_FILE),
    ],
)
def test_a_part_of_a_file(front: Front, wanted: str, status: int, part: bytes | None) -> None:
    """Uv and pip read a wheel's directory from its end."""
    answer = ask(front.port, front.large, f"Range: {wanted}")
    assert status == answer.status
    assert part in (None, answer.body)


@pytest.mark.parametrize(("tag", "status"), [(TAG, 206), ('"another"', 200)])
def test_a_download_goes_on_with_this_very_file_only(front: Front, tag: str, status: int) -> None:
    """The tag that came with the first part is good for the next."""
    answer = ask(front.port, front.large, "Range: bytes=5-9", f"If-Range: {tag}")
    assert (status, LARGE_FILE[5:10] if status == 206 else LARGE_FILE) == (answer.status, answer.body)


@pytest.mark.parametrize(
    ("condition", "status"),
    [(f"If-None-Match: {TAG}", 304), (f"If-None-Match: W/{TAG}", 304), ("If-None-Match: *", 304), ('If-None-Match: "a"', 200)],
)
def test_who_has_the_file_gets_no_body(front: Front, condition: str, status: int) -> None:
    """The tag is the content's hash, also beside a date."""
    answer = ask(front.port, front.large, condition, "If-Modified-Since: Mon, 23 Nov 2099 00:00:00 GMT")
    assert (status, b"" if status == 304 else LARGE_FILE) == (answer.status, answer.body)


def test_head_tells_the_size(front: Front) -> None:
    """And the same headers as a GET."""
    answer = ask(front.port, front.large, method="HEAD")
    assert (200, WANTED) == (answer.status, {name: answer.headers.get(name) for name in WANTED})


def test_a_name_with_odd_characters(front: Front) -> None:
    """Escaped as the page has it, and as it is."""
    assert [LARGE_FILE[::-1]] * 2 == [ask(front.port, path).body for path in (front.odd, front.odd.replace("%21", "!"))]


def test_small_files_and_metadata_come_from_the_index(front: Front) -> None:
    """They take no detour."""
    assert [SMALL_FILE, b"Name: demo\n"] == [ask(front.port, front.small + more).body for more in ("", ".metadata")]


SPELLINGS = [
    "{place}", "/{place}", "//{place}", "/./{place}", "{place}?a", "{place}%00", "{place}/", "/files/..{place}", "/x/..{place}",
    "/x/%2e%2e{place}", "/x%2f..{place}", "/x%2F%2E%2E{place}", "/x/.%2e{place}", "/%62lobs{rest}", "/blobs%2f{file}",
    "/blobs//{file}",
    "/blobs/./{file}", "/blobs/x/../{file}", "/blobs%2f..%2fblobs%2f{file}", "/BLOBS{rest}", "/Blobs{rest}", "/%2562lobs{rest}",
    "/blobs%252f{file}", "/x/%252e%252e{place}", "/blobs\\{file}", "/blobs/..{place}", "/blobs/", "/blobs", "/blobs../nginx.conf",
    "/blobs/../site/index.sqlite", "/blobs/%2e%2e/index.sqlite", "/blobs/..%2findex.sqlite", "/blobs/.%2e%2findex.sqlite",
    "http://pypi.example{place}", "https://evil.example{place}", "/blobs;a{rest}", "/blobs/;/{file}", "/blobs#{rest}",
]  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_nobody_asks_nginx_for_its_folder(front: Front, spelling: str) -> None:
    """However the address is spelled: neither a file, nor that there is one, nor what lies beside the folder."""
    file = front.place.removeprefix("/blobs/")
    for more in ((), ("Host: evil.example",), (f"X-Accel-Redirect: {front.place}",), (f"X-Original-URL: {front.place}",)):
        answer = ask(front.port, spelling.format(place=front.place, rest=f"/{file}", file=file), *more)
        assert answer.status in (400, 404)
        assert LARGE_FILE[:16] not in answer.body


def test_a_withdrawn_file_is_gone_at_once(tmp_path: Path) -> None:
    """Its bytes still lie in nginx's folder."""
    for front in behind_nginx(tmp_path):
        assert 200 == ask(front.port, front.large).status

        def withdraw(connection: Connection) -> None:
            connection.execute(files.delete())
            bump_serial(connection, 1)

        front.site.write(withdraw)
        assert [404] * 3 == [ask(front.port, front.large, *more, method=method).status for method, more in ASKING]
        assert (front.site.settings.data / "blobs").joinpath(*front.place.split("/")[2:]).exists()


ASKING: list[tuple[str, tuple[str, ...]]] = [("GET", ()), ("HEAD", ()), ("GET", ("Range: bytes=0-1",))]


def let_in(connection: Connection) -> None:
    """One read token."""
    row = {"identity": "i", "provider": "github", "issuer": "x", "lookup": "x", "kin": "x", "fields": "{}", "by": "hana"}
    connection.execute(readers.insert(), {**row, "created": 1.0})
    connection.execute(read_tokens.insert(), {"digest": digest(TOKEN), "reader_id": 1, "created": 1.0, "expires": 4_000_000_000})


def test_a_private_index_asks_for_a_token_first(tmp_path: Path) -> None:
    """401 for what is there and for what is not; then the file, for its reader alone."""
    for front in behind_nginx(tmp_path, private=True):
        front.site.write(let_in)
        elsewhere = front.large.replace("demo", "nothing")
        for path in (front.large, elsewhere, f"{front.large}?token={TOKEN}", front.small):
            for method, more in ASKING:
                assert 401 == ask(front.port, path, *more, method=method).status
        answer = ask(front.port, front.large, f"Authorization: Bearer {TOKEN}")
        assert (200, LARGE_FILE) == (answer.status, answer.body)
        assert "private, max-age=31536000, immutable" == answer.headers["cache-control"]
        assert 404 == ask(front.port, front.place, f"Authorization: Bearer {TOKEN}").status
