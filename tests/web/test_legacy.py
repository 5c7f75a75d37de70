"""`/legacy/` over real sockets: what each client sends, what each client needs to see, and bodies large and small."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Scale
from tests.distributions import entries_of, wheel_files, wheel_of, zip_bytes
from tests.web.forms import BOUNDARY, CLIENTS, END, TWINE, form, headers
from tests.web.site import Site
from tests.web.uploads import DATA, FILENAME, PROJECT, SDIST, SDIST_FILENAME, TOKEN, allow, leftovers, listed, post, refused
from trustpub.settings import Limits
from trustpub.storage.blob_uses import LATE
from trustpub.storage.files import all_files
from trustpub.storage.tables import blob_removals
from trustpub.web.api.legacy import Legacy


@pytest.fixture
def open_site(site: Site) -> Site:
    """A running index with one user's token."""
    allow(site)
    return site


@pytest.fixture
def tight_site(tmp_path: Path) -> Iterator[Site]:
    """An index whose files may have one megabyte."""
    with Site(tmp_path, limits=Limits(file_size=1024 * 1024)) as running:
        allow(running)
        yield running


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(("filename", "data"), [(FILENAME, DATA), (SDIST_FILENAME, SDIST)], ids=["wheel", "sdist"])
def test_every_client_uploads(open_site: Site, client: str, filename: str, data: bytes) -> None:
    """The form of each client, byte for byte in its order, ends in a file that is listed and downloads."""
    answer = post(open_site, form(filename, data, CLIENTS[client]))
    page = open_site.get("/simple/tiny-demo-pkg/", accept="application/vnd.pypi.simple.v1+json").json()

    assert (answer.status, answer.body) == (200, b"")
    assert isinstance(page, dict)
    assert isinstance(page["files"], list)
    (file,) = page["files"]
    assert isinstance(file, dict)
    assert file["filename"] == filename
    assert file["hashes"] == {"sha256": hashlib.sha256(data).hexdigest()}
    assert leftovers(open_site) == []


@pytest.mark.parametrize("scheme", ["Basic", "Bearer", "token"])
def test_every_scheme_of_credentials(open_site: Site, scheme: str) -> None:
    """Basic is what clients send; the others are what people write by hand."""
    answer = open_site.ask("POST", "/legacy/", headers(TOKEN, scheme), form(FILENAME, DATA, TWINE))

    assert answer.status == 200


def test_a_refusal_is_told_in_every_place(open_site: Site) -> None:
    """Status line, `code`, `message` and `errors`."""
    post(open_site, form(FILENAME, DATA, TWINE))
    other = wheel_of(PROJECT, "1.0", {"more.py": b""})[1]

    refused(post(open_site, form(FILENAME, other, TWINE)), 400, f"File already exists ('{FILENAME}', with blake2_256 hash '")


def test_the_same_file_again_is_fine(open_site: Site) -> None:
    """200 both times."""
    for _ in range(2):
        assert post(open_site, form(FILENAME, DATA, TWINE)).status == 200


def test_bytes_that_are_being_removed(open_site: Site) -> None:
    """503, and when to come again; an hour later nothing is left of it."""
    doomed = {"sha256": hashlib.sha256(DATA).hexdigest(), "asked": time.time()}
    open_site.write(lambda connection: connection.execute(blob_removals.insert(), doomed))
    answer = post(open_site, form(FILENAME, DATA, TWINE))

    refused(answer, 503, "An old copy of these bytes, which no file names, is being removed. Upload the file again soon.")
    assert "5" == answer.headers["retry-after"]
    assert ([], []) == (listed(open_site), leftovers(open_site))
    open_site.write(lambda connection: connection.execute(blob_removals.update().values(asked=time.time() - LATE)))
    assert 200 == post(open_site, form(FILENAME, DATA, TWINE)).status


def test_no_credential(open_site: Site) -> None:
    """Poetry uploads without any when it has none: 403, and no challenge that it would not understand."""
    answer = open_site.ask("POST", "/legacy/", {"Content-Type": headers("")["Content-Type"]}, form(FILENAME, DATA, TWINE))

    refused(answer, 403, "Invalid or non-existent authentication information.")
    assert "www-authenticate" not in answer.headers


def test_without_the_slash(open_site: Site) -> None:
    """An absolute address that keeps method and body; nothing was stored."""
    answer = post(open_site, form(FILENAME, DATA, TWINE), path="/legacy")

    refused(answer, 308, "An upload was attempted to /legacy but the expected upload URL is /legacy/")
    assert answer.headers["location"] == f"{open_site.server.url}/legacy/"
    assert listed(open_site) == []


def test_looking_at_the_address(open_site: Site) -> None:
    """A person who opens it in a browser is told what it is."""
    answer = open_site.get("/legacy/")

    assert answer.status == 200
    assert b"clients upload files" in answer.body
    assert open_site.ask("HEAD", "/legacy/").status == 200
    assert open_site.get("/legacy").headers["location"].endswith("/legacy/")


