"""Several indexes in one process: each at its path with its own data, and every address that is given out leads back to it."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from trustpub.errors import BadInput
from trustpub.main.listener import RunningServer
from trustpub.main.serve import build, listening_at, start
from trustpub.settings import ServerSettings, load
from trustpub.storage.database import Database
from trustpub.storage.projects import create_project

CONFIG = """
[index]
[[indexes]]
path = "team"
[[indexes]]
path = "lab"
url = "https://lab.example/pypi"
"""


def key(path: str) -> str:
    """What a client asks discovery with."""
    return hashlib.sha256(path.encode()).hexdigest()


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> ServerSettings:
    """Three indexes; the second has a project."""
    folder = tmp_path_factory.mktemp("indexes")
    (folder / "index.toml").write_text(CONFIG)
    found = load(folder / "data", folder / "index.toml", port=0)
    with Database.open(found.others[0].data) as database:
        database.write(lambda connection: create_project(connection, "Or.Chay", 1.0)).result()
    return found


@pytest.fixture(scope="module")
def server(settings: ServerSettings) -> Iterator[RunningServer]:
    """All of them, running."""
    with start(settings) as running:
        yield running


def ask(server: RunningServer, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], Any]:
    """Status, headers and the body, read as JSON where it is some."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        body = answer.read()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, found, json.loads(body) if "json" in found.get("content-type", "") else body.decode()
    finally:
        connection.close()


JSON_V1 = "application/vnd.pypi.simple.v1+json"


def test_each_has_its_own_projects_and_audience(server: RunningServer) -> None:
    """What is in one is in no other, and a token for one is good for no other."""
    assert 200 == ask(server, "/team/simple/or-chay/", Accept=JSON_V1)[0]
    assert (404, 404) == (ask(server, "/simple/or-chay/")[0], ask(server, "/lab/simple/or-chay/")[0])
    audiences = [ask(server, f"{path}/_/oidc/audience")[2]["audience"] for path in ("", "/team", "/lab")]
    assert ["trustpub", "trustpub/team", "lab.example/lab"] == audiences


def test_redirects_stay_in_their_index(server: RunningServer) -> None:
    """By the host that the caller used, or by the address in the settings."""
    assert f"{server.url}/team/simple/or-chay/" == ask(server, "/team/simple/Or.Chay")[1]["location"]
    assert f"{server.url}/team/" == ask(server, "/team")[1]["location"]
    assert "https://lab.example/pypi/simple/or-chay/" == ask(server, "/lab/simple/Or.Chay")[1]["location"]


def test_a_path_that_is_no_index_belongs_to_the_root(server: RunningServer) -> None:
    """And one index cannot be reached through another, or through itself."""
    for path in ("/teams/simple/", "/team/team/simple/", "/team/lab/simple/", "/lab/team/healthz", "/simple/team/"):
        assert 404 == ask(server, path)[0], path
    assert 404 == ask(server, "/team", "POST")[0]


def test_discovery_names_every_index(server: RunningServer) -> None:
    """By the path of the upload address, or its hash, in both spellings of the draft, or all of them."""
    for path, root in (
        ("/legacy/", server.url),
        ("/team/legacy/", f"{server.url}/team"),
        ("/pypi/legacy", "https://lab.example/pypi"),
    ):
        expected = (f"{root}/_/oidc/audience", f"{root}/_/oidc/mint-token")
        asked = quote(path, safe="")
        for address in (f"?discover={asked}", f"?discover={key(path)}", f"/{key(path)}"):
            status, _, found = ask(server, f"/.well-known/pytp{address}")
            assert (200, *expected) == (status, found["audience-endpoint"], found["mint-token-endpoint"])
            assert found["token-mint-endpoint"] == found["mint-token-endpoint"]
            assert ["multi-use-token"] == found["features"] == found["default-features"]
    status, _, found = ask(server, "/.well-known/pytp")
    uploads = [each["upload-url"] for each in found["indexes"]]
    assert [f"{server.url}/legacy/", f"{server.url}/team/legacy/", "https://lab.example/pypi/legacy/"] == uploads


@pytest.mark.parametrize(
    "asked",
    [
        "?discover=",
        "?discover=legacy",
        "?discover=%2FLEGACY%2F",
        f"?discover={'0' * 64}",
        f"?discover={key('/legacy/')}&discover=x",
        "/x",
    ],
)
def test_what_is_no_key_is_not_found(server: RunningServer, asked: str) -> None:
    """As the draft has it."""
    assert 404 == ask(server, "/.well-known/pytp" + asked)[0]


def test_one_answer_about_the_health_of_all(settings: ServerSettings, server: RunningServer) -> None:
    """Alive, and ready; each index counts for itself."""
    assert (200, {"status": "ok"}) == ask(server, "/healthz")[::2]
    for path in ("/readyz", "/healthz?ready", "/team/readyz"):
        assert (200, {"status": "ok"}) == ask(server, path)[::2]
    text = ask(server, "/metrics")[2]
    for index in ("/", "/team", "/lab"):
        assert f'trustpub_held{{index="{index}",what="projects"}} {1.0 if index == "/team" else 0.0}' in text


def test_pages_link_within_their_index(server: RunningServer) -> None:
    """Relative addresses keep the path."""
    assert [{"url": f"{server.url}/team"}] == ask(server, "/team/api/v1/openapi.json")[2]["servers"]
    page = ask(server, "/team/simple/", Accept=JSON_V1)[2]
    assert ["Or.Chay"] == [each["name"] for each in page["projects"]]
    assert not Path("/team").exists()


def test_mails_lead_to_where_the_index_listens(tmp_path: Path) -> None:
    """Port 0 in the settings is whichever port the system chose, and an index beside others has its path; for all mails alike."""
    (tmp_path / "index.toml").write_text(CONFIG)
    service = listening_at(build(load(tmp_path / "data", tmp_path / "index.toml", port=0)), "http://127.0.0.1:4711")
    try:
        homes = [(each.accounts.passwords._parts.url, each.projects.people._address) for each in service.all]
    finally:
        service.close()
    root = "http://127.0.0.1:4711"
    assert [(root, root), (f"{root}/team", f"{root}/team"), ("https://lab.example/pypi", "https://lab.example/pypi")] == homes


def test_indexes_share_the_processes_that_look_into_archives(tmp_path: Path) -> None:
    """However many indexes there are, two processes are started, and they end with the service."""
    (tmp_path / "index.toml").write_text(CONFIG)
    service = build(load(tmp_path / "data", tmp_path / "index.toml", port=0))
    try:
        before = _children()
        for each in service.all:
            each.upload.prepare()
        assert 2 == len(_children() - before)
    finally:
        service.close()
    assert before == _children()


def _children() -> set[str]:
    return set(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split())


@pytest.mark.parametrize("word", ["simple", "readyz", "account", "manage", "admin", "static", "project", "search"])
def test_no_index_takes_the_place_of_the_roots_own_pages(tmp_path: Path, word: str) -> None:
    """Else what lies there would be gone for the index at the root."""
    (tmp_path / "index.toml").write_text(f'[[indexes]]\npath = "{word}"\n')
    with pytest.raises(BadInput, match="must be one free word"):
        load(tmp_path / "data", tmp_path / "index.toml")
