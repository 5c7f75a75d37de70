"""Checkouts and what GitHub and the indexes tell of them, for the tests of what a setup proposes for files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.usecases.checking import written
from trustpub.domain.github_settings import Account, GitHubSide, Hosted, Person
from trustpub.domain.index_project import IndexProject, IndexSide
from trustpub.domain.untold import Untold
from trustpub.parties.git import Checkout
from trustpub.parties.index.addresses import Addresses
from trustpub.usecases.gather import gather
from trustpub.usecases.setup.proposal import Proposal, Wishes, propose
from trustpub.workflows.predict import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trustpub.domain.github_settings import Environment
    from trustpub.rules.facts import Facts

NOTHING = Untold("not asked")
RELEASE = ".github/workflows/release.yml"
BY_TOKEN = """\
on:
  release:
    types: [published]
jobs:
  release: # uploads
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python -m build
      - uses: pypa/gh-action-pypi-publish@release/v1
        with:
          password: ${{ secrets.PYPI_TOKEN }}
"""
MANY = {
    f"packages/{name}/pyproject.toml": f'[project]\nname = "{name}"\nversion = "1.0"\n'
    for name in ("alpha", "beta", "gamma", "delta")
}
MANY["pyproject.toml"] = ""


def book(folder: Path) -> Addresses:
    """The addresses of a made-up PyPI."""
    return Addresses(folder / ".cache", lambda: "https://upload.index.example/legacy/")


def checkout(folder: Path, files: Mapping[str, str] | None = None) -> Checkout:
    """A checkout of octo/tool, with a package at its root unless the files say otherwise."""
    return Checkout.open(written(folder, dict(files or {})))


def read(folder: Path, files: Mapping[str, str] | None = None) -> Facts:
    """What the files of a checkout say."""
    return gather(checkout(folder, files), book(folder), EVERYTHING, whole=True)


def told(
    facts: Facts,
    *people: tuple[str, str, str],
    owner: str = "Octo",
    renamed_from: str = "",
    environments: tuple[Environment, ...] = (),
    plan: str = "",
    branch: str = "trunk",
) -> Facts:
    """Facts with what GitHub tells: `people` are login, kind and role; with a `plan` the repository is private."""
    hosted = Hosted(
        Account(owner, "7", "Organization"),
        "Tool",
        "70",
        "private" if plan else "public",
        "trunk",
        plan=plan,
        renamed_from=renamed_from,
    )
    side = GitHubSide(
        repository=hosted,
        environments={each.name.lower(): each for each in environments},
        rulesets=NOTHING,
        actions=NOTHING,
        subject=NOTHING,
        immutable_releases=NOTHING,
        secrets=(),
        secrets_untold=(),
        people=tuple(Person(Account(login, login, kind), role) for login, kind, role in people),  # type: ignore[arg-type]
        branch=NOTHING,
    )
    repository = facts.repository._replace(owner=owner, name="Tool", owner_id="7", default_branch=branch)
    return facts._replace(github=side, repository=repository)


def index(name: str, **projects: bool) -> IndexSide:
    """What an index tells: which projects exist."""
    there = {each: IndexProject(each, "active", (), "", NOTHING) if exists else None for each, exists in projects.items()}
    return IndexSide(name, name, there, NOTHING)


def proposed(facts: Facts, wishes: Wishes | None = None) -> Proposal:
    """Propose."""
    return propose(facts, wishes or Wishes())


def reasons(proposal: Proposal, field: str) -> list[str]:
    """Why a field is what it is."""
    return [each.why for each in proposal.reasons if each.field == field]
