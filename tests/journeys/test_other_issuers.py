"""GitLab, Google, ActiveState and any OIDC issuer at a running index: signed, exchanged for uploading, and for reading."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.distributions import wheel_of
from tests.usecases.uploading import Package, basic
from trustpub.domain.claims import JSON
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider, Publisher, publisher
from trustpub.domain.tokens import digest, parse
from trustpub.main.listener import RunningServer
from trustpub.main.serve import start
from trustpub.parties.issuer.signing import SigningKey, key_set
from trustpub.settings import load
from trustpub.storage.accounts import add_user
from trustpub.storage.database import Connection, Database
from trustpub.storage.projects import create_project
from trustpub.storage.publishers import get_or_create_publisher, link
from trustpub.storage.readers import add_reader
from trustpub.usecases.read_right import may_read
from trustpub.usecases.upload_credential import Admission

OIDC = "https://ci.example"
ISSUERS = {**DEFAULT_ISSUERS, Provider.OIDC: OIDC}
CONFIG = "".join(f'[[issuers]]\nkind = "{kind.value}"\nurl = "{url}"\njwks = "jwks.json"\n' for kind, url in ISSUERS.items())
PROVIDERS = [kind for kind in ISSUERS if kind is not Provider.GITHUB]

ROWS: dict[Provider, dict[str, str]] = {
    Provider.GITLAB: {"namespace": "octo/sub", "project": "orchay", "workflow_filepath": "release.yml", "environment": "pypi"},
    Provider.GOOGLE: {"email": "bot@octo.example.com", "sub": "17"},
    Provider.ACTIVESTATE: {"organization": "octo", "activestate_project_name": "orchay", "actor": "mona", "actor_id": "9"},
    Provider.OIDC: {"sub": "project:orchay", "runner": "trusted"},
}
CLAIMS: dict[Provider, dict[str, JSON]] = {
    Provider.GITLAB: {
        "sub": "project_path:octo/sub/orchay:ref_type:tag:ref:v1",
        "project_path": "octo/sub/orchay",
        "ci_config_ref_uri": "gitlab.com/octo/sub/orchay//release.yml@refs/tags/v1",
        "ref_path": "refs/tags/v1",
        "sha": "0" * 40,
        "environment": "pypi",
    },
    Provider.GOOGLE: {"email": "bot@octo.example.com", "email_verified": True, "sub": "17"},
    Provider.ACTIVESTATE: {
        "sub": "org:octo:project:orchay",
        "organization": "octo",
        "organization_id": "1",
        "project": "orchay",
        "project_id": "2",
        "project_path": "octo/orchay",
        "project_visibility": "public",
        "actor": "mona",
        "actor_id": "9",
        "builder": "pypi-publisher",
        "ingredient": "orchay",
        "artifact_id": "3",
    },
    Provider.OIDC: {"sub": "project:orchay", "runner": "trusted", "ref": "refs/tags/v1"},
}
WRONG: dict[Provider, dict[str, JSON]] = {
    Provider.GITLAB: {"environment": "dev"},
    Provider.GOOGLE: {"sub": "18"},
    Provider.ACTIVESTATE: {"actor_id": "10"},
    Provider.OIDC: {"runner": "any"},
}
"""What one claim of another job says."""


@dataclass
class Running:
    """An index with a key of every issuer, and one project for each publisher."""

    server: RunningServer
    keys: SigningKey
    rows: Database

    def token(self, kind: Provider, **changed: JSON) -> str:
        """An ID token of this issuer's job."""
        now = int(time.time())
        times: dict[str, JSON] = {"iss": ISSUERS[kind], "aud": "trustpub", "iat": now, "nbf": now, "exp": now + 300}
        jti: dict[str, JSON] = {"jti": f"{kind}-{time.perf_counter_ns()}"}
        return self.keys.sign(self.keys.header(), {**times, **jti, **CLAIMS[kind], **changed})

    def post(self, path: str, body: bytes, **headers: str) -> tuple[int, bytes]:
        """Post, and read the answer."""
        wire = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=20)
        try:
            wire.request("POST", path, body, headers)
            answer = wire.getresponse()
            return answer.status, answer.read()
        finally:
            wire.close()

    def exchange(self, token: str, path: str = "/_/oidc/mint-token") -> tuple[int, dict[str, JSON]]:
        """Exchange an ID token."""
        status, body = self.post(path, json.dumps({"token": token}).encode())
        told: dict[str, JSON] = json.loads(body)
        return status, told

    def upload(self, token: str, project: str) -> int:
        """Upload a wheel of a project; the status."""
        package = Package(project=project, data=wheel_of(project, "1.0")[1], filename=wheel_of(project, "1.0")[0])
        edge = "edge"
        parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in package.fields]
        disposition = f'Content-Disposition: form-data; name="content"; filename="{package.filename}"'
        head = f"--{edge}\r\n{disposition}\r\nContent-Type: application/octet-stream\r\n\r\n"
        body = "".join(parts).encode() + head.encode() + package.data + f"\r\n--{edge}--\r\n".encode()
        headers = {"Authorization": basic(token), "Content-Type": f"multipart/form-data; boundary={edge}"}
        return self.post("/legacy/", body, **headers)[0]


