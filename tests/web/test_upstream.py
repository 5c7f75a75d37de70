"""An index with another one behind it: what is taken from there, what never is, and what happens when it lies or is silent."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, update

from tests.web.site import Answer, Site
from trustpub.settings import Upstream
from trustpub.storage.database import Connection
from trustpub.storage.kept_files import Coming, KeptFiles
from trustpub.storage.tables import files, pending_publishers, projects, retired_names
from trustpub.usecases.upstream import FRESH, STALE

JSON_V1 = "application/vnd.pypi.simple.v1+json"
WHEEL = "other-1.0-py3-none-any.whl"


class Pair:
    """An index (`front`) and the one behind it (`behind`), and the clock of the first."""

    def __init__(self, folder: Path, **rules: tuple[str, ...]) -> None:
        self.behind = Site(folder / "behind")
        self.now = 2_000_000_000.0
        self.front = Site(folder / "front", upstream=Upstream(f"{self.behind.server.url}/simple", **rules))
        object.__setattr__(self.front.service, "clock", lambda: self.now)

    def page(self, name: str, site: Site | None = None) -> dict[str, object]:
        """A project's page in JSON, as the front shows it."""
        answer = (site or self.front).get(f"/simple/{name}/", Accept=JSON_V1)
        assert 200 == answer.status, answer
        return json.loads(answer.body)  # type: ignore[no-any-return]

    def stop(self) -> None:
        """End both."""
        self.front.server.stop()
        self.behind.server.stop()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Pair]]:
    """Make pairs that end with the test."""
    made: list[Pair] = []

    def one(**rules: tuple[str, ...]) -> Pair:
        made.append(Pair(tmp_path / str(len(made)), **rules))
        return made[-1]

    yield one
    for pair in made:
        pair.stop()


@pytest.fixture
def pair(make: Callable[..., Pair]) -> Pair:
    """A pair with everything allowed."""
    return make()


def urls(page: dict[str, object]) -> list[str]:
    """The addresses of the files, as paths of the front."""
    return [file["url"].removeprefix("../..") for file in page["files"]]  # type: ignore[attr-defined]


def listed(page: dict[str, object]) -> list[str]:
    """The names of the files."""
    return [file["filename"] for file in page["files"]]  # type: ignore[attr-defined]


def test_a_name_of_the_other_index_is_answered_with_addresses_of_this_one(pair: Pair) -> None:
    """PEP 691, 700, 708, 714: what the other tells is kept; the addresses are ours."""
    pair.behind.publish(WHEEL, b"wheel", metadata=b"Name: other", requires_python=">=3.11")
    page = pair.page("other")
    sha256 = hashlib.sha256(b"wheel").hexdigest()
    proof = {"sha256": hashlib.sha256(b"Name: other").hexdigest()}
    assert {
        "meta": {"api-version": "1.4", "tracks": [f"{pair.behind.server.url}/simple/other/"]},
        "name": "other",
        "alternate-locations": [],
        "project-status": {"status": "active"},
        "versions": ["1.0"],
        "files": [
            {
                "filename": WHEEL,
                "url": f"../../files/upstream/other/{sha256}/{WHEEL}",
                "hashes": {"sha256": sha256},
                "requires-python": ">=3.11",
                "size": 5,
                "upload-time": "2023-11-14T22:13:20.123456Z",
                "yanked": False,
                "core-metadata": proof,
                "data-dist-info-metadata": proof,
                "provenance": None,
            }
        ],
    } == page
    html = pair.front.get("/simple/other/").body.decode()
    assert f'<a href="../../files/upstream/other/{sha256}/{WHEEL}#sha256={sha256}"' in html
    assert f'<meta name="pypi:tracks" content="{pair.behind.server.url}/simple/other/">' in html


