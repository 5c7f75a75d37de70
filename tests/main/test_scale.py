"""Two `trustpub serve` processes on one PostgreSQL and one bucket: what one has acknowledged, the other shows and honours."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from tests import s3
from tests.conftest import Scale
from tests.distributions import wheel_of
from trustpub.domain.publishers import Provider
from trustpub.parties.issuer.emulated_github import EmulatedGitHub
from trustpub.parties.issuer.github_claims import Job, github_claims
from trustpub.storage.database import Database
from trustpub.usecases.manage import Manage, NewPublisher

pytestmark = [pytest.mark.pg, pytest.mark.s3]

JOB = Job(owner="acme", repository="tiny", owner_id="42", environment="pypi", ref="refs/tags/v1", event_name="push")
PUBLISHER = NewPublisher(Provider.GITHUB, "acme", "42", "tiny", "pypi.yml", "pypi")
EACH = 100
"""Files of one project, so that its page, which every file makes anew, stays one of an ordinary project."""
PROJECTS = ["tiny", *(f"tiny{number}" for number in range(1, 5_000 // EACH))]
JSON_PAGE = "application/vnd.pypi.simple.v1+json"


@dataclass
class Process:
    """One server, and a connection to it."""

    connection: http.client.HTTPConnection

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        self.connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = self.connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()

    def upload(self, token: str, version: str, filename: str, content: bytes, name: str = "tiny") -> int:
        """Upload as twine does; the status."""
        fields = {
            ":action": "file_upload", "protocol_version": "1", "metadata_version": "2.4", "name": name, "version": version,
            "filetype": "bdist_wheel", "pyversion": "py3", "sha256_digest": hashlib.sha256(content).hexdigest(),
        }  # fmt: skip
        edge = "----boundary"
        start = f"--{edge}\r\nContent-Disposition: form-data; name="
        parts = [f'{start}"{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
        head = f'{start}"content"; filename="{filename}"\r\n\r\n'
        body = "".join(parts).encode() + head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        basic = "Basic " + b64encode(f"__token__:{token}".encode()).decode()
        kind = f"multipart/form-data; boundary={edge}"
        return self.ask("POST", "/legacy/", body, Content_Type=kind, Authorization=basic)[0]


@contextlib.contextmanager
def serving(folder: Path, config: str, environment: dict[str, str]) -> Iterator[Process]:
    """A server process with a data folder of its own, in which nothing stays."""
    folder.mkdir()
    (folder / "serve.toml").write_text(config)
    program = [str(Path(sys.executable).parent / "trustpub"), "serve", "--data", str(folder / "data"), "--port", "0"]
    command = [*program, "--config", str(folder / "serve.toml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment}) as process:
        assert process.stdout is not None
        try:
            port = int(json.loads(process.stdout.readline())["url"].rsplit(":", 1)[1].rstrip("/"))
            with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
                yield Process(connection)
        finally:
            process.terminate()
            process.wait(60)


@dataclass
class Scaled:
    """Two servers, their issuer, and how to start another like them."""

    one: Process
    other: Process
    github: EmulatedGitHub
    config: str
    store: s3.Store

    def id_token(self) -> bytes:
        """A request for an upload token, with an ID token that nobody has spent."""
        return json.dumps({"token": self.github.sign(github_claims(JOB), audience="trustpub")}).encode()


@pytest.fixture(scope="module", params=["moto", "rclone"])
def scaled(request: pytest.FixtureRequest, pg_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scaled]:
    """Both servers on one database and one bucket."""
    from tests import postgresql

    folder = tmp_path_factory.mktemp("scale")
    start = s3.moto if request.param == "moto" else s3.rclone_store
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(postgresql.database(pg_server))
        store = stack.enter_context(start(folder))
        github = stack.enter_context(EmulatedGitHub())
        config = (
            f'[index]\ndatabase = "{url}"\nblobs = "s3://{s3.BUCKET}/index"\naudience = "trustpub"\n'
            f'[s3]\nendpoint = "{store.endpoint}"\n'
            f'[[issuers]]\nkind = "github"\nurl = "{github.issuer}"\njwks = "{github.jwks_url}"\n'
        )
        with Database.open(None, url) as database:
            manage = Manage(database, time.time, os.urandom)
            manage.add_user("hana", "hana@acme.example")
            for name in PROJECTS:
                manage.add_pending(name, PUBLISHER, "hana", ())
        one, other = (stack.enter_context(serving(folder / name, config, store.environment)) for name in ("one", "other"))
        yield Scaled(one, other, github, config, store)


def minted(server: Process, body: bytes) -> str:
    """An upload token."""
    status, _, answer = server.ask("POST", "/_/oidc/mint-token", body)
    assert 200 == status, answer
    return str(json.loads(answer)["token"])


def test_what_one_acknowledged_the_other_shows(scaled: Scaled, scale: Scale) -> None:
    """On the 200 of an upload through one, the page and the bytes through the other, never stale: 10,000 times on two stores."""
    servers = (scaled.one, scaled.other)
    token, at = "", 0
    for number in range(scale(20, 5_000)):
        if number >= at:
            token, at = minted(servers[number % 2], scaled.id_token()), number + EACH
        name, version = PROJECTS[number // EACH], f"1.{number}"
        filename, content = wheel_of(name, version)
        one, other = servers[number % 2], servers[1 - number % 2]
        assert 200 == one.upload(token, version, filename, content, name)
        status, _, page = other.ask("GET", f"/simple/{name}/", Accept=JSON_PAGE)
        found = {file["filename"]: file for file in cast("list[dict[str, Any]]", json.loads(page)["files"])}
        assert (200, True) == (status, filename in found), f"{filename} is not on the page {number}"
        path = found[filename]["url"].removeprefix("../..")
        assert (200, content) == other.ask("GET", path)[::2]
        if number % 50 == 0:
            assert 200 == other.ask("GET", f"{path}.metadata")[0]
            assert f'"{name}"'.encode() in other.ask("GET", "/simple/", Accept=JSON_PAGE)[2]


def test_an_id_token_is_good_for_one_upload_token_over_all_processes(scaled: Scaled, scale: Scale) -> None:
    """Spent at both at the same moment: exactly one of them mints."""
    with ThreadPoolExecutor(2) as pool:
        for _ in range(scale(50, 1_000)):
            body = scaled.id_token()
            asked = [pool.submit(server.ask, "POST", "/_/oidc/mint-token", body) for server in (scaled.one, scaled.other)]
            assert [200, 422] == sorted(each.result(60)[0] for each in asked)


def test_files_may_come_from_the_store_itself(scaled: Scaled, tmp_path: Path) -> None:
    """A third process that redirects: the signed address has the bytes; small files and metadata come from the index."""
    token = minted(scaled.one, scaled.id_token())
    filename, content = wheel_of("tiny", "2.0", {"tiny/large.bin": os.urandom(200_000)})
    assert 200 == scaled.one.upload(token, "2.0", filename, content)
    sha256 = hashlib.sha256(content).hexdigest()
    path = f"/files/{sha256[:2]}/{sha256[2:4]}/{sha256}/{filename}"
    with serving(tmp_path / "third", scaled.config + '[files]\nsend = "redirect"\n', scaled.store.environment) as third:
        status, headers, body = third.ask("GET", path)
        assert (302, b"", "no-store") == (status, body, headers["cache-control"])
        store = http.client.HTTPConnection(scaled.store.endpoint.removeprefix("http://"), timeout=20)
        store.request("GET", headers["location"].removeprefix(scaled.store.endpoint))
        assert content == store.getresponse().read()
        store.close()
        assert 200 == third.ask("GET", f"{path}.metadata")[0]
    part = scaled.other.ask("GET", path, Range="bytes=1000-150999")
    assert (206, content[1000:151_000]) == part[::2]
