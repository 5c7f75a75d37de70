"""A person, an index and a registrar in memory, and the facts that registration is planned from."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from trustpub.domain.declaration import Declaration, DeclaredIndex, DeclaredPublisher
from trustpub.domain.github_settings import Account, GitHubSide, Hosted
from trustpub.domain.index_project import Attested, IndexFile, IndexProject, IndexSide, Registered
from trustpub.domain.names import normalize
from trustpub.domain.publishers import Provider, Publisher
from trustpub.domain.untold import Untold
from trustpub.errors import Unreachable
from trustpub.rules.facts import Facts
from trustpub.usecases.setup.registrars import publisher_steps
from trustpub.workflows.contexts import Repository
from trustpub.workflows.files import NO_FILES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from trustpub.parties.index.port import Index, Registrar
    from trustpub.usecases.setup.ask import Card
    from trustpub.usecases.setup.step import Step

TODAY = date(2026, 11, 22)
UNASKED = Untold("nobody asked")
OWN = {"own": DeclaredIndex("own", "https://own.example/legacy/", "own")}


def row(project: str = "tool", index: str = "pypi", environment: str = "pypi", **more: Any) -> DeclaredPublisher:
    """A publisher of `octo/tool`, workflow `pypi.yml`."""
    made = DeclaredPublisher(project, index, Provider.GITHUB, "octo", "583", "tool", "pypi.yml", environment, "", "")
    return made._replace(**more)


def declared(*rows: DeclaredPublisher, **more: Any) -> Declaration:
    """A `trustpub.toml` with these publishers, and an index `own`."""
    return Declaration(publishers=rows, indexes=OWN, path="trustpub.toml")._replace(**more)


def hosted(owner: str = "octo", name: str = "tool", number: str = "583", renamed_from: str = "") -> GitHubSide:
    """GitHub, as far as it says who somebody is."""
    repository = Hosted(Account(owner, number, "User"), name, "9", "public", "main", renamed_from=renamed_from)
    return GitHubSide(repository, UNASKED, UNASKED, UNASKED, UNASKED, UNASKED, (), (), UNASKED, UNASKED)


def project(
    name: str = "tool", by: Attested | None = None, owners: tuple[tuple[str, str], ...] | Untold = UNASKED, organization: str = ""
) -> IndexProject:
    """A project with one file, published `by` somebody."""
    file = IndexFile(f"{name}-1.0.tar.gz", "1.0", 1.0)
    told = {file.filename: (by,) if by is not None else ()}
    return IndexProject(name, "active", (file,), "1.0", owners, organization, told)


def uploaded(day: date, by: Attested | None = None) -> IndexProject:
    """A project whose first file was uploaded on a day."""
    made, noon = project(by=by), datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp()
    return made._replace(files=tuple(file._replace(uploaded_at=noon) for file in made.files))


def attested(
    repository: str = "octo/tool", workflow: str = "pypi.yml", environment: str = "pypi", owner: str = "583"
) -> Attested:
    """What a file's provenance names."""
    return Attested("GitHub", repository, workflow, environment, (("repository_owner_id", owner),))


def facts(
    declaration: Declaration,
    projects: Mapping[tuple[str, str], IndexProject | Untold | None] | None = None,
    github: GitHubSide | None = None,
    registered: tuple[Registered, ...] | Untold = UNASKED,
) -> Facts:
    """Facts about `octo/tool`; `projects` go by index and name, and one that is not there is not known."""
    told = projects or {}
    sides = {
        index: IndexSide(index, index, {name: there for (where, name), there in told.items() if where == index}, registered)
        for index in dict.fromkeys(where for where, _ in told)
    }
    return Facts(
        Repository("octo", "tool", "583"), "github.com", declaration, {}, {}, (), (), NO_FILES, github=github, indexes=sides
    )


class Somebody:
    """A person who answers in turn what was prepared, and nothing once that is used up. Keeps what was shown."""

    def __init__(self, *answers: bool, allowed: bool = False) -> None:
        self.answers = list(answers)
        self.allowed = allowed
        self.cards: list[Card] = []
        self.told: list[str] = []
        self.asked: list[str] = []

    def tell(self, text: str) -> None:
        """Keep it."""
        self.told.append(text)

    def card(self, card: Card) -> None:
        """Keep it."""
        self.cards.append(card)

    def allows(self, question: str) -> bool:
        """Allow everything or nothing."""
        self.asked.append(question)
        return self.allowed

    def says(self, question: str) -> bool | None:
        """Answer the next one."""
        self.asked.append(question)
        return self.answers.pop(0) if self.answers else None


class Shelf:
    """An index in memory, as an outsider sees it."""

    def __init__(
        self, name: str, projects: Iterable[str] = (), similar: tuple[str, ...] | Untold = (), silent: bool = False
    ) -> None:
        self.name = name
        self.projects = {normalize(each): project(each) for each in projects}
        self.similar = similar
        self.silent = silent

    def audience(self) -> str | Untold:
        """Its own name."""
        return self.name

    def project(self, name: str) -> IndexProject | Untold | None:
        """Look it up."""
        self._reach()
        return self.projects.get(normalize(name))

    def provenance(self, project: str, file: IndexFile) -> tuple[Attested, ...] | Untold:
        """None of it."""
        return ()

    def names_like(self, name: str) -> tuple[str, ...] | Untold:
        """What was prepared."""
        self._reach()
        return self.similar

    def _reach(self) -> None:
        if self.silent:
            raise Unreachable(f"index `{self.name}`", why="it does not answer")


class Cut(Exception):
    """The process was killed here."""


class Desk:
    """A registrar in memory, which may be cut off after so many calls: what it was told to do is done by then."""

    def __init__(self, there: Iterable[Registered] = (), cut_after: int | None = None, untold: Untold | None = None) -> None:
        self.there = list(there)
        self.calls: list[str] = []
        self.cut_after = cut_after
        self.untold = untold

    def registered(self, projects: Iterable[str]) -> tuple[Registered, ...] | Untold:
        """List those of these projects."""
        names = {normalize(each) for each in projects}
        found = tuple(each for each in self.there if normalize(each.project) in names)
        self._called("registered")
        return self.untold if self.untold is not None else found

    def register(self, project: str, publisher: Publisher, *, pending: bool) -> Registered:
        """Add it, unless it is there."""
        made = Registered(str(len(self.there) + 1), project, publisher, pending)
        same = [each for each in self.there if each[1:3] == made[1:3]]
        self.there += [] if same else [made]
        self._called(f"register {project}")
        return same[0] if same else made

    def remove(self, registered: Registered) -> None:
        """Take it away."""
        self.there = [each for each in self.there if each != registered]
        self._called(f"remove {registered.id}")

    def _called(self, what: str) -> None:
        self.calls.append(what)
        if self.cut_after is not None and len(self.calls) > self.cut_after:
            raise Cut


def steps(
    known: Facts,
    ask: Somebody | None = None,
    desired: Declaration | None = None,
    *,
    indexes: Mapping[str, Index] | None = None,
    registrars: Mapping[str, Registrar] | None = None,
    state: Callable[[DeclaredPublisher], None] = lambda _: None,
    prune: bool = False,
) -> list[Step]:
    """Plan the publishers of a repository."""
    return list(
        publisher_steps(
            known,
            desired or known.declaration,
            indexes or {},
            registrars or {},
            ask or Somebody(),
            TODAY,
            pages=lambda name: f"https://{name}.example/",
            state=state,
            prune=prune,
        )
    )
