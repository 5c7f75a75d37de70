"""A small index for the tests of the web ring: real stores, hand-written stand-ins for what other tests cover."""

from __future__ import annotations

import hashlib
import http.client
import json
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from tests import stores
from trustpub.domain.claims import JSON, Claims
from trustpub.domain.names import normalize
from trustpub.domain.publishers import Provider
from trustpub.main.listener import RunningServer, bind
from trustpub.parties.archives.fake import FakeValidators
from trustpub.parties.issuer.port import KeysWanted, TokenRefused
from trustpub.settings import ServerSettings
from trustpub.storage.database import Connection
from trustpub.storage.files import NewFile, insert_file, release_get_or_create
from trustpub.storage.projects import bump_serial, create_project, find_project
from trustpub.usecases.browse import Browse
from trustpub.usecases.exchange import Minted, Ready, Refusal
from trustpub.usecases.upload import Upload
from trustpub.web.app import create_app
from trustpub.web.service import RequestRecord, Service

Result = TypeVar("Result")

UPLOADED = 1_700_000_000.123456
"""The moment at which every file here was uploaded."""


class FakeVerifier:
    """Knows no issuer; counts how often keys were fetched."""

    def __init__(self) -> None:
        self.refreshed: list[str] = []

    def verify(self, token: str) -> Claims | TokenRefused | KeysWanted:
        raise NotImplementedError

    def refresh(self, issuer: str) -> None:
        self.refreshed.append(issuer)

    def provider_of(self, issuer: str) -> Provider | None:
        return None


@dataclass
class FakeExchange:
    """Answers what it was told to; keeps what it was asked."""

    opened: list[Ready | KeysWanted | Refusal] = field(default_factory=list)
    settled: Minted | Refusal | Exception = field(default_factory=lambda: Minted("pypi-tp_x", 1_700_000_900))
    burnt: Refusal | None = None
    bodies: list[bytes] = field(default_factory=list)

    def open(self, body: bytes) -> Ready | KeysWanted | Refusal:
        self.bodies.append(body)
        return self.opened.pop(0)

    def settle(self, ready: Ready) -> Future[Minted | Refusal]:
        return done(self.settled)

    def burn(self, body: bytes) -> Future[Refusal | None]:
        self.bodies.append(body)
        return done(self.burnt)


class NoUpload:
    """Uploads have tests of their own."""

    def close(self) -> None:
        """Nothing to give back."""


def done(result: Result | Exception) -> Future[Result]:
    """A future that has its result, or its exception, already."""
    future: Future[Result] = Future()
    if isinstance(result, Exception):
        future.set_exception(result)
    else:
        future.set_result(result)
    return future


READY = Ready(Claims("https://issuer.example", {}, "0" * 64, 0), Provider.GITHUB)


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> JSON:
        """The body, read as JSON."""
        value: JSON = json.loads(self.body)
        return value


class Site:
    """One running index in a folder; `get` and `post` go over a real socket."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.settings = ServerSettings(folder / "data", **settings)  # type: ignore[arg-type]
        self.database = stores.database(self.settings.data)
        self.blobs = stores.blobs(self.settings.data)
        self.exchange = FakeExchange()
        self.verifier = FakeVerifier()
        self.records: list[RequestRecord] = []
        self.log: list[str] = []
        self.service = Service(
            self.settings,
            self.database,
            self.blobs,
            self.verifier,
            self.exchange,  # type: ignore[arg-type]
            Upload(self.database, self.blobs, FakeValidators(), self.settings.limits, time.time),
            Browse(self.database),
            time.time,
            self.records.append,
            self.log.append,
        )
        listening = bind("127.0.0.1", 0)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.server = RunningServer(create_app(self.service), listening, url, release=self.service.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.server.stop()

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, answer.reason, found, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        """A GET; header names with `_` for `-`."""
        return self.ask("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})

    def post(self, path: str, body: bytes, **headers: str) -> Answer:
        """A POST; header names with `_` for `-`."""
        return self.ask("POST", path, {name.replace("_", "-"): value for name, value in headers.items()}, body)

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """Change the database as an upload or an administrator would."""
        return self.database.write(work).result()

    def blob(self, content: bytes, metadata: bytes | None = None) -> str:
        """Store bytes, and perhaps metadata beside them, and return their SHA-256."""
        temp = self.blobs.temp()
        temp.write(content)
        sha256 = hashlib.sha256(content).hexdigest()
        self.blobs.adopt(temp, sha256)
        if metadata is not None:
            self.blobs.keep_sidecar(sha256, metadata)
        return sha256

    def publish(
        self,
        filename: str,
        content: bytes,
        *,
        project: str | None = None,
        version: str | None = None,
        metadata: bytes | None = None,
        requires_python: str | None = None,
        described: dict[str, JSON] | None = None,
    ) -> str:
        """Put a file on the index, creating its project when it is the first; returns the path of its bytes."""
        parts = filename.removesuffix(".tar.gz").removesuffix(".whl").split("-")
        name, version = project or parts[0], version or parts[1]
        sha256 = self.blob(content, metadata)
        metadata_sha256 = None if metadata is None else hashlib.sha256(metadata).hexdigest()

        def insert(connection: Connection) -> None:
            found = find_project(connection, name) or create_project(connection, name, UPLOADED)
            release, _ = release_get_or_create(connection, found.id, version, described or {"name": name}, UPLOADED)
            wheel = filename.endswith(".whl")
            insert_file(
                connection,
                NewFile(
                    filename,
                    found.id,
                    release.id,
                    "bdist_wheel" if wheel else "sdist",
                    "py3" if wheel else "source",
                    requires_python,
                    sha256,
                    hashlib.blake2b(content, digest_size=32).hexdigest(),
                    hashlib.md5(content).hexdigest(),
                    len(content),
                    metadata_sha256,
                    "hana",
                    UPLOADED,
                ),
                normalize(name),
            )
            bump_serial(connection, found.id)

        self.write(insert)
        return f"/files/{sha256[:2]}/{sha256[2:4]}/{sha256}/{filename}"
