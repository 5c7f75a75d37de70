"""The simple API over real sockets: forms, conditions, redirects, and never a stale page."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.web.site import UPLOADED, Answer, Site
from trustpub.storage.database import Connection
from trustpub.storage.projects import bump_serial, find_project
from trustpub.storage.tables import files, projects
from trustpub.web.cache import Cache
from trustpub.web.simple import Form, negotiate

JSON_V1 = "application/vnd.pypi.simple.v1+json"
HTML_V1 = "application/vnd.pypi.simple.v1+html"
PIP = f"{JSON_V1}, {HTML_V1}; q=0.1, text/html; q=0.01"
UV = f"{JSON_V1}, {HTML_V1};q=0.2, text/html;q=0.01"


def filenames(answer: Answer) -> list[str]:
    """The names that a JSON page lists."""
    page = answer.json()
    assert isinstance(page, dict)
    return [file["filename"] for file in page["files"]]  # type: ignore[index,union-attr,call-overload,misc]


def test_a_project_page_in_json_has_exactly_these_keys(site: Site) -> None:
    """PyPI's keys, from committed rows."""
    path = site.publish("demo_pkg-1.0-py3-none-any.whl", b"wheel", metadata=b"Name: demo_pkg\n", requires_python=">=3.11")
    answer = site.get("/simple/demo-pkg/", Accept=JSON_V1)
    sha256 = path.split("/")[4]
    metadata = {"sha256": hashlib.sha256(b"Name: demo_pkg\n").hexdigest()}
    assert {
        "meta": {"api-version": "1.4", "_last-serial": 2},
        "name": "demo-pkg",
        "project-status": {"status": "active"},
        "versions": ["1.0"],
        "files": [
            {
                "filename": "demo_pkg-1.0-py3-none-any.whl",
                "url": f"../..{path}",
                "hashes": {"sha256": sha256},
                "requires-python": ">=3.11",
                "size": 5,
                "upload-time": "2023-11-14T22:13:20.123456Z",
                "yanked": False,
                "core-metadata": metadata,
                "data-dist-info-metadata": metadata,
                "provenance": None,
            }
        ],
    } == answer.json()
    assert (200, "OK") == (answer.status, answer.reason)


def test_a_project_page_in_html_says_the_same(site: Site) -> None:
    """One set of values, two forms; the hash is the address's fragment."""
    path = site.publish("demo_pkg-1.0-py3-none-any.whl", b"wheel", metadata=b"m", requires_python=">=3.11,<4")
    page = site.get("/simple/demo-pkg/").body.decode()
    sha256 = path.split("/")[4]
    proof = f"sha256={hashlib.sha256(b'm').hexdigest()}"
    assert (
        f'    <a href="../..{path}#sha256={sha256}" data-requires-python="&gt;=3.11,&lt;4" '
        f'data-dist-info-metadata="{proof}" data-core-metadata="{proof}">demo_pkg-1.0-py3-none-any.whl</a><br>'
        in page.splitlines()
    )
    assert '    <meta name="pypi:repository-version" content="1.4">' in page.splitlines()
    assert '    <meta name="pypi:project-status" content="active">' in page.splitlines()
    assert page.endswith("<!--SERIAL 2-->")


def test_the_headers_of_a_page(site: Site) -> None:
    """Nobody may keep it without asking, and nobody may read it from another web site."""
    site.publish("demo-1.0.tar.gz", b"x")
    headers = site.get("/simple/demo/", Accept=JSON_V1).headers
    del headers["date"], headers["etag"], headers["content-length"]
    assert {
        "content-type": JSON_V1,
        "cache-control": "no-cache",
        "vary": "Accept, Accept-Encoding",
        "x-pypi-last-serial": "2",
        "x-content-type-options": "nosniff",
    } == headers


