"""A whole setup for PyPI and TestPyPI: a person registers, their word stands in the file, and what is published proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.usecases.setup.scenes import SLUG
from tests.usecases.setup.whole import NOW, Person, scene
from trustpub.domain.declaration import parse
from trustpub.parties.index.fake import FakeIndex, provenance
from trustpub.parties.wire import Request, Response
from trustpub.usecases.setup.planning import ended
from trustpub.usecases.setup.run import Outcome, carried_out

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Scale
    from trustpub.usecases.setup.ask import Card

DECLARATION = """\
[[publisher]]
project = "lamp"
owner = "octo-org"
repository = "lamp"
workflow = "release.yml"
environment = "pypi"

[[publisher]]
project = "lamp"
index = "testpypi"
owner = "octo-org"
repository = "lamp"
workflow = "test.yml"
environment = "testpypi"

[environments.pypi]
tags = ["v*"]

[environments.testpypi]
branches = ["main"]
"""


class Killed(Exception):
    """The process was killed here."""


class Mortal(Person):
    """A person at a process that is killed at the end of one of the things that it shows or asks."""

    def __init__(self, last: int = 0) -> None:
        super().__init__(answer=True)
        self.left = self.last = last

    def card(self, card: Card) -> None:
        """See a card."""
        super().card(card)
        self._lived()

    def says(self, question: str) -> bool | None:
        """Answer."""
        answer = super().says(question)
        self._lived()
        return answer

    def _lived(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


class World:
    """A scene with both of PyPI's indexes in it."""

    def __init__(self, folder: Path) -> None:
        self.scene = scene(folder, DECLARATION)
        self.indexes = {
            "pypi": FakeIndex("https://pypi.example/", managed=False),
            "testpypi": FakeIndex("https://test.pypi.example/", audience="testpypi", managed=False),
        }
        self.others = self.scene.send
        self.scene.send = self.send  # type: ignore[method-assign]  # the way to everybody leads to these indexes too
        self.scene.person = Person(answer=True)

    def send(self, request: Request) -> Response:
        """Send a request to whomever it is meant for."""
        host = urlsplit(request.url).hostname
        index = next((each for each in self.indexes.values() if urlsplit(each.base).hostname == host), None)
        return index.send(request) if index is not None else self.others(request)

    def run(self) -> Outcome:
        """Read, plan, apply."""
        return carried_out(self.scene.plan().plan)

    def file(self) -> str:
        """What `trustpub.toml` says."""
        return (self.scene.root / "trustpub.toml").read_text()


def states(outcome: Outcome) -> dict[str, str]:
    """What became of the accounts and publishers."""
    return {each.step.key: each.state for each in outcome.done if each.step.key.startswith(("account", "publisher"))}


KEYS = ["account on testpypi", "publisher lamp on testpypi", "account on pypi", "publisher lamp on pypi"]


def test_a_yes_is_kept_and_not_asked_again(tmp_path: Path) -> None:
    """Everything is stated in the file, in GitHub's spelling; the next run shows nothing and asks nothing."""
    world = World(tmp_path)
    outcome = world.run()
    assert dict.fromkeys(KEYS, "stated") == states(outcome)
    assert KEYS == list(states(outcome))
    declared = parse(world.file().encode(), "trustpub.toml")
    assert [(SLUG, "2026-09-21", True)] * 2 == [
        (f"{row.owner}/{row.repository}", row.stated, row.pending) for row in declared.publishers
    ]
    assert ["2026-09-21"] * 2 == [each.stated for each in declared.accounts.values()]

    world.scene.person = Person(answer=True)
    before = world.file()
    assert dict.fromkeys(KEYS, "stated") == states(world.run())
    assert ([], before) == (world.scene.person.cards, world.file())


