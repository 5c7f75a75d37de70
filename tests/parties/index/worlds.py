"""An index twice: the fake in memory and our own server on a socket, made and changed by the same words."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from sqlalchemy import update

from tests.distributions import TAR_END, gz, tar_member, wheel_of
from tests.web.forms import CLIENTS, form, headers
from tests.web.site import Site
from trustpub.domain.names import normalize
from trustpub.domain.publishers import Publisher, publisher
from trustpub.parties.http import send
from trustpub.parties.index.addresses import IndexAddresses, beside_upload
from trustpub.parties.index.client import IndexClient
from trustpub.parties.index.fake import FakeIndex
from trustpub.parties.index.registrar import ApiRegistrar
from trustpub.parties.wire import Send
from trustpub.storage import accounts
from trustpub.storage.database import Connection
from trustpub.storage.projects import bump_serial, create_project, find_project
from trustpub.storage.tables import files, projects
from trustpub.usecases.manage import Manage


def github(**changed: str) -> Publisher:
    """A GitHub publisher."""
    row = {"repository_owner": "octo", "repository_owner_id": "42", "repository_name": "orchay"}
    return publisher("github", {**row, "workflow_filename": "release.yml", "environment": "pypi", **changed})


class World(Protocol):
    """One index that a test can change."""

    addresses: IndexAddresses

    @property
    def send(self) -> Send:
        """How it is reached."""

    def project(self, name: str, *filenames: str, owner: str = "hana") -> None:
        """Make a project with files of version 1.0 and an owner."""

    def set_status(self, name: str, status: str) -> None:
        """Change a project's status."""

    def yank(self, filename: str) -> None:
        """Yank a file."""

    def token(self, user: str = "hana", scope: str = "manage", project: str | None = None) -> str:
        """Make an API token."""


class Faked:
    """The fake."""

    def __init__(self) -> None:
        self.index = FakeIndex(audience="trustpub")
        self.send: Send = self.index.send
        self.addresses = self.index.addresses

    def project(self, name: str, *filenames: str, owner: str = "hana") -> None:
        self.index.project(name, *((each, "1.0") for each in filenames), roles=((owner, "Owner"),))

    def set_status(self, name: str, status: str) -> None:
        self.index.projects[normalize(name)].status = status

    def yank(self, filename: str) -> None:
        for project in self.index.projects.values():
            for file in project.files:
                if file.filename == filename:
                    file.yanked = True

    def token(self, user: str = "hana", scope: str = "manage", project: str | None = None) -> str:
        return self.index.publishers.token(user, scope, project)


class Served:
    """Our own server, over a real socket."""

    def __init__(self, folder: Path) -> None:
        self.site = Site(folder)
        self.send: Send = send
        self.addresses = beside_upload(f"http://127.0.0.1:{self.site.server.port}/legacy/")
        self.manage = Manage(self.site.database, time.time, os.urandom)
        for user in ("hana", "joon"):
            self.manage.add_user(user, f"{user}@orchay.example")

    def project(self, name: str, *filenames: str, owner: str = "hana") -> None:
        def make(connection: Connection) -> None:
            user = accounts.find_user(connection, owner)
            assert user is not None
            create_project(connection, name, 1.0, user.id)

        for filename in filenames:
            self.upload(name, filename, self.token(owner, "upload"))
        if not filenames:
            self.site.write(make)

    def upload(self, name: str, filename: str, token: str) -> None:
        """Upload a distribution of version 1.0 as a client does; the first one makes the project."""
        described = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n\n".encode()
        members = tar_member(f"{name}-1.0/".encode(), kind=b"5") + tar_member(f"{name}-1.0/PKG-INFO".encode(), described)
        data = wheel_of(name, "1.0")[1] if filename.endswith(".whl") else gz(members + TAR_END)
        answer = self.site.ask("POST", "/legacy/", headers(token), form(filename, data, replace(CLIENTS["uv"], name=name)))
        assert (200, b"") == (answer.status, answer.body)

    def set_status(self, name: str, status: str) -> None:
        def change(connection: Connection) -> None:
            found = find_project(connection, name)
            assert found is not None
            connection.execute(update(projects).where(projects.c.id == found.id).values(state=status))
            bump_serial(connection, found.id, names_changed=True)

        self.site.write(change)

    def yank(self, filename: str) -> None:
        def change(connection: Connection) -> None:
            connection.execute(update(files).where(files.c.filename == filename).values(yanked=True))

        self.site.write(change)

    def token(self, user: str = "hana", scope: str = "manage", project: str | None = None) -> str:
        return self.manage.create_token(user, scope, project)


def client(world: World, token: str | None = None) -> IndexClient:
    """The client of a world."""
    return IndexClient("own", world.send, **world.addresses._asdict(), token=token)


def registrar(world: World, token: str | None) -> ApiRegistrar:
    """The registrar of a world."""
    return ApiRegistrar("own", world.addresses.web, world.send, token)
