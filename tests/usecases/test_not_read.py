"""What was not read is named."""

from __future__ import annotations

import pytest

from trustpub.domain.declaration import Declaration
from trustpub.rules.facts import Facts
from trustpub.usecases.not_read import SYSTEMS, not_read
from trustpub.workflows.contexts import Repository
from trustpub.workflows.files import FilesInMemory


def facts(*paths: str) -> Facts:
    """A checkout with nothing but these files."""
    files = FilesInMemory(dict.fromkeys(paths, b""))
    return Facts(Repository("", ""), "", Declaration(), {}, {}, (), (), files)


@pytest.mark.parametrize("path", SYSTEMS)
def test_each_system_is_named_by_its_file(path: str) -> None:
    """Every known place of another CI system is told, once."""
    held = f"{path}step.yml" if path.endswith("/") else path
    assert [path] == [each.path for each in not_read(facts(held, "README.md"))]


def test_a_file_of_that_name_elsewhere_is_nothing() -> None:
    """Only the places where a system looks count, and a file is no folder."""
    assert not_read(facts("docs/Jenkinsfile", "vendor/.travis.yml", ".buildkite", "README.md")) == ()
