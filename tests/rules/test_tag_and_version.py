"""Tags that start a release of a version in a file."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, PIN, PUBLISH, one_job, two_jobs
from tests.rules.samples import facts, found, spanned
from trustpub.domain.package import Package


@pytest.mark.parametrize(
    ("on", "words", "what"),
    [("{push: {tags: [v*]}}", "push", "a tag"), ("{release: {types: [published]}}", "release", "a GitHub release")],
)
def test_nothing_compares_them(on: str, words: str, what: str) -> None:
    """The trigger is pointed at, the upload is a related place."""
    seen = facts(two_jobs(on=on))
    (finding,) = found("tag_and_version", seen)
    assert (
        "low",
        f"{what} starts the upload of version `1.2.3` in `pyproject.toml`, and nothing compares it with the tag",
        words,
        [f"pypa/gh-action-pypi-publish@{PIN}"],
    ) == (
        finding.severity,
        finding.message,
        spanned(seen, finding.span),
        [spanned(seen, each.span) for each in finding.related],
    )


@pytest.mark.parametrize(
    "text",
    [
        one_job('run: test "${GITHUB_REF_NAME#v}" = "$(python setup.py --version)"', BUILD, PUBLISH),
        one_job(BUILD, PUBLISH + "\nwith: {repository-url: 'https://testpypi.example/'}"),
        one_job(BUILD, PUBLISH, on="{push: {branches: [main]}}"),
        one_job("uses: ./.github/actions/check", BUILD, PUBLISH),
        one_job(f"uses: python-semantic-release/python-semantic-release@{PIN}", BUILD, PUBLISH),
        one_job(f"uses: samuelcolvin/check-python-version@{PIN}", "run: echo tag and version", PUBLISH),
        one_job(BUILD, PUBLISH + "\nwith: {skip-existing: true}"),
    ],
)
def test_silent(text: str) -> None:
    """Something that compares or may compare, other indexes, other triggers; and what another rule tells."""
    assert [] == found("tag_and_version", facts(text))


def test_listing_tags_makes_none() -> None:
    """Another workflow that only looks at the tags compares nothing."""
    other = one_job("run: git tag | sort -V | head -n1", on="push")
    assert ["V01"] == [each.rule for each in found("tag_and_version", facts({"release.yml": two_jobs(), "docs.yml": other}))]


def test_silent_when_a_workflow_makes_the_tags() -> None:
    """Then nobody writes them by hand."""
    other = one_job("run: git tag v$(cat VERSION) && git push --tags", on="workflow_dispatch")
    assert [] == found("tag_and_version", facts({"release.yml": two_jobs(), "bump.yml": other}))


@pytest.mark.parametrize("version", [None, "0.0.0"])
def test_silent_without_a_version_in_a_file(version: str | None) -> None:
    """A dynamic version comes from the tag, and `0.0.0` is a placeholder."""
    assert [] == found("tag_and_version", facts(two_jobs(), (Package(".", "tool", version),)))


HATCH = (
    '[build-system]\nbuild-backend = "hatchling.build"\n[project]\ndynamic = ["version"]\n'
    '[tool.hatch.version]\npath = "tool.py"\n'
)
ATTR = (
    '[build-system]\nbuild-backend = "setuptools.build_meta"\n[project]\ndynamic = ["version"]\n'
    '[tool.setuptools.dynamic]\nversion = {attr = "tool.__version__"}\n'
)
FLIT = '[build-system]\nbuild-backend = "flit_core.buildapi"\n[project]\nname = "my-tool"\ndynamic = ["version"]\n'
VCS = HATCH.replace("path =", 'source = "vcs"\npath =')
WRITTEN = '__version__: str = "2.0.1"\n'


@pytest.mark.parametrize(
    ("pyproject", "file", "text", "expected"),
    [
        (HATCH, "tool.py", WRITTEN, ["`2.0.1` in `tool.py`"]),
        (ATTR, "src/tool/__init__.py", WRITTEN, ["`2.0.1` in `src/tool/__init__.py`"]),
        (FLIT, "my_tool/__init__.py", WRITTEN, ["`2.0.1` in `my_tool/__init__.py`"]),
        (HATCH.replace("tool.py", "VERSION"), "VERSION", "2.0.1\n", ["`2.0.1` in `VERSION`"]),
        (VCS, "tool.py", WRITTEN, []),
        (ATTR, "src/tool/__init__.py", "__version__ = version('tool')\n", []),
        ("[project", "tool.py", WRITTEN, []),
    ],
)
def test_a_version_in_another_file(pyproject: str, file: str, text: str, expected: list[str]) -> None:
    """What the backend reads from a file is written by somebody too; what a tag gives is not."""
    files = {"release.yml": two_jobs(), "pyproject.toml": pyproject, file: text}
    findings = found("tag_and_version", facts(files, packages=(Package(".", "tool", None),)))
    assert expected == [each.message.partition("version ")[2].partition(",")[0] for each in findings]


def test_the_very_line_that_uploads() -> None:
    """Of a script of several lines the one that uploads is the related place."""
    seen = facts(one_job("run: |\n  python -m build\n  uv publish"))
    assert [["uv publish"]] == [[spanned(seen, each.span) for each in one.related] for one in found("tag_and_version", seen)]
