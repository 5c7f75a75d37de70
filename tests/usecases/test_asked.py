"""What somebody asks for: one index, workflow, job, event or package."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.usecases.checkouts import book, put
from trustpub.errors import BadInput
from trustpub.parties.git import Checkout
from trustpub.usecases.asked import Options
from trustpub.usecases.check import run
from trustpub.usecases.report import Report

TWO = """\
on:
  push: {tags: ['v*']}
  workflow_dispatch:
jobs:
  stable:
    if: github.event_name == 'push'
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
  trial:
    if: github.event_name == 'workflow_dispatch'
    steps:
      - run: twine upload --repository testpypi dist/*
"""
PROJECT = '[project]\nname = "tool"\nversion = "1.0"\n'


def checked(root: Path, **options: str) -> Report:
    """Check a repository with a leg for each index."""
    files = {".github/workflows/release.yml": TWO, "pyproject.toml": PROJECT, ".git/HEAD": "ref: refs/heads/main\n"}
    return run(Checkout.open(str(put(root / "tool", files))), book(root), options=Options(**options))


@pytest.mark.parametrize(
    ("options", "jobs"),
    [
        ({}, {"stable", "trial"}),
        ({"index": "pypi"}, {"stable"}),
        ({"index": "testpypi"}, {"trial"}),
        ({"job": "trial"}, {"trial"}),
        ({"event": "push"}, {"stable"}),
        ({"workflow": "release.yml"}, {"stable", "trial"}),
        ({"package": "."}, {"stable", "trial"}),
    ],
)
def test_findings_are_of_what_was_asked_for(tmp_path: Path, options: dict[str, str], jobs: set[str]) -> None:
    """Both jobs lack the permission; only those that are asked for are told of."""
    lacking = [found for found in checked(tmp_path, **options).findings if found.rule == "M02"]
    assert jobs == {name for name in ("stable", "trial") for found in lacking if f"`{name}`" in found.message}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"index": "mine"}, "--index `mine`: no step uploads there. There is: `pypi`, `testpypi`"),
        ({"workflow": "other.yml"}, "--workflow `other.yml`: there is no such file. There is: `release.yml`"),
        ({"job": "build"}, "--job `build`: no step uploads there. There is none"),
        ({"event": "schedule"}, "--event `schedule`: no step uploads there. There is none"),
        ({"package": "docs"}, "--package `docs`: no package is there. Choose with --package: `.`"),
    ],
)
def test_an_option_that_names_nothing_is_an_error(tmp_path: Path, options: dict[str, str], said: str) -> None:
    """A misspelt name must not look like a repository in which nothing is wrong."""
    with pytest.raises(BadInput) as raised:
        checked(tmp_path, **options)
    assert said == str(raised.value)
