"""Names that no index registers."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, found, spanned
from tests.workflows.samples import publishing
from trustpub.domain.package import Package


@pytest.mark.parametrize(
    ("name", "why"),
    [("asyncio", "which is a module of Python's standard library"), ("my_tool-", "which is no project name")],
)
def test_a_refused_name(name: str, why: str) -> None:
    """Pointed at where the package has it."""
    files = {"release.yml": publishing("push"), "pyproject.toml": f"[project]\nname = '{name}'\n"}
    seen = facts(files, packages=(Package(".", name, None),))
    (finding,) = found("package_name", seen)
    assert f"the package is named `{name}`, {why}: PyPI registers no such project" == finding.message
    assert ("N01", "blocker", name) == (finding.rule, finding.severity, spanned(seen, finding.span))


@pytest.mark.parametrize(
    ("name", "side", "workflow"),
    [
        ("tool", False, publishing("push")),
        (None, False, publishing("push")),
        ("asyncio", True, publishing("push")),
        ("asyncio", False, publishing("push", step="run: make")),
        ("asyncio", False, publishing("push", step="run: uv publish --publish-url https://own.example/")),
    ],
)
def test_silence_elsewhere(name: str | None, side: bool, workflow: str) -> None:
    """Other names, packages of tests, and what never goes to PyPI."""
    files = {"release.yml": workflow, "pyproject.toml": f"[project]\nname = '{name}'\n"}
    assert [] == found("package_name", facts(files, packages=(Package(".", name, None, side=side),)))


@pytest.mark.parametrize("name", ["<REPLACE ME>", "{{ cookiecutter.name }}"])
def test_silence_for_templates(name: str) -> None:
    """What is to be filled in is no name yet."""
    files = {"release.yml": publishing("push"), "pyproject.toml": f"[project]\nname = '{name}'\n"}
    assert [] == found("package_name", facts(files, packages=(Package(".", name, None),)))