def test_other_methods(open_site: Site) -> None:
    """Refused, with those that are known."""
    answer = open_site.ask("PUT", "/legacy/", headers(TOKEN), b"x")

    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize(
    ("action", "status", "start"),
    [
        ("submit", 410, "Project pre-registration is no longer required or supported"),
        ("submit_pkg_info", 410, "Project pre-registration is no longer required or supported"),
        ("doc_upload", 410, "Uploading documentation is no longer supported"),
        ("list_classifiers", 400, "Unknown :action"),
        ("", 400, "Unknown :action"),
    ],
)
def test_other_actions(open_site: Site, action: str, status: int, start: str) -> None:
    """What old clients ask for is gone; the rest was never there."""
    refused(post(open_site, form(FILENAME, DATA, TWINE).replace(b"file_upload", action.encode())), status, start)


def test_a_boundary_in_quotes(open_site: Site) -> None:
    """As RFC 2046 writes it."""
    answer = post(open_site, form(FILENAME, DATA, TWINE), Content_Type=f'multipart/form-data; boundary="{BOUNDARY}"')

    assert answer.status == 200


def test_a_file_name_cannot_leave_its_header(open_site: Site) -> None:
    """What a file name holds goes into the status line as one line of text."""
    data = form(FILENAME, DATA, TWINE).replace(FILENAME.encode(), "é€x\\\\.whl".encode(), 1)
    answer = post(open_site, data)

    refused_text = "Cannot upload a file with '/' or '\\' in its name."
    refused(answer, 400, refused_text)


def test_a_connection_lives_on_after_a_refusal(open_site: Site) -> None:
    """The body was read to its end: the next request on the same connection is understood."""
    connection = http.client.HTTPConnection("127.0.0.1", open_site.server.port, timeout=10)
    statuses = []
    for token in ("wrong", TOKEN, TOKEN):
        connection.request("POST", "/legacy/", form(FILENAME, DATA, TWINE), headers(token))
        answer = connection.getresponse()
        answer.read()
        statuses.append(answer.status)
    connection.close()

    assert statuses == [403, 200, 200]


def big_wheel(megabytes: int, version: str = "1.0") -> tuple[str, bytes]:
    """A wheel that holds so much noise."""
    name = "tiny_demo_pkg"
    metadata = f"Metadata-Version: 2.4\nName: {PROJECT}\nVersion: {version}\n\n".encode()
    files = wheel_files(metadata, {f"{name}/noise": os.urandom(megabytes * 1024 * 1024)}, f"{name}-{version}.dist-info")
    return f"{name}-{version}-py3-none-any.whl", zip_bytes(entries_of(files))


def test_a_large_file(open_site: Site) -> None:
    """Written block by block while it comes; what is stored is what was sent."""
    filename, data = big_wheel(5)
    assert post(open_site, form(filename, data, CLIENTS["uv"])).status == 200
    with open_site.database.read() as connection:
        (file,) = all_files(connection)
    with open_site.blobs.open(file.sha256) as blob:
        stored = blob.read()

    assert stored == data
    assert file.blake2_256 == hashlib.blake2b(data, digest_size=32).hexdigest()


def test_a_large_upload_without_a_right_is_read_before_it_is_refused(open_site: Site) -> None:
    """A client that sends everything before it reads gets its answer, and may go on on the same connection."""
    filename, data = big_wheel(4)
    connection = http.client.HTTPConnection("127.0.0.1", open_site.server.port, timeout=20)
    connection.request("POST", "/legacy/", form(filename, data, TWINE), headers("wrong"))
    first = connection.getresponse()
    first.read()
    connection.request("GET", "/legacy/")
    second = connection.getresponse()
    second.read()
    connection.close()

    assert (first.status, second.status) == (403, 200)
    assert leftovers(open_site) == []


def test_a_file_that_is_too_large(tight_site: Site) -> None:
    """Refused by what came, with the project's name and the limit, and nothing stays."""
    filename, data = big_wheel(2)

    refused(post(tight_site, form(filename, data, TWINE)), 400, "File too large. Limit for project 'tiny-demo.pkg' is 1 MB.")
    assert leftovers(tight_site) == []
    assert listed(tight_site) == []


def test_a_body_without_a_length(open_site: Site) -> None:
    """A chunked body is read like any other."""
    data = form(FILENAME, DATA, TWINE)
    pieces = (data[at : at + 100] for at in range(0, len(data), 100))
    connection = http.client.HTTPConnection("127.0.0.1", open_site.server.port, timeout=10)
    connection.request("POST", "/legacy/", pieces, {**headers(TOKEN), "Transfer-Encoding": "chunked"}, encode_chunked=True)
    status = connection.getresponse().status
    connection.close()

    assert status == 200