def test_a_file_is_fetched_once_and_then_here(pair: Pair) -> None:
    """Also its metadata; the second reader needs nobody behind."""
    body = bytes(range(256)) * 20_000
    pair.behind.publish(WHEEL, body, metadata=b"Name: other")
    [path] = urls(pair.page("other"))
    answer = pair.front.get(path)
    assert (200, body, str(len(body))) == (answer.status, answer.body, answer.headers["content-length"])
    assert b"Name: other" == pair.front.get(path + ".metadata").body
    assert ("application/octet-stream", "nosniff", "default-src 'none'; sandbox") == tuple(
        answer.headers[name] for name in ("content-type", "x-content-type-options", "content-security-policy")
    )
    pair.behind.server.stop()
    part = pair.front.get(path, Range="bytes=1000000-1000003")
    assert (206, body[1000000:1000004]) == (part.status, part.body)
    assert 304 == pair.front.get(path, If_None_Match=answer.headers["etag"]).status
    assert (200, str(len(body)), b"") == _head(pair.front.ask("HEAD", path))


def _head(answer: Answer) -> tuple[int, str, bytes]:
    return answer.status, answer.headers["content-length"], answer.body


def test_head_and_range_before_the_file_is_here(pair: Pair) -> None:
    """HEAD needs no file; a part needs all of it first."""
    pair.behind.publish(WHEEL, b"0123456789")
    [path] = urls(pair.page("other"))
    assert (200, "10", b"") == _head(pair.front.ask("HEAD", path))
    part = pair.front.get(path, Range="bytes=2-4")
    assert (206, b"234", "bytes 2-4/10") == (part.status, part.body, part.headers["content-range"])


def test_an_empty_file_comes_too(pair: Pair) -> None:
    """It is whole before its first byte."""
    pair.behind.publish(WHEEL, b"")
    [path] = urls(pair.page("other"))
    assert (200, b"") == (pair.front.get(path).status, pair.front.get(path).body)


def test_many_who_want_one_file_are_one_who_asks(pair: Pair) -> None:
    """One question behind for the page, one for the file."""
    body = b"x" * 3_000_000
    pair.behind.publish(WHEEL, body)
    [path] = urls(pair.page("other"))
    pair.behind.records.clear()
    start = threading.Barrier(8)

    def one(_: int) -> bytes:
        start.wait()
        return pair.front.get(path).body

    with ThreadPoolExecutor(8) as pool:
        assert [body] * 8 == list(pool.map(one, range(8)))
    assert 1 == sum(record.path.startswith("/files/") for record in pair.behind.records)


