"""A whole setup: a checkout on the disk, the fake GitHub, and an index of one's own with an API for publishers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.parties.github.openapi import checked
from tests.usecases.setup.scenes import SLUG, TOKEN, github
from trustpub.parties.git import Checkout
from trustpub.parties.index.addresses import Addresses
from trustpub.parties.index.fake import FakeIndex
from trustpub.parties.wire import Response
from trustpub.usecases.outside import Outside
from trustpub.usecases.setup.planning import Planned, Setup, planned
from trustpub.usecases.setup.wishes import Wishes
from trustpub.usecases.three_sides import token_variable

if TYPE_CHECKING:
    from pathlib import Path

    from trustpub.parties.github.fake import FakeGitHub
    from trustpub.parties.wire import Request
    from trustpub.usecases.setup.ask import Card

NOW = 1_790_000_000.0
DECLARATION = """\
[[publisher]]
project = "lamp"
index = "own"
owner = "Octo-Org"
owner_id = "{owner_id}"
repository = "Lamp"
workflow = "release.yml"
environment = "own"

[environments.own]
reviewers = ["maria", "Octo-Org/makers"]
wait_minutes = 10
tags = ["v*"]
admins_bypass = false
prevent_self_review = true

[tags]
protect = ["v*"]

[indexes.own]
url = "https://index.example/legacy/"
audience = "own"

[accounts.own]
user = "olga"
stated = 2026-09-01
"""
PROJECT = (
    '[project]\nname = "lamp"\nversion = "1.0"\n[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
)


@dataclass
class Person:
    """Somebody who allows everything, and answers every question alike; None is nobody."""

    answer: bool | None = None
    told: list[str] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)

    def tell(self, text: str) -> None:
        """Hear something."""
        self.told.append(text)

    def card(self, card: Card) -> None:
        """See a card."""
        self.cards.append(card)

    def allows(self, question: str) -> bool:
        """Allow it."""
        self.told.append(question)
        return True

    def says(self, question: str) -> bool | None:
        """Answer."""
        self.told.append(question)
        return self.answer


@dataclass
class Scene:
    """Everything that a setup reads and writes."""

    root: Path
    github: FakeGitHub
    index: FakeIndex
    person: Person = field(default_factory=Person)
    environment: dict[str, str] = field(default_factory=dict)

    def send(self, request: Request) -> Response:
        """Send a request to whomever it is meant for; the other indexes know no project."""
        host = urlsplit(request.url).hostname or ""
        if host == "api.github.com":
            return checked(self.github.send)(request)  # what GitHub does not describe raises here
        if host == "index.example":
            return self.index.send(request)
        return Response(404, {"content-type": "text/plain"}, b"not found")

    def outside(self) -> Outside:
        """The world outside."""
        cache = str(self.root.parent / "cache")
        return Outside(self.send, lambda: NOW, lambda _: None, self.environment, lambda _: None, self.person.tell, cache)

    def plan(self, wishes: Wishes | None = None, *, prune: bool = False, indexes: tuple[str, ...] = ()) -> Planned:
        """Plan."""
        return planned(self.setup(wishes, prune=prune, indexes=indexes))

    def setup(self, wishes: Wishes | None = None, *, prune: bool = False, indexes: tuple[str, ...] = ()) -> Setup:
        """What is planned for."""
        addresses = Addresses(self.root.parent / "cache", lambda: "https://upload.pypi.example/legacy/")
        checkout = Checkout.open(self.root)
        return Setup(checkout, addresses, self.outside(), self.person, wishes or Wishes(), indexes=indexes, prune=prune)

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a file of the checkout; the old text has to be there."""
        path = self.root / file
        text = path.read_text()
        assert old in text, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new))


def scene(folder: Path, declaration: str = DECLARATION) -> Scene:
    """A checkout of a package with this `trustpub.toml` and nothing else."""
    root = folder / "lamp"
    fake, index = github(), FakeIndex("https://index.example/", audience="own")
    owner = fake.repositories[SLUG.lower()].owner
    files = {
        ".git/config": f'[remote "origin"]\n\turl = https://github.com/{SLUG}.git\n',
        ".git/HEAD": "ref: refs/heads/main\n",
        "pyproject.toml": PROJECT,
        **({"trustpub.toml": declaration.format(owner_id=owner.id)} if declaration else {}),
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    tokens = {"GH_TOKEN": TOKEN, token_variable(index.base): index.publishers.token("olga")}
    return Scene(root, fake, index, environment=tokens)