@pytest.mark.parametrize("at", [1, 2, 3, 5, 7])
def test_wherever_the_body_is_cut_into_pieces(open_site: Site, at: int) -> None:
    """Boundaries and headers that arrive in pieces are read all the same."""
    from trustpub.web.multipart import UploadForm

    data = form(FILENAME, DATA, TWINE)
    whole, pieces = UploadForm(BOUNDARY.encode(), 10**6), UploadForm(BOUNDARY.encode(), 10**6)
    whole.feed(data)
    for start in range(0, len(data), at):
        pieces.feed(data[start : start + at])
    pieces.finish()

    assert pieces.fields == whole.fields
    assert pieces.filename == whole.filename == FILENAME
    assert bytes(pieces.take()) == bytes(whole.take()) == DATA


def waited(condition: Callable[[], bool]) -> bool:
    """Whether this becomes true within ten seconds."""
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.005)
    return condition()


def test_a_client_that_goes_away_leaves_nothing(open_site: Site) -> None:
    """Half a large body, then silence: no file, no temp file, no error in the log."""
    filename, data = big_wheel(4)
    half = form(filename, data, TWINE)[: 3 * 1024 * 1024]
    connection = http.client.HTTPConnection("127.0.0.1", open_site.server.port, timeout=10)
    connection.putrequest("POST", "/legacy/")
    for name, value in {**headers(TOKEN), "Content-Length": str(10**7)}.items():
        connection.putheader(name, value)
    connection.endheaders(half)

    assert waited(lambda: leftovers(open_site) != [])
    connection.close()
    assert waited(lambda: leftovers(open_site) == [])
    assert listed(open_site) == []
    assert open_site.log == []


def test_a_client_that_stops_sending_is_told_and_left(open_site: Site) -> None:
    """After a silence the connection is given up, with a 408."""

    async def ask() -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        first = [{"type": "http.request", "body": b"--Xc", "more_body": True}]

        async def receive() -> dict[str, Any]:
            if first:
                return first.pop()
            await asyncio.sleep(60)
            raise AssertionError("nobody waits so long")

        async def send(message: Any) -> None:
            sent.append(message)

        raw = [(name.lower().encode(), value.encode()) for name, value in {**headers(TOKEN), "Content-Length": "100"}.items()]
        scope = {"type": "http", "method": "POST", "path": "/legacy/", "headers": raw}
        await Legacy(open_site.service, silence=0.05)(scope, receive, send)
        return sent

    start, *_ = asyncio.run(ask())

    assert start["status"] == 408
    assert (b"connection", b"close") in start["headers"]


@pytest.mark.folder
def test_memory_stays_flat_under_a_large_upload(open_site: Site, tmp_path: Path, scale: Scale) -> None:
    """Twenty-five megabytes, and fifty in a long run, pass through without ever lying in memory."""
    filename, data = big_wheel(scale(25, 50))
    path = tmp_path / "body"
    path.write_bytes(form(filename, data, TWINE))
    size = path.stat().st_size
    del data
    tracemalloc.start()
    try:
        with path.open("rb") as source:
            connection = http.client.HTTPConnection("127.0.0.1", open_site.server.port, timeout=60)
            connection.request("POST", "/legacy/", source, {**headers(TOKEN), "Content-Length": str(size)})
            status = connection.getresponse().status
            connection.close()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert status == 200
    assert peak < 12 * 1024 * 1024


def test_many_clients_upload_the_same_file(open_site: Site) -> None:
    """All of them are told that it is there."""
    data = form(FILENAME, DATA, TWINE)
    with ThreadPoolExecutor(20) as threads:
        statuses = list(threads.map(lambda _: post(open_site, data).status, range(50)))

    assert statuses == [200] * 50
    assert listed(open_site) == [FILENAME]


def test_many_clients_upload_different_bytes_under_one_name(open_site: Site) -> None:
    """One of them wins, the others are told that the file exists."""
    bodies = [form(FILENAME, wheel_of(PROJECT, "1.0", {"n.py": b"%d" % number})[1], TWINE) for number in range(50)]
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda data: post(open_site, data), bodies))

    assert sorted({answer.status for answer in answers}) == [200, 400]
    assert sum(answer.status == 200 for answer in answers) == 1
    assert all(answer.reason.startswith("File already exists") for answer in answers if answer.status == 400)


def test_the_record_of_a_refusal_holds_its_reason(open_site: Site) -> None:
    """What a rehearsal judges by."""
    post(open_site, form(FILENAME, DATA, TWINE), token="wrong")
    record = open_site.records[-1]

    assert (record.method, record.path, record.status) == ("POST", "/legacy/", 403)
    assert record.code.startswith("Invalid or non-existent authentication information.")


def test_no_secret_is_repeated(open_site: Site) -> None:
    """Neither answers nor the log hold the token, whatever is wrong."""
    for data in (form(FILENAME, DATA, TWINE), b"x", END):
        answer = post(open_site, data, token=TOKEN + "x")
        assert TOKEN.encode() not in answer.body
        assert TOKEN not in answer.reason
    assert open_site.log == []