def test_who_comes_while_a_file_gets_its_name_waits_for_it(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lies under its last name already, and nobody has been told yet."""
    body = b"x" * 300_000
    pair.behind.publish(WHEEL, body)
    [path] = urls(pair.page("other"))
    adopt, named = KeptFiles.adopt, threading.Event()

    def slow(self: KeptFiles, coming: Coming, sha256: str) -> Path:
        found = adopt(self, coming, sha256)
        named.set()
        time.sleep(0.3)
        return found

    monkeypatch.setattr(KeptFiles, "adopt", slow)
    monkeypatch.setattr(KeptFiles, "path", lambda *_: None)  # it was looked for before it had its name
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(pair.front.get, path)
        assert named.wait(20)
        second = pool.submit(pair.front.get, path)
        assert [(200, body)] * 2 == [(each.status, each.body) for each in (first.result(20), second.result(20))]


@pytest.mark.parametrize("spelling", ["other", "Other", "OTHER"])
def test_a_name_that_exists_here_is_never_taken_from_there(pair: Pair, spelling: str) -> None:
    """In whatever spelling the other one has it; the front does not even ask."""
    pair.behind.publish("other-9.9.tar.gz", b"evil", project=spelling)
    pair.front.publish("other-1.0.tar.gz", b"ours")
    pair.behind.records.clear()
    assert ["other-1.0.tar.gz"] == listed(pair.page("other"))
    digest = hashlib.sha256(b"evil").hexdigest()
    assert 404 == pair.front.get(f"/files/upstream/other/{digest}/other-9.9.tar.gz").status
    assert 404 == pair.front.get(f"/files/upstream/Other/{digest}/other-9.9.tar.gz").status
    assert [] == pair.behind.records


def quarantine(connection: Connection) -> None:
    """Show nothing of any project."""
    connection.execute(update(projects).values(state="quarantined"))


def retire(connection: Connection) -> None:
    """Delete every project; its name is nobody's from now on."""
    connection.execute(delete(files))
    connection.execute(delete(projects))
    row = {"normalized": "other", "ultranormalized": "other", "name": "other", "by": "hana", "at": 1.0}
    connection.execute(insert(retired_names), row)


def expect(connection: Connection) -> None:
    """Only a pending publisher waits for the name."""
    retire(connection)
    connection.execute(delete(retired_names))
    connection.exec_driver_sql("INSERT INTO users (name, normalized, email, created) VALUES ('h', 'h', 'h@x.example', 1)")
    row = {"identity": "i", "project": "Other", "normalized": "other", "provider": "github", "issuer": "x", "lookup": "x"}
    connection.execute(insert(pending_publishers), {**row, "kin": "x", "fields": "{}", "user_id": 1, "created": 1.0})


@pytest.mark.parametrize("became", [quarantine, retire, expect])
def test_a_name_that_was_or_will_be_ours_is_never_taken_from_there(pair: Pair, became: Callable[[Connection], None]) -> None:
    """Quarantined, deleted, or expected: the other index is not asked."""
    pair.behind.publish("other-9.9.tar.gz", b"evil")
    pair.front.publish("other-1.0.tar.gz", b"ours")
    pair.front.write(became)
    pair.behind.records.clear()
    answer = pair.front.get("/simple/other/", Accept=JSON_V1)
    assert answer.status in (200, 404)
    assert b"9.9" not in answer.body
    assert 404 == pair.front.get(f"/files/upstream/other/{hashlib.sha256(b'evil').hexdigest()}/other-9.9.tar.gz").status
    assert [] == pair.behind.records


def test_a_name_that_appears_here_counts_at_once(pair: Pair) -> None:
    """Also when the page and the file from behind were shown a moment ago, and are kept."""
    pair.behind.publish("other-9.9.tar.gz", b"theirs")
    [path] = urls(pair.page("other"))
    assert b"theirs" == pair.front.get(path).body
    pair.front.publish("other-1.0.tar.gz", b"ours")
    assert ["other-1.0.tar.gz"] == listed(pair.page("other"))
    assert 404 == pair.front.get(path).status


def test_rules_choose_the_names(make: Callable[..., Pair]) -> None:
    """What no rule allows, or one denies, is 404 with words; patterns are of normalized names."""
    pair = make(allow=("pub*", "other"), deny=("Pub_Secret*",))
    for name in ("public", "pub.secret-x", "other", "else"):
        pair.behind.publish(f"{name}-1.0.tar.gz", name.encode(), project=name, version="1.0")
    assert [200, 404, 200, 404] == [
        pair.front.get(f"/simple/{name}/").status for name in ("public", "pub-secret-x", "other", "else")
    ]
    assert b"a rule of this index leaves it out" in pair.front.get("/simple/else/").body


def test_a_name_that_nobody_has_is_404(pair: Pair) -> None:
    """Both were asked."""
    answer = pair.front.get("/simple/nobody/")
    assert (404, b"404 Not Found: neither this index nor the one behind it has a project of this name") == (
        answer.status,
        answer.body,
    )


def test_what_nobody_can_know_is_503(pair: Pair) -> None:
    """Never 404: a client would take it for an answer and go elsewhere."""
    pair.behind.server.stop()
    answer = pair.front.get("/simple/other/")
    assert (503, "5", "no-store") == (answer.status, answer.headers["retry-after"], answer.headers["cache-control"])
    assert b"does not answer" in answer.body
    assert 503 == pair.front.get(f"/files/upstream/other/{'0' * 64}/{WHEEL}").status


def test_an_old_page_is_shown_for_a_day_and_says_so(pair: Pair) -> None:
    """When nobody answers behind; afterwards nobody knows."""
    pair.behind.publish(WHEEL, b"x")
    pair.page("other")
    pair.behind.server.stop()
    pair.now += FRESH + 40
    answer = pair.front.get("/simple/other/")
    assert (200, "100", '110 trustpub "Response is Stale"') == (
        answer.status, answer.headers["age"], answer.headers["warning"],
    )  # fmt: skip
    pair.now += STALE
    assert 503 == pair.front.get("/simple/other/").status


def test_a_page_is_asked_about_again_after_a_while(pair: Pair) -> None:
    """With its tag, so that an unchanged one costs nothing; a changed one is seen."""
    pair.behind.publish("other-1.0.tar.gz", b"x")
    first = pair.page("other")
    pair.now += FRESH + 1
    assert first == pair.page("other")
    assert [200, 304] == [record.status for record in pair.behind.records]
    pair.behind.publish("other-2.0.tar.gz", b"y")
    assert first == pair.page("other")
    pair.now += FRESH + 1
    assert ["other-1.0.tar.gz", "other-2.0.tar.gz"] == listed(pair.page("other"))


def test_other_bytes_than_the_page_promises_are_cut_and_not_kept(pair: Pair) -> None:
    """The last byte is held back until all are proven: no client can take the answer for whole."""
    body = b"good" * 100_000
    pair.behind.publish(WHEEL, body)
    [path] = urls(pair.page("other"))
    place = pair.behind.blobs.path(hashlib.sha256(body).hexdigest())
    assert place is not None
    place.chmod(0o600)
    place.write_bytes(b"evil" * 100_000)
    try:
        answer = pair.front.get(path)
    except (http.client.IncompleteRead, http.client.RemoteDisconnected):
        pass  # the usual end; when all of it came before the first byte was passed on, there is still time to refuse
    else:
        assert (503, False) == (answer.status, b"evil" in answer.body)
    assert [] == [each for each in (pair.front.settings.data / "upstream").rglob("*") if each.is_file()]
    assert any("upstream-file-failed" in line and "(SHA-256)" in line for line in pair.front.log)
    place.write_bytes(body)
    assert body == pair.front.get(path).body


def test_a_file_that_is_gone_behind_is_no_500(pair: Pair) -> None:
    """The page is still remembered, the file is not there any more."""
    pair.behind.publish(WHEEL, b"x" * 100)
    [path] = urls(pair.page("other"))
    pair.behind.write(lambda connection: connection.execute(update(projects).values(state="quarantined", serial=99)))
    assert (503, "5") == (pair.front.get(path).status, pair.front.get(path).headers["retry-after"])


def test_pages_come_compressed_and_conditional(pair: Pair) -> None:
    """As those of this index."""
    for number in range(12):
        pair.behind.publish(f"other-1.{number}.tar.gz", str(number).encode())
    answer = pair.front.get("/simple/other/", Accept=JSON_V1, Accept_Encoding="gzip")
    assert 12 == len(json.loads(gzip.decompress(answer.body))["files"])
    again = pair.front.get("/simple/other/", Accept=JSON_V1, Accept_Encoding="gzip", If_None_Match=answer.headers["etag"])
    assert (304, b"") == (again.status, again.body)


@pytest.mark.parametrize("path", ["/files/upstream/", "/files/upstream/x/y/z", "/files/upstream/../../etc/passwd"])
def test_other_addresses_are_nothing(pair: Pair, path: str) -> None:
    """Refused before anybody is asked."""
    assert 404 == pair.front.get(path).status
    assert [] == pair.behind.records


def test_nobodys_credentials_are_sent_along(pair: Pair) -> None:
    """Neither an Authorization header nor a cookie of the reader reaches the other index; it does not even learn their client."""
    pair.behind.publish(WHEEL, b"x")
    path = urls(pair.page("other"))[0]
    pair.front.get(path, Authorization="Basic c2VjcmV0OnNlY3JldA==", Cookie="secret")
    assert all(record.user_agent.startswith("trustpub/") for record in pair.behind.records)