def test_nobody_there_states_nothing(tmp_path: Path) -> None:
    """What may be done is done; what only a person can say is left, and makes the status 1."""
    world = World(tmp_path)
    world.scene.person = Person(answer=None)
    outcome = world.run()
    assert dict.fromkeys(KEYS, "differs") == states(outcome)
    assert 1 == outcome.exit_status
    assert "stated" not in world.file()
    assert 4 == len(world.scene.person.cards)


def test_a_release_proves_what_was_stated(tmp_path: Path) -> None:
    """Once a file was published with it, nobody's word is needed; the checklist says so, the test deployment included."""
    world = World(tmp_path)
    world.run()
    for name, workflow in (("pypi", "release.yml"), ("testpypi", "test.yml")):
        project = world.indexes[name].project("lamp", ("lamp-1.0.tar.gz", "1.0"))
        project.files[0].provenance = provenance(SLUG, workflow, name)
    world.scene.edit("trustpub.toml", "stated = 2026-09-21\n", "")
    made = world.scene.plan()
    outcome = carried_out(made.plan)
    assert "proven" == states(outcome)["publisher lamp on pypi"]
    items = {(each.name, each.index): each.state for each in ended(world.scene.setup(), made, outcome).items}
    assert ["proven", "proven", "proven", "stated"] == [
        items[key] for key in (("publisher", "pypi"), ("publisher", "testpypi"), ("test deployment", ""), ("account", "pypi"))
    ]


def test_a_project_that_somebody_else_made_first_is_said(tmp_path: Path) -> None:
    """A pending publisher does not reserve the name: what was uploaded before anybody stated it was not made by it."""
    world = World(tmp_path)
    world.run()
    world.indexes["pypi"].project("lamp", ("lamp-0.1.tar.gz", "0.1"), roles=(("mallory", "Owner"),))
    world.scene.person = Person(answer=False)
    assert {"publisher lamp on pypi": "differs"} == {
        key: state for key, state in states(world.run()).items() if state != "stated"
    }
    (card,) = world.scene.person.cards
    assert card.notes[0].startswith("`lamp` exists on PyPI and is owned by `mallory`")
    assert "https://pypi.example/manage/project/lamp/settings/publishing/?provider=github&owner=" in card.page


def test_a_first_upload_without_provenance_leaves_the_statement(tmp_path: Path) -> None:
    """The pending publisher was used and is an ordinary one: nothing is to do, nobody is asked, and nothing is proven by it."""
    world = World(tmp_path)
    world.run()
    for index in world.indexes.values():
        index.project("lamp").add("lamp-1.0.tar.gz", "1.0", uploaded_at=NOW + 3600)
    world.scene.person, before = Person(answer=None), world.file()
    made = world.scene.plan()
    outcome = carried_out(made.plan)
    items = {(each.name, each.index): each for each in ended(world.scene.setup(), made, outcome).items}
    assert dict.fromkeys(KEYS, "stated") == states(outcome)
    assert ([], before) == (world.scene.person.cards, world.file())
    assert ["stated"] * 3 == [
        items[key].state for key in (("publisher", "pypi"), ("publisher", "testpypi"), ("test deployment", ""))
    ]
    assert "TestPyPI has `lamp` 1.0 since 2026-09-21; nothing says by whom" == items["test deployment", ""].evidence


def test_killed_whenever_something_is_shown_or_asked(tmp_path: Path, scale: Scale) -> None:
    """The next run asks only for what is not in the file yet, and ends as if nothing had been. A short run takes every third."""
    undisturbed = World(tmp_path / "whole")
    undisturbed.scene.person = counted = Mortal()
    undisturbed.run()
    assert -8 == counted.left
    for last in range(1, 9, scale(3, 1)):
        world = World(tmp_path / f"{last}")
        world.scene.person = Mortal(last)
        with pytest.raises(Killed):
            world.run()
        world.scene.person = Person(answer=True)
        assert dict.fromkeys(KEYS, "stated") == states(world.run())
        assert undisturbed.file() == world.file()
        assert 4 - (last - 1) // 2 == len(world.scene.person.cards), "what was stated was asked again"
