"""One index put together as `serve` does it: an ID token becomes an upload token, a wheel becomes a listed file."""

from __future__ import annotations

import datetime as dt
import hashlib
import http.client
import json
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from tests.distributions import wheel_of
from trustpub.domain.claims import JSON
from trustpub.domain.issuers import BUILT_IN, Issuer
from trustpub.domain.publishers import Provider
from trustpub.errors import BadInput, Broken, Unreachable
from trustpub.main.ca import make_authority
from trustpub.main.listener import bind
from trustpub.main.serve import build, private_hosts, start, tls_context
from trustpub.parties.issuer.emulated_github import EmulatedGitHub
from trustpub.parties.issuer.github_claims import Job, github_claims
from trustpub.settings import Sending, ServerSettings
from trustpub.storage.database import Database
from trustpub.usecases.manage import Manage, NewPublisher
from trustpub.web.service import RequestRecord

JOB = Job(owner="acme", repository="tiny", owner_id="42", environment="pypi", ref="refs/tags/v1", event_name="push")
PUBLISHER = NewPublisher(Provider.GITHUB, "acme", "42", "tiny", "pypi.yml", "pypi")


@pytest.fixture(scope="module")
def github() -> Iterator[EmulatedGitHub]:
    """GitHub's issuer, with its keys on this machine."""
    with EmulatedGitHub() as emulated:
        yield emulated


def settings(folder: Path, github: EmulatedGitHub) -> ServerSettings:
    """An index that trusts the emulation."""
    return ServerSettings(folder / "data", port=0, issuers=(Issuer(Provider.GITHUB, github.issuer, jwks=github.jwks_url),))


@dataclass
class Client:
    """One client of one index."""

    port: int
    tls: ssl.SSLContext | None = None

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str, bytes]:
        """Status, reason and body; header names with `_` for `-`."""
        connection = (
            http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=self.tls)
            if self.tls
            else http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        )
        try:
            connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.reason, answer.read()
        finally:
            connection.close()

    def json(self, method: str, path: str, body: dict[str, JSON] | None = None, **headers: str) -> dict[str, JSON]:
        """The answer, read as JSON."""
        return cast(
            "dict[str, JSON]", json.loads(self.ask(method, path, json.dumps(body).encode() if body else b"", **headers)[2])
        )

    def upload(self, token: str, filename: str, content: bytes) -> tuple[int, str, bytes]:
        """Upload as twine does."""
        fields = {
            ":action": "file_upload", "protocol_version": "1", "metadata_version": "2.4", "name": "tiny", "version": "1.0",
            "filetype": "bdist_wheel", "pyversion": "py3", "sha256_digest": hashlib.sha256(content).hexdigest(),
        }  # fmt: skip
        edge = "----boundary"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
        ]
        head = f'--{edge}\r\nContent-Disposition: form-data; name="content"; filename="{filename}"\r\n'
        body = "".join(parts).encode() + head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content
        return self.ask(
            "POST",
            "/legacy/",
            body + f"\r\n--{edge}--\r\n".encode(),
            Content_Type=f"multipart/form-data; boundary={edge}",
            Authorization="Basic " + b64encode(f"__token__:{token}".encode()).decode(),
        )


def register(data: Path) -> None:
    """A pending publisher for the project `tiny`."""
    with Database.open(data) as database:
        manage = Manage(database, time.time, bytes)
        manage.add_user("hana", "hana@acme.example")
        manage.add_pending("tiny", PUBLISHER, "hana", ())


def test_from_an_id_token_to_a_listed_file(tmp_path: Path, github: EmulatedGitHub) -> None:
    """Audience, exchange, upload, page, bytes, burn: the whole line over one socket."""
    register(tmp_path / "data")
    heard: list[RequestRecord] = []
    filename, content = wheel_of("tiny", "1.0")
    with start(settings(tmp_path, github), record=heard.append) as server:
        client = Client(server.port)
        audience = client.json("GET", "/_/oidc/audience")["audience"]
        token = github.sign(github_claims(JOB), audience=audience)
        minted = str(client.json("POST", "/_/oidc/mint-token", {"token": token})["token"])
        assert minted.startswith("pypi-tp_")
        assert (200, "OK", b"") == client.upload(minted, filename, content)
        page = client.json("GET", "/simple/tiny/", Accept="application/vnd.pypi.simple.v1+json")
        [file] = cast("list[dict[str, str]]", page["files"])
        assert (200, "OK", content) == client.ask("GET", file["url"].removeprefix("../.."))
        assert 200 == client.ask("GET", file["url"].removeprefix("../..") + ".metadata")[0]
        assert {"success": True} == client.json("POST", "/_/oidc/burn-token", {"token": minted})
        status, reason, _ = client.upload(minted, *wheel_of("tiny", "1.1"))
    assert (403, True) == (status, reason.startswith("Invalid or non-existent authentication information"))
    assert [
        ("/_/oidc/audience", 200, ""),
        ("/_/oidc/mint-token", 200, ""),
        ("/legacy/", 200, ""),
        ("/simple/tiny/", 200, ""),
    ] == [(each.path, each.status, each.code) for each in heard[:4]]
    assert heard[-1].code == reason


