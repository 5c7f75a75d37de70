"""Commits for a new workflow's actions, as GitHub has them."""

from __future__ import annotations

from tests.usecases.setup.scenes import client
from trustpub.parties.github.fake import FakeGitHub
from trustpub.parties.github.fake_state import Release, Repository, Tag
from trustpub.usecases.setup.pins import newest_pins
from trustpub.workflows.writing import PINS

ACTION = "actions/checkout"
COMMIT = "c" * 40


def with_release(tag: str) -> FakeGitHub:
    """A GitHub with one of the actions, released as this tag."""
    fake = FakeGitHub()
    fake.add_organization("actions")
    repository: Repository = fake.add_repository("actions", "checkout")
    repository.tags[tag] = Tag(tag, COMMIT)
    repository.releases.append(Release(1, tag, fake.now()))
    return fake


def test_without_github_the_known_ones_count() -> None:
    """Nobody was asked, or nobody has them."""
    assert PINS == newest_pins(None)
    assert PINS == newest_pins(client(FakeGitHub(), None))


def test_a_newer_release_of_the_same_major_version_is_taken() -> None:
    """The commit that its tag points at now."""
    major = PINS[ACTION][1].partition(".")[0]

    assert {**PINS, ACTION: (COMMIT, f"{major}.99.0")} == newest_pins(client(with_release(f"{major}.99.0"), None))


def test_another_major_version_is_not() -> None:
    """It may want other inputs than the ones that are written."""
    assert PINS == newest_pins(client(with_release("v99.0.0"), None))
