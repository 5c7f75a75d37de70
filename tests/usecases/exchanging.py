"""A small index to exchange tokens at: a real database, and a verifier that believes what it is told."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from tests import stores
from tests.domain.samples import github_claims
from trustpub.domain.claims import JSON, Claims
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider, Publisher
from trustpub.domain.tokens import digest
from trustpub.parties.issuer.port import KeysWanted, TokenRefused
from trustpub.storage import accounts, projects, publishers
from trustpub.storage.accounts import User
from trustpub.storage.database import Connection, Database
from trustpub.storage.events import Event, events_of
from trustpub.storage.projects import Project
from trustpub.storage.publishers import Pending
from trustpub.storage.tokens import UploadToken, find_upload_token
from trustpub.usecases.exchange import Exchange, Minted, Ready, Refusal

T = TypeVar("T")

NOW = 1_763_800_000.5
EXPIRES = 1_763_800_300


@dataclass
class FakeVerifier:
    """Answers for each token text with what it was given for it; every issuer is GitHub unless it is listed."""

    answers: dict[str, Claims | TokenRefused | KeysWanted] = field(default_factory=dict)
    providers: dict[str, Provider | None] = field(
        default_factory=lambda: {issuer: provider for provider, issuer in DEFAULT_ISSUERS.items()}
    )

    def verify(self, token: str) -> Claims | TokenRefused | KeysWanted:
        return self.answers[token]

    def refresh(self, issuer: str) -> None:
        raise NotImplementedError

    def provider_of(self, issuer: str) -> Provider | None:
        return self.providers.get(issuer)


class Index:
    """One index with an owner, `bob`; time stands still at `NOW`."""

    def __init__(self, database: Database, profile: Profile) -> None:
        self.database = database
        self.verifier = FakeVerifier()
        counter = itertools.count(1)
        self.exchange = Exchange(
            self.verifier, database, profile, "pypi", lambda: NOW, lambda size: next(counter).to_bytes(size, "big")
        )
        self.bob = self.do(lambda connection: accounts.add_user(connection, "bob", "bob@example.org", NOW))
        self._jti = itertools.count(1)

    def do(self, work: Callable[[Connection], T]) -> T:
        """Run one write and wait for it."""
        return self.database.write(work).result(30)

    def see(self, look: Callable[[Connection], T]) -> T:
        """Read what is committed."""
        with self.database.read() as connection:
            return look(connection)

    def project(self, name: str, *linked: Publisher) -> Project:
        """A project of bob's, with these publishers."""

        def work(connection: Connection) -> Project:
            made = projects.create_project(connection, name, NOW, self.bob.id)
            for publisher in linked:
                row_id = publishers.get_or_create_publisher(connection, publisher, NOW)
                publishers.link(connection, row_id, made.id, NOW)
            return made

        return self.do(work)

    def pending(self, name: str, publisher: Publisher, user: User | None = None) -> None:
        """A pending publisher of bob's, or of another user's."""
        owner = user or self.bob
        assert self.do(lambda connection: publishers.add_pending(connection, publisher, name, owner.id, NOW)) is not None

    def claims(self, **claims: JSON) -> dict[str, JSON]:
        """A job of `octo/orchay` in environment `pypi`, with a `jti` of its own."""
        return github_claims(**{"jti": f"jti-{next(self._jti)}", **claims})

    def ready(self, claims: dict[str, JSON], provider: Provider = Provider.GITHUB) -> Ready:
        """These claims as the verifier would hand them over."""
        signed = digest(json.dumps(claims))
        return Ready(Claims(str(claims["iss"]), claims, signed, EXPIRES), provider)

    def ask(self, **claims: JSON) -> Minted | Refusal:
        """Exchange a GitHub token with these claims."""
        return self.settle(self.ready(self.claims(**claims)))

    def settle(self, ready: Ready) -> Minted | Refusal:
        """Settle and wait for the commit."""
        return self.exchange.settle(ready).result(30)

    def minted(self, **claims: JSON) -> UploadToken:
        """Exchange, which must succeed; the row of the upload token."""
        answer = self.ask(**claims)
        assert isinstance(answer, Minted), answer
        return self.token(answer)

    def refused(self, **claims: JSON) -> Refusal:
        """Exchange, which must be refused."""
        answer = self.ask(**claims)
        assert isinstance(answer, Refusal), answer
        return answer

    def token(self, minted: Minted) -> UploadToken:
        """The row of this upload token."""
        row = self.see(lambda connection: find_upload_token(connection, digest(minted.token)))
        assert row is not None
        return row

    def names(self, token: UploadToken) -> list[str]:
        """The projects that an upload token covers, by name."""
        found = self.see(lambda connection: [projects.project_by_id(connection, row_id) for row_id in token.projects])
        return sorted(project.name for project in found if project is not None)

    def all_names(self) -> list[str]:
        """Every project of the index."""
        return [project.name for project in self.see(projects.all_projects)]

    def waiting(self) -> list[Pending]:
        """The pending publishers that are left."""
        return list(self.see(publishers.all_pending))

    def events(self, kind: str, project: Project | None = None) -> list[Event]:
        """The events of one kind, oldest first."""
        found = self.see(lambda connection: events_of(connection, None if project is None else project.id, limit=10_000))
        return [event for event in reversed(found) if event.kind == kind]

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return self.see(lambda connection: int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()))


@contextmanager
def index(folder: Path, profile: Profile) -> Iterator[Index]:
    """An index in a folder of its own."""
    with stores.database(folder) as database:
        yield Index(database, profile)