def test_a_token_is_spent_once(tmp_path: Path, github: EmulatedGitHub) -> None:
    """The refusal's code is in the body and in the record."""
    register(tmp_path / "data")
    heard: list[RequestRecord] = []
    with start(settings(tmp_path, github), record=heard.append) as server:
        body: dict[str, JSON] = {"token": github.sign(github_claims(JOB), audience="trustpub")}
        assert Client(server.port).json("POST", "/_/oidc/mint-token", body)["success"] is True
        answer = Client(server.port).json("POST", "/_/oidc/mint-token", body)
    error = {"code": "invalid-reuse-token", "description": "invalid token: already used"}
    assert {"message": "Token request failed", "errors": [error]} == answer
    assert "invalid-reuse-token" == heard[-1].code


def test_tls_and_plain_on_one_port_are_the_same_index(tmp_path: Path, github: EmulatedGitHub) -> None:
    """As uv needs it against a plain address."""
    authority = make_authority(tmp_path, ["localhost"], dt.datetime.now(dt.UTC))
    with start(settings(tmp_path, github), authority.server_context(), dual=True) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        plain, tls = Client(server.port), Client(server.port, authority.client_context())
        assert {"audience": "trustpub"} == plain.json("GET", "/_/oidc/audience") == tls.json("GET", "/_/oidc/audience")


def test_configured_certificates_serve_https(tmp_path: Path, github: EmulatedGitHub) -> None:
    """The address says so."""
    authority = make_authority(tmp_path, ["localhost"], dt.datetime.now(dt.UTC))
    leaf = authority.leaf_file
    wanted = ServerSettings(tmp_path / "data", port=0, tls_cert=leaf, tls_key=leaf)
    with start(wanted) as server:
        assert f"https://127.0.0.1:{server.port}" == server.url
        assert 200 == Client(server.port, authority.client_context()).ask("GET", "/healthz")[0]


def test_a_certificate_that_is_none_is_one_clear_line(tmp_path: Path) -> None:
    """With both files named."""
    (tmp_path / "cert.pem").write_text("nothing")
    wanted = ServerSettings(tmp_path / "data", tls_cert=tmp_path / "cert.pem", tls_key=tmp_path / "cert.pem")
    with pytest.raises(BadInput, match="are not a certificate and its key"):
        tls_context(wanted)


def test_nothing_is_left_of_a_server(tmp_path: Path, github: EmulatedGitHub) -> None:
    """Port, threads and database are free: the same settings start again at once."""
    before = {thread.name for thread in threading.enumerate()}
    first = start(settings(tmp_path, github))
    assert 200 == Client(first.port).ask("GET", "/healthz")[0]
    first.stop()
    assert before == {thread.name for thread in threading.enumerate()}
    bind("127.0.0.1", first.port).close()
    with start(settings(tmp_path, github)) as second:
        assert 200 == Client(second.port).ask("GET", "/healthz")[0]


def test_an_index_that_cannot_open_leaves_no_port_taken(tmp_path: Path) -> None:
    """What was bound first is given back."""
    (tmp_path / "file").touch()
    with bind("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(BadInput, match="a regular file is in the way"):
        start(ServerSettings(tmp_path / "file" / "data", port=port))
    bind("127.0.0.1", port).close()


def test_a_port_in_use_is_told_before_anything_is_opened(tmp_path: Path) -> None:
    """No data folder appears."""
    with bind("127.0.0.1", 0) as taken, pytest.raises(Broken, match="address already in use"):
        start(ServerSettings(tmp_path / "data", port=taken.getsockname()[1]))
    assert not (tmp_path / "data").exists()


def test_a_database_that_does_not_answer_is_told_at_the_start(tmp_path: Path) -> None:
    """Not by every request; and its address, which may hold a password, is not repeated."""
    with pytest.raises(Unreachable, match=r"the database: .*See whether PostgreSQL runs") as problem:
        build(ServerSettings(tmp_path / "data", database="postgresql://me:canary@127.0.0.1:1/index"))
    assert "canary" not in str(problem.value)


@pytest.mark.parametrize(("send", "bucket"), [("redirect", None), ("accel", "s3://orchay")])
def test_a_way_of_sending_that_the_store_does_not_have_is_refused(tmp_path: Path, send: str, bucket: str | None) -> None:
    """At the start, by the setting's name."""
    with pytest.raises(BadInput, match=f'send = "{send}"'):
        build(ServerSettings(tmp_path / "data", bucket=bucket, sending=Sending(send)))


def test_keys_may_come_from_a_private_address_only_where_it_was_configured(tmp_path: Path) -> None:
    """The built-in issuers never lead into the operator's network."""
    own = Issuer(Provider.GITLAB, "https://gitlab.acme.example", jwks="https://keys.acme.example/jwks")
    assert frozenset({"gitlab.acme.example", "keys.acme.example"}) == private_hosts(
        ServerSettings(tmp_path, issuers=(*BUILT_IN, own))
    )
    assert frozenset() == private_hosts(ServerSettings(tmp_path))


def test_a_service_can_be_built_and_closed_without_serving(tmp_path: Path) -> None:
    """For whoever needs the use cases alone."""
    service = build(ServerSettings(tmp_path / "data"))
    assert 0 == service.browse.serial()
    service.close()
