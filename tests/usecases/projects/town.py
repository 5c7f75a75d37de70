"""People with sessions, and their projects, on a real database; time stands until it is moved."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from sqlalchemy import insert, select, update

from tests import stores
from trustpub.domain.tokens import API_PREFIX, digest, mint
from trustpub.settings import ServerSettings
from trustpub.storage import accounts, files, projects
from trustpub.storage.accounts import User
from trustpub.storage.database import Connection, Database
from trustpub.storage.events import Event, events_of
from trustpub.storage.people import revoke_role
from trustpub.storage.projects import Project
from trustpub.storage.tables import mails, sessions, users
from trustpub.usecases.accounts import closing
from trustpub.usecases.accounts.caller import Caller
from trustpub.usecases.not_done import NotDone
from trustpub.usecases.projects import Projects
from trustpub.usecases.publishing import Publishing
from trustpub.usecases.upload_credential import Admission

T = TypeVar("T")
NOW = 1_800_000_000.5


@dataclass
class Town:
    """One index and its people."""

    database: Database
    settings: ServerSettings
    now: float = NOW
    counter: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def __post_init__(self) -> None:
        self.projects = Projects.over(self.database, self.settings, self.clock, self.random)
        self.publishing = Publishing.over(self.database, self.settings, self.clock, self.random)

    def clock(self) -> float:
        return self.now

    def random(self, size: int) -> bytes:
        return next(self.counter).to_bytes(size, "big")

    def do(self, work: Callable[[Connection], T]) -> T:
        """Run one write and wait for it."""
        return self.database.write(work).result(30)

    def see(self, look: Callable[[Connection], T]) -> T:
        """Read what is committed."""
        with self.database.read() as connection:
            return look(connection)

    def person(self, name: str, *, admin: bool = False, verified: bool = True) -> Caller:
        """A user with a session, a second factor and an address of their own."""

        def work(connection: Connection) -> tuple[User, int]:
            user = accounts.add_user(connection, name, f"{name}@example.org", self.now, admin=admin)
            if verified:
                connection.execute(update(users).where(users.c.id == user.id).values(email_verified_at=self.now))
            session = {
                "digest": f"session of {name}",
                "user_id": user.id,
                "level": "full",
                "created": self.now,
                "seen": self.now,
                "proven": self.now,
                "expires": int(self.now) + 10**8,
            }
            session_id: int = connection.execute(insert(sessions).returning(sessions.c.id), session).scalar_one()
            return accounts.user_by_id(connection, user.id) or user, session_id

        user, session_id = self.do(work)
        return Caller(user, session_id, "full", self.now, second_factor=True, address="192.0.2.1")

    def token(self, who: Caller, scope: str, project: str | None = None) -> Admission:
        """An API token of somebody's."""
        text = mint(API_PREFIX, self.random(32))

        def work(connection: Connection) -> None:
            only = None if project is None else projects.find_project(connection, project)
            accounts.add_api_token(connection, digest(text), who.user.id, scope, self.now, project_id=only.id if only else None)

        self.do(work)
        return Admission(digest(text), personal=True)

    def project(self, name: str, owner: Caller, *maintainers: Caller) -> Project:
        """A project with an owner and perhaps maintainers."""

        def work(connection: Connection) -> Project:
            made = projects.create_project(connection, name, self.now, owner.user.id)
            for each in maintainers:
                projects.grant_role(connection, made.id, each.user.id, "maintainer")
            return made

        return self.do(work)

    def give(self, project: str, user: str, role: str) -> None:
        """Give somebody a role, whatever they had."""

        def work(connection: Connection) -> None:
            found, who = projects.find_project(connection, project), accounts.find_user(connection, user)
            assert found is not None
            assert who is not None
            revoke_role(connection, found.id, who.id)
            projects.grant_role(connection, found.id, who.id, role)

        self.do(work)

    def close(self, user: str) -> None:
        """Close an account, as an administrator does."""

        def work(connection: Connection) -> None:
            who = accounts.find_user(connection, user)
            assert who is not None
            closing.close(connection, who, "root", self.now)

        self.do(work)

    def file(self, project: str, version: str, filename: str) -> None:
        """A file in a release of a project."""

        def work(connection: Connection) -> None:
            found = projects.find_project(connection, project)
            assert found is not None
            release, _ = files.release_get_or_create(connection, found.id, version, {}, self.now)
            new = files.NewFile(
                filename=filename,
                project_id=found.id,
                release_id=release.id,
                packagetype="bdist_wheel",
                python_version="py3",
                requires_python=None,
                sha256=digest(filename),
                blake2_256=digest(filename + "b"),
                md5=None,
                size=10,
                metadata_sha256=None,
                uploaded_by="ann",
                upload_time=self.now,
            )
            assert files.insert_file(connection, new, found.normalized) is not None
            projects.bump_serial(connection, found.id)

        self.do(work)

    def mails(self) -> list[tuple[str, str, str]]:
        """Every mail that waits: to whom, subject, text."""
        return self.see(
            lambda connection: [
                (row.recipient, row.subject, row.body) for row in connection.execute(select(mails).order_by(mails.c.id))
            ]
        )

    def events(self, project: str | None = None) -> list[Event]:
        """Every event, or those of one project, oldest first."""

        def look(connection: Connection) -> list[Event]:
            found = None if project is None else projects.find_project(connection, project)
            return [*reversed(events_of(connection, found.id if found else None, limit=1000))]

        return self.see(look)

    def standing(self, name: str) -> Project:
        """A project as it is now."""
        found = self.see(lambda connection: projects.find_project(connection, name))
        assert found is not None
        return found


@contextmanager
def town(data: Path, **settings: object) -> Iterator[Town]:
    """A new index."""
    with stores.database(data) as database:
        yield Town(database, ServerSettings(data, url="https://index.example", **settings))  # type: ignore[arg-type]


def code(answer: object) -> str:
    """Why nothing was done; empty when it was."""
    return answer.code if isinstance(answer, NotDone) else ""