def test_files_stand_in_the_order_of_versions(site: Site) -> None:
    """1.10 comes after 1.9, names after versions."""
    for name in ("demo-1.10.tar.gz", "demo-1.9.tar.gz", "demo-1.9-py3-none-any.whl", "demo-2.0a1.tar.gz"):
        site.publish(name, name.encode())
    answer = site.get("/simple/demo/", Accept=JSON_V1)
    assert ["demo-1.9-py3-none-any.whl", "demo-1.9.tar.gz", "demo-1.10.tar.gz", "demo-2.0a1.tar.gz"] == filenames(answer)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", Form.HTML),
        ("*/*", Form.HTML),
        ("text/html", Form.HTML),
        ("image/png", Form.HTML),
        (PIP, Form.JSON),
        (UV, Form.JSON),
        (JSON_V1, Form.JSON),
        (HTML_V1, Form.V1_HTML),
        (f"{JSON_V1};q=0.5, {HTML_V1}", Form.V1_HTML),
        (f"{JSON_V1};q=0, */*", Form.HTML),
        (f"text/html;q=0, {JSON_V1};q=0, */*;q=0.1", Form.V1_HTML),
        ("application/*", Form.JSON),
        ("text/*;q=0.1, application/*", Form.JSON),
        (f"{JSON_V1}; q = 1", Form.JSON),
        (f"{JSON_V1};q=nonsense, text/html;q=0.1", Form.HTML),
        (JSON_V1.upper(), Form.JSON),
        ("application/vnd.pypi.simple.latest+json", Form.HTML),
        (",,;q=1,", Form.HTML),
    ],
)
def test_the_form_is_what_the_client_likes_best(accept: str, form: Form) -> None:
    """Quality values count, a closer range beats a wildcard, and nothing is never 406."""
    assert form is negotiate(accept)


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [(PIP, JSON_V1), (HTML_V1, HTML_V1), ("*/*", "text/html; charset=utf-8"), ("image/png", "text/html; charset=utf-8")],
)
def test_the_content_type_is_the_chosen_form(site: Site, accept: str, content_type: str) -> None:
    """Over HTTP, where it counts."""
    site.publish("demo-1.0.tar.gz", b"x")
    answer = site.get("/simple/demo/", Accept=accept)
    assert (200, content_type) == (answer.status, answer.headers["content-type"])


def test_a_client_that_has_the_page_gets_no_body(site: Site) -> None:
    """304 with the tag, also in a list, also as a weak tag."""
    site.publish("demo-1.0.tar.gz", b"x")
    etag = site.get("/simple/demo/").headers["etag"]
    for sent in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        answer = site.get("/simple/demo/", If_None_Match=sent)
        assert (304, b"", etag) == (answer.status, answer.body, answer.headers["etag"])
    assert 200 == site.get("/simple/demo/", If_None_Match='"other"').status


def test_the_forms_have_tags_of_their_own(site: Site) -> None:
    """A tag of the HTML page must not answer for the JSON page."""
    site.publish("demo-1.0.tar.gz", b"x")
    etag = site.get("/simple/demo/").headers["etag"]
    assert 200 == site.get("/simple/demo/", Accept=JSON_V1, If_None_Match=etag).status


def test_head_is_get_without_the_body(site: Site) -> None:
    """The same headers."""
    site.publish("demo-1.0.tar.gz", b"x")
    whole, bare = site.get("/simple/demo/"), site.ask("HEAD", "/simple/demo/")
    assert (200, b"") == (bare.status, bare.body)
    assert whole.headers["content-length"] == bare.headers["content-length"]


def test_a_page_shows_what_was_acknowledged_a_moment_ago(site: Site) -> None:
    """No page is ever older than the last write that was answered."""
    for number in range(20):
        site.publish(f"demo-1.{number}.tar.gz", b"x%d" % number)
        assert number + 1 == len(filenames(site.get("/simple/demo/", Accept=JSON_V1)))


@pytest.mark.folder
def test_a_page_shows_what_another_process_wrote(site: Site, tmp_path: Path) -> None:
    """The serial is in the database, not in this process."""
    site.publish("demo-1.0.tar.gz", b"x")
    assert 1 == len(filenames(site.get("/simple/demo/", Accept=JSON_V1)))
    from trustpub.storage.database import Database

    def rename(connection: Connection) -> None:
        connection.execute(files.update().values(yanked=True, yanked_reason="broken"))
        bump_serial(connection, 1)

    with Database.open(tmp_path / "data") as other:
        other.write(rename).result()
    page = site.get("/simple/demo/", Accept=JSON_V1).json()
    assert isinstance(page, dict)
    assert "broken" == page["files"][0]["yanked"]  # type: ignore[index,call-overload]
    assert 'data-yanked="broken"' in site.get("/simple/demo/").body.decode()


