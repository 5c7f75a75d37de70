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
    assert "2 packages seem to go to pypi by one identity: `release.yml` with the environment `pypi`" == finding.message
    assert "pypi" == spanned(seen, finding.span)


def test_uploads_whose_packages_are_known() -> None:
    """They are named, a few of them."""
    seen = facts(publishing("{push: {tags: ['v*']}}", "environment: pypi"), packages=PACKAGES)
    (upload,) = seen.uploads
    (prediction,) = upload.predictions
    for count, listed in ((2, "`p0` and `p1`"), (9, "`p0`, `p1`, `p2`, `p3`, `p4` and 4 more")):
        several = tuple(prediction._replace(project=f"p{number}") for number in range(count))
        (finding,) = found("shared_identity", seen._replace(uploads=(upload._replace(predictions=several),)))
        assert f"{listed} go to pypi by one identity: `release.yml` with the environment `pypi`" == finding.message


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
