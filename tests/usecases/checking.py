"""Small checkouts for the tests of check: written to a folder, checked whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.parties.git import Checkout
from trustpub.parties.index.addresses import Addresses
from trustpub.usecases.check import run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from trustpub.usecases.report import Report

RELEASE = ".github/workflows/release.yml"
PYPROJECT = '[project]\nname = "tool"\nversion = "1.2.3"\n'
CONFIG = '[core]\n\tbare = false\n[remote "origin"]\n\turl = git@github.com:octo/tool.git\n'


def written(folder: Path, files: Mapping[str, str | bytes] | str) -> Path:
    """Write a checkout of octo/tool with a package; a text is its `release.yml`."""
    given: dict[str, str | bytes] = {"pyproject.toml": PYPROJECT, ".git/config": CONFIG, ".git/HEAD": "ref: refs/heads/main\n"}
    given |= {RELEASE: files} if isinstance(files, str) else files
    for name, text in given.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def addresses(folder: Path) -> Addresses:
    """The addresses of indexes, kept in a folder of the test."""
    return Addresses(f"{folder}/.cache")


def checked(folder: Path, files: Mapping[str, str | bytes] | str) -> Report:
    """Check a checkout that is written first."""
    return run(Checkout.open(str(written(folder, files))), addresses(folder))


def codes(report: Report) -> list[str]:
    """The rules that spoke."""
    return [finding.rule for finding in report.findings]