def test_readers_during_uploads_see_every_acknowledged_file(site: Site) -> None:
    """Four readers and a writer: a reader that starts after an acknowledgement sees that file."""
    acknowledged = [0]
    failures: list[tuple[int, int]] = []
    over = threading.Event()
    site.publish("demo-1.0.tar.gz", b"0")

    def read() -> None:
        while not over.is_set():
            known = acknowledged[0]
            seen = len(filenames(site.get("/simple/demo/", Accept=JSON_V1)))
            if seen < known:
                failures.append((known, seen))

    with ThreadPoolExecutor(4) as pool:
        readers = [pool.submit(read) for _ in range(4)]
        try:
            for number in range(1, 40):
                site.publish(f"demo-1.{number}.tar.gz", b"x%d" % number)
                acknowledged[0] = number + 1
        finally:
            over.set()
        for reader in readers:
            reader.result()
    assert [] == failures


def test_a_quarantined_project_shows_its_state_and_no_file(site: Site) -> None:
    """PyPI's answer to malware: the name stays, the files are gone."""
    path = site.publish("demo-1.0.tar.gz", b"x")
    assert 200 == site.get(path).status
    site.write(lambda connection: _set_state(connection, "quarantined"))
    page = site.get("/simple/demo/", Accept=JSON_V1).json()
    assert isinstance(page, dict)
    assert ({"status": "quarantined"}, [], []) == (page["project-status"], page["files"], page["versions"])
    assert 404 == site.get(path).status
    assert b"demo" not in site.get("/simple/").body


def test_an_archived_project_says_so_and_keeps_its_files(site: Site) -> None:
    """Archived means that nothing is added."""
    path = site.publish("demo-1.0.tar.gz", b"x")
    site.write(lambda connection: _set_state(connection, "archived"))
    page = site.get("/simple/demo/", Accept=JSON_V1)
    assert ["demo-1.0.tar.gz"] == filenames(page)
    assert b'"project-status":{"status":"archived"}' in page.body
    assert 200 == site.get(path).status


def _set_state(connection: Connection, state: str) -> None:
    project = find_project(connection, "demo")
    assert project is not None
    connection.execute(projects.update().values(state=state))
    bump_serial(connection, project.id, names_changed=True)


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/simple/Demo_Pkg/", "/simple/demo-pkg/"),
        ("/simple/demo--pkg/", "/simple/demo-pkg/"),
        ("/simple/demo-pkg", "/simple/demo-pkg/"),
        ("/simple/DEMO.pkg", "/simple/demo-pkg/"),
        ("/simple/not-there", "/simple/not-there/"),
    ],
)
def test_another_spelling_is_sent_to_the_normalized_one(site: Site, path: str, target: str) -> None:
    """301 with an absolute address."""
    answer = site.get(path)
    assert (301, f"{site.server.url}{target}") == (answer.status, answer.headers["location"])


def test_the_redirect_names_the_configured_address(tmp_path: Path) -> None:
    """Behind a proxy the `Host` header is whatever the proxy sends."""
    with Site(tmp_path, url="https://packages.example") as site:
        assert "https://packages.example/simple/demo/" == site.get("/simple/Demo/").headers["location"]


@pytest.mark.parametrize("host", ["evil.example/path", "a b", "x@evil.example", "", "a" * 300])
def test_a_host_header_that_is_no_host_is_not_repeated(site: Site, host: str) -> None:
    """The address of the socket stands in for it."""
    answer = site.get("/simple/Demo/", Host=host)
    assert f"{site.server.url}/simple/demo/" == answer.headers["location"]


@pytest.mark.parametrize(
    "path",
    [
        "/simple/not-there/",
        "/simple/demo/x/",
        "/simple/demo/x",
        "/simple//",
        "/simple/%00/",
        "/simple/d%C3%A9mo/",
        "/simple/-demo-/",
        "/simple/../",
    ],
)
def test_an_unknown_project_is_404_in_plain_text(site: Site, path: str) -> None:
    """Uv and pip read it as "no such project" and go on."""
    site.publish("demo-1.0.tar.gz", b"x")
    answer = site.get(path)
    assert (404, "text/plain; charset=utf-8", b"404 Not Found") == (answer.status, answer.headers["content-type"], answer.body)


