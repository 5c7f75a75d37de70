"""Small checkouts on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.parties.index.addresses import Addresses

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOW = """\
on:
  push: {tags: ['v*']}
  release: {types: [published]}
jobs:
  publish:
    permissions: {id-token: write}
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
PROJECT = '[project]\nname = "tool"\nversion = "4.5.dev1"\n'
ROW = 'project = "tool"\nowner = "octo"\nrepository = "tool"\nworkflow = "release.yml"\n'


def put(root: Path, files: dict[str, str]) -> Path:
    """Write a checkout."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def ordinary(root: Path, **more: str) -> Path:
    """A repository with one workflow and one package; `more` are files with `__` for a slash."""
    put(root, {".github/workflows/release.yml": WORKFLOW, "pyproject.toml": PROJECT})
    put(
        root,
        {".git/config": '[remote "origin"]\nurl = https://github.com/octo/tool.git\n', ".git/HEAD": "ref: refs/heads/main\n"},
    )
    return put(root, {name.replace("__", "/"): text for name, text in more.items()})


def book(tmp: Path) -> Addresses:
    """An address book of a made-up index."""
    return Addresses(tmp / "cache", lambda: "https://upload.index.example/legacy/")
