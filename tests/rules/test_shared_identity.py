"""Several projects of one publishing identity."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, found, spanned
from tests.workflows.samples import publishing
from trustpub.domain.package import Package

PACKAGES = (Package("a", "a", None), Package("b", "b", None))


def row(project: str, environment: str = "pypi", index: str = "pypi", **changes: str) -> str:
    """One declared publisher."""
    fields = {"project": project, "index": index, "owner": "octo", "repository": "tool", "workflow": "release.yml"} | changes
    return (
        "[[publisher]]\n" + "".join(f'{key} = "{value}"\n' for key, value in fields.items()) + f'environment = "{environment}"\n'
    )


def test_declared_projects_of_one_identity() -> None:
    """All of them are named, the first one's line is pointed at."""
    seen = facts({"trustpub.toml": row("a") + row("b", owner="Octo") + row("c", "PyPI")})
    (finding,) = found("shared_identity", seen)
    assert "`a`, `b` and `c` share one identity on pypi: `release.yml` with the environment `pypi`" == finding.message
    assert ("M07", "info", "pypi") == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert ["`b`", "`c`"] == [each.message for each in finding.related]


@pytest.mark.parametrize(
    "text",
    [
        row("a", "pypi-a") + row("b", "pypi-b"),
        row("a") + row("a", index="testpypi"),
        row("a") + row("A"),
        row("a") + row("b", workflow="b.yml"),
        '[indexes.own]\nurl = "https://own.example/"\n' + row("a", index="own") + row("b", index="own"),
    ],
    ids=["environments", "indexes", "one project", "workflows", "own index"],
)
def test_silence_where_identities_differ(text: str) -> None:
    """An index of one's own takes several pending publishers."""
    assert [] == found("shared_identity", facts({"trustpub.toml": text, "release.yml": publishing("push")}, packages=PACKAGES))


def test_what_the_files_suggest_without_a_declaration() -> None:
    """Two packages and one way out."""
    seen = facts(publishing("{push: {tags: ['v*']}}", "environment: pypi"), packages=PACKAGES)
    (finding,) = found("shared_identity", seen)
    what = "only `release.yml` with the environment `pypi` uploads to pypi"
    assert f"2 packages, and {what}: they seem to share one identity" == finding.message
    assert "pypi" == spanned(seen, finding.span)


@pytest.mark.parametrize(
    ("job", "packages"),
    [
        ("environment: pypi", PACKAGES[:1]),
        ("environment: pypi", (PACKAGES[0], Package("tests/b", "b", None, side=True))),
        ("environment: pypi-${{ matrix.p }}\nstrategy: {matrix: {p: [a, b]}}", PACKAGES),
        ("environment: ${{ vars.ENV }}", PACKAGES),
        ("environment: pypi\nif: github.event_name == 'release'", PACKAGES),
    ],
)
def test_silence_where_one_package_or_several_identities_are(job: str, packages: tuple[Package, ...]) -> None:
    """Also where the environment cannot be told."""
    assert [] == found("shared_identity", facts(publishing("{push: {tags: ['v*']}}", job), packages=packages))