@pytest.mark.parametrize("path", ["/simple/", "/simple/demo/"])
def test_an_upload_to_the_simple_pages_is_told_where_uploads_go(site: Site, path: str) -> None:
    """In the reason too, which is all that twine shows."""
    answer = site.ask("POST", path)
    where = "files are uploaded to the address that ends in `/legacy/`"
    assert (405, f"Method Not Allowed: {where}") == (answer.status, answer.reason)
    error = {"code": "method-not-allowed", "description": f"allowed here: GET, HEAD; {where}"}
    assert {"message": "Method not allowed", "errors": [error]} == answer.json()


@pytest.mark.parametrize("path", ["/simple/", "/simple/demo/", "/files/aa/bb/cc/x"])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_reading_is_all_that_can_be_done_here(site: Site, method: str, path: str) -> None:
    """405 with the methods that are known."""
    answer = site.ask(method, path)
    assert (405, "GET, HEAD", "application/json") == (answer.status, answer.headers["allow"], answer.headers["content-type"])


def test_the_names_in_both_forms(site: Site) -> None:
    """Sorted by normalized name, shown as they were spelled."""
    for name in ("Zope.Interface-1.0.tar.gz", "demo-1.0.tar.gz"):
        site.publish(name, name.encode())
    page = site.get("/simple/", Accept=JSON_V1)
    assert {
        "meta": {"api-version": "1.4", "_last-serial": 3},
        "projects": [{"name": "demo"}, {"name": "Zope.Interface"}],
    } == page.json()
    html = site.get("/simple/").body.decode().splitlines()
    assert ['    <a href="demo/">demo</a><br>', '    <a href="zope-interface/">Zope.Interface</a><br>'] == html[8:10]


def test_the_page_of_names_changes_with_the_names_only(site: Site) -> None:
    """One more file of a known project leaves it as it was; a new name does not."""
    site.publish("demo-1.0.tar.gz", b"x")
    first = site.get("/simple/").headers["etag"]
    site.publish("demo-2.0.tar.gz", b"y")
    assert first == site.get("/simple/").headers["etag"]
    site.publish("other-1.0.tar.gz", b"z")
    assert first != site.get("/simple/").headers["etag"]


def test_markup_in_names_and_reasons_is_escaped(site: Site) -> None:
    """An upload refuses such names; a page must not depend on that."""
    site.publish('demo-1.0"><b>.tar.gz', b"x", project="demo", version="1.0", requires_python='>="3"<b>')
    page = site.get("/simple/demo/").body.decode()
    assert "<b>" not in page
    assert "demo-1.0&quot;&gt;&lt;b&gt;.tar.gz</a>" in page


def test_addresses_are_absolute_when_the_index_has_a_configured_one(tmp_path: Path) -> None:
    """Then they hold for a copy of the page as well."""
    with Site(tmp_path, url="https://packages.example/team/") as site:
        path = site.publish("demo-1.0.tar.gz", b"x")
        assert f'"url":"https://packages.example/team{path}"' in site.get("/simple/demo/", Accept=JSON_V1).body.decode()


def test_the_cache_forgets_the_least_recently_used() -> None:
    """By weight; what was read stays."""
    cache: Cache[str, int] = Cache(10)
    for number, key in enumerate("abcde"):
        cache.put(key, number, 2)
    assert 0 == cache.get("a")
    cache.put("f", 5, 2)
    assert [0, None, 2] == [cache.get(key) for key in "abc"]
    assert (5, 10) == (len(cache), cache.weight)


def test_the_cache_keeps_no_giant_and_replaces_by_key() -> None:
    """One value may weigh a quarter of the whole."""
    cache: Cache[str, int] = Cache(8)
    cache.put("a", 1, 2)
    cache.put("a", 2, 1)
    assert (2, 1) == (cache.get("a"), cache.weight)
    cache.put("a", 3, 3)
    assert (None, 0) == (cache.get("a"), cache.weight)


def test_the_time_of_an_upload_is_the_stored_one() -> None:
    """The constant that the fixture uses, written out above."""
    assert 1_700_000_000.123456 == UPLOADED