def registered(kind: Provider) -> Publisher:
    """The publisher that the job's claims match."""
    return publisher(kind, ROWS[kind], OIDC if kind is Provider.OIDC else None)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Started once; its rows come through a second connection."""
    folder, keys = tmp_path_factory.mktemp("issuers"), SigningKey.generate()
    (folder / "jwks.json").write_bytes(key_set(keys))
    (folder / "serve.toml").write_text(CONFIG)
    settings = load(folder / "data", folder / "serve.toml", port=0)

    def fill(connection: Connection) -> None:
        user = add_user(connection, "hana", "hana@acme.example", 1.0)
        for kind in PROVIDERS:
            project = create_project(connection, f"made-by-{kind.value}", 1.0, user.id)
            row = registered(kind)
            link(connection, get_or_create_publisher(connection, row, 1.0), project.id, 1.0, row)
            add_reader(connection, row, "root", 1.0)

    with start(settings) as server, Database.open(settings.data, migrate=False) as rows:
        rows.write(fill).result()
        yield Running(server, keys, rows)


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_job_publishes(index: Running, kind: Provider) -> None:
    """Its token buys an upload token for its project and no other, once; another job's buys nothing."""
    token = index.token(kind)
    status, minted = index.exchange(token)
    assert (200, True) == (status, minted.get("success")), minted
    upload = str(minted["token"])
    assert 200 == index.upload(upload, f"made-by-{kind.value}")
    other = next(each for each in PROVIDERS if each is not kind)
    assert 403 == index.upload(upload, f"made-by-{other.value}")
    status, again = index.exchange(token)
    assert (422, "invalid-reuse-token") == (status, again["errors"][0]["code"])  # type: ignore[index,call-overload]
    status, refused = index.exchange(index.token(kind, **WRONG[kind]))
    assert (422, "invalid-publisher") == (status, refused["errors"][0]["code"])  # type: ignore[index,call-overload]


@pytest.mark.parametrize("kind", PROVIDERS)
def test_a_job_reads(index: Running, kind: Provider) -> None:
    """The same job's token buys a read token, which uploads nothing; one ID token buys one of the two."""
    token = index.token(kind)
    status, minted = index.exchange(token, "/_/oidc/read-token")
    assert 200 == status, minted
    text = str(minted["token"])
    assert parse(text) is not None
    with index.rows.read() as connection:
        assert may_read(connection, Admission(digest(text)), time.time())
        assert not may_read(connection, Admission(digest(text)), time.time() + 3601)
    assert 403 == index.upload(text, f"made-by-{kind.value}")
    for path in ("/_/oidc/read-token", "/_/oidc/mint-token"):
        status, again = index.exchange(token, path)
        assert (422, "invalid-reuse-token") == (status, again["errors"][0]["code"])  # type: ignore[index,call-overload]
    status, refused = index.exchange(index.token(kind, **WRONG[kind]), "/_/oidc/read-token")
    assert 422 == status
    assert "expected" not in json.dumps(refused)
