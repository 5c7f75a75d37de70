"""One index that takes uploads: real stores, validators in this thread, a clock that stands until it is set."""

from __future__ import annotations

import hashlib
import os
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests import stores
from tests.distributions import wheel_of
from trustpub.domain.publishers import Publisher, publisher
from trustpub.domain.tokens import API_PREFIX, UPLOAD_PREFIX, digest, mint
from trustpub.parties.archives.fake import FakeValidators
from trustpub.settings import Limits
from trustpub.storage.accounts import add_api_token, add_user, find_user
from trustpub.storage.blobs import Blobs
from trustpub.storage.database import Connection
from trustpub.storage.events import Event, events_of
from trustpub.storage.files import File, all_files
from trustpub.storage.projects import create_project, find_project
from trustpub.storage.publishers import get_or_create_publisher, link
from trustpub.storage.tokens import add_upload_token
from trustpub.usecases.attested import Attesting
from trustpub.usecases.upload import Received, Stored, Upload, UploadRefused, credential

NOW = 1_800_000_000.25
LIFETIME = 900
PUBLISHER = publisher(
    "github",
    {
        "repository_owner": "acme",
        "repository_owner_id": "1",
        "repository_name": "tiny",
        "workflow_filename": "pypi.yml",
        "environment": "pypi",
    },
)


def basic(token: str, user: str = "__token__") -> str:
    """An Authorization header as every client writes it."""
    return "Basic " + b64encode(f"{user}:{token}".encode()).decode()


@dataclass
class Package:
    """One file and the form that goes with it; change what a test is about."""

    project: str = "tiny-demo"
    version: str = "1.0"
    filename: str = ""
    data: bytes = b""
    filetype: str = "bdist_wheel"
    pyversion: str = "py3"
    content_type: str = "application/octet-stream"
    more: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.data:
            name, self.data = wheel_of(self.project, self.version)
            self.filename = self.filename or name

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The form."""
        fields = {
            ":action": "file_upload",
            "protocol_version": "1",
            "metadata_version": "2.4",
            "name": self.project,
            "version": self.version,
            "filetype": self.filetype,
            "pyversion": self.pyversion,
            "sha256_digest": hashlib.sha256(self.data).hexdigest(),
            **self.more,
        }
        return tuple((name, value) for name, value in fields.items() if value)


class Index:
    """The stores of one index and its upload; use it in a `with`."""

    def __init__(
        self,
        folder: Path,
        validators: FakeValidators | None = None,
        limits: Limits | None = None,
        blobs: Blobs | None = None,
        *,
        attesting: Attesting | None = None,
        old_release_days: int = 0,
    ) -> None:
        self.now = NOW
        self.folder = folder
        self.database = stores.database(folder / "data")
        self.blobs = blobs or stores.blobs(folder / "data")
        self.validators = validators or FakeValidators()
        self.upload = Upload(
            self.database,
            self.blobs,
            self.validators,
            limits or Limits(),
            lambda: self.now,
            attesting=attesting,
            old_release_days=old_release_days,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None) -> None:
        self.upload.close()
        self.database.close()

    def user_token(
        self, user: str = "hana", *, scope: str = "upload", project: str | None = None, expires: int | None = None
    ) -> str:
        """A token of a person; the account is made when it is not there."""
        token = mint(API_PREFIX, os.urandom(32))

        def write(connection: Connection) -> None:
            found = find_user(connection, user) or add_user(connection, user, f"{user}@acme.example", self.now)
            wanted = find_project(connection, project) if project else None
            project_id = wanted.id if wanted else None
            add_api_token(connection, digest(token), found.id, scope, self.now, project_id=project_id, expires=expires)

        self.database.write(write).result()
        return token

    def upload_token(self, *projects: str, publisher: Publisher = PUBLISHER) -> str:
        """An upload token of the publisher, for these projects, which are made when they are not there."""
        token = mint(UPLOAD_PREFIX, os.urandom(32))

        def write(connection: Connection) -> None:
            publisher_id = get_or_create_publisher(connection, publisher, self.now)
            covered = []
            for name in projects:
                project = find_project(connection, name) or create_project(connection, name, self.now)
                link(connection, publisher_id, project.id, self.now)
                covered.append(project.id)
            claims = '{"ref":"refs/tags/v1","sha":"abc"}'
            expires = int(self.now) + LIFETIME
            add_upload_token(connection, digest(token), publisher_id, covered, claims, self.now, expires)

        self.database.write(write).result()
        return token

    def received(self, package: Package) -> Received:
        """The request as the web ring hands it on."""
        temp = self.upload.temp()
        temp.write(package.data)
        return Received(
            package.fields,
            package.filename,
            package.content_type,
            temp,
            hashlib.sha256(package.data).hexdigest(),
            hashlib.md5(package.data, usedforsecurity=False).hexdigest(),
            hashlib.blake2b(package.data, digest_size=32).hexdigest(),
        )

    def send(self, token: str, package: Package | None = None) -> Stored | UploadRefused:
        """Upload this package with this token."""
        admission = credential(basic(token))
        if isinstance(admission, UploadRefused):
            return admission
        return self.upload.accept(admission, self.received(package or Package()))

    def files(self) -> tuple[File, ...]:
        """Every listed file."""
        with self.database.read() as connection:
            return all_files(connection)

    def events(self, *kinds: str) -> list[Event]:
        """Events of these kinds, oldest first."""
        with self.database.read() as connection:
            return [event for event in events_of(connection)[::-1] if event.kind in kinds]

    def stored(self) -> list[str]:
        """Every file below the data folder that is no database, temp files included."""
        data = self.folder / "data"
        return sorted(str(path.relative_to(data)) for path in data.rglob("*") if path.is_file() and "sqlite" not in path.name)


def reason(outcome: Stored | UploadRefused) -> str:
    """Status and text of a refusal; empty for a stored file."""
    return f"{outcome.status} {outcome.reason}" if isinstance(outcome, UploadRefused) else ""
