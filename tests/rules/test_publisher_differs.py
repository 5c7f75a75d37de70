"""What a job presents, held against the declared publisher."""

from __future__ import annotations

import pytest

from tests.rules.samples import RELEASE, REPOSITORY, facts, fixed, found, spanned
from tests.workflows.samples import publishing
from trustpub.domain.package import Package

ON = "{push: {tags: ['v*']}}"


def declared(environment: str = 'environment = "pypi"\n', **changes: str) -> str:
    """A `trustpub.toml` with one publisher."""
    row = {"project": "tool", "owner": "octo", "repository": "tool", "workflow": "release.yml"} | changes
    return "# ours\n[[publisher]]\n" + "".join(f'{key} = "{value}" # {key}\n' for key, value in row.items()) + environment


@pytest.mark.parametrize(
    ("job", "names", "under", "advice"),
    [
        ("", "names none", "publish", "again without an environment"),
        ("environment: release", "names `release`", "release", "again with the environment `release`"),
        ("environment: {name: release}", "names `release`", "release", "again with the environment `release`"),
    ],
)
def test_another_environment(job: str, names: str, under: str, advice: str) -> None:
    """The job's environment is pointed at, with the line that declares the other one."""
    seen = facts({"release.yml": publishing(ON, job), "trustpub.toml": declared()})
    (finding,) = found("publisher_differs", seen)
    assert f"the publisher of `tool` on pypi has the environment `pypi`, the job `publish` {names}" == finding.message
    assert ("M01", "blocker", under) == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert [("trustpub.toml", "pypi")] == [(each.span.path, spanned(seen, each.span)) for each in finding.related]
    assert "Write `environment: pypi` at the job `publish`; or register" in finding.help
    assert advice in finding.help


@pytest.mark.parametrize("job", ["", "environment: release", "environment:\n  name: release"])
def test_the_fix_names_the_declared_environment(job: str) -> None:
    """It makes the finding go away, and is not safe: the environment's rules begin to hold."""
    seen = facts({"release.yml": publishing(ON, job), "trustpub.toml": declared()})
    (finding,) = found("publisher_differs", seen)
    assert finding.fix is not None
    assert not finding.fix.safe
    assert [] == found("publisher_differs", facts({"release.yml": fixed(seen, finding), "trustpub.toml": declared()}))


@pytest.mark.parametrize(
    ("key", "value", "severity", "message"),
    [
        ("owner", "acme", "blocker", "has the owner `acme`, this repository's is `octo`"),
        ("repository", "tools", "blocker", "has the repository `tools`, this repository's is `tool`"),
        ("repository", "Tool", "medium", "has the repository `Tool`, this repository's is `tool`"),
    ],
)
def test_another_repository(key: str, value: str, severity: str, message: str) -> None:
    """The declaration is pointed at. Of two spellings nobody here knows GitHub's own, so that is no blocker."""
    seen = facts({"release.yml": publishing(ON, "environment: pypi"), "trustpub.toml": declared(**{key: value})})
    (finding,) = found("publisher_differs", seen)
    assert (severity, f"the publisher of `tool` on pypi {message}") == (finding.severity, finding.message)
    assert ("trustpub.toml", value) == (finding.span.path, spanned(seen, finding.span))
    assert [RELEASE] == [each.span.path for each in finding.related]


def test_another_workflow() -> None:
    """Case counts here: GitHub has no other spelling of a file's name."""
    seen = facts({"release.yml": publishing(ON, "environment: pypi"), "trustpub.toml": declared(workflow="Release.yml")})
    (finding,) = found("publisher_differs", seen)
    assert "the publisher of `tool` on pypi has the workflow `Release.yml`, but it is a job of `release.yml` that uploads" == (
        finding.message
    )
    assert ("blocker", "pypa/gh-action-pypi-publish@release/v1") == (finding.severity, spanned(seen, finding.span))
    assert ["Release.yml"] == [spanned(seen, each.span) for each in finding.related]


@pytest.mark.parametrize(
    ("job", "row"),
    [
        ("environment: pypi", declared()),
        ("environment: PyPI", declared()),
        ("environment: pypi", declared("")),
        ("", declared("")),
        ("environment: pypi", declared(owner="Octo")),
        ("environment: ${{ vars.ENV }}", declared()),
        ("", declared(index="testpypi")),
        ("environment: pypi", declared() + declared(workflow="other.yml")[7:].replace("tool", "lib", 1).replace("octo", "acme")),
        ("", ""),
    ],
    ids=["same", "case", "any", "none", "owner's case", "unknown", "other index", "somebody else's", "nothing declared"],
)
def test_silence_where_the_index_would_accept_it_or_nobody_knows(job: str, row: str) -> None:
    """PyPI compares environments without case and looks owners up; what is not declared is not compared."""
    assert [] == found("publisher_differs", facts({"release.yml": publishing(ON, job), "trustpub.toml": row}))


def test_the_closest_of_several_publishers_counts() -> None:
    """Another project's publisher is not what this job was meant for."""
    other = declared(project="lib", workflow="lib.yml")
    seen = facts(
        {"release.yml": publishing(ON), "lib.yml": publishing(ON, "environment: pypi"), "trustpub.toml": other + declared()[7:]}
    )
    assert ["the publisher of `tool` on pypi has the environment `pypi`, the job `publish` names none"] == [
        finding.message for finding in found("publisher_differs", seen)
    ]


def test_an_upload_of_nobody_knows_what_is_no_other_files_publishers() -> None:
    """Where several packages are published and this one cannot be told, only a publisher of this very file is compared."""
    two = (Package("one", "tool", "1"), Package("two", "lib", "1"))
    other, same = (
        facts({"release.yml": publishing(ON), "trustpub.toml": declared(workflow=name)}, two)
        for name in ("one.yml", "release.yml")
    )
    assert {"the publisher of `tool` on pypi names the workflow `one.yml`, which does not exist"} == {
        finding.message for finding in found("publisher_differs", other)
    }
    assert ["the publisher of `tool` on pypi has the environment `pypi`, the job `publish` names none"] == [
        finding.message for finding in found("publisher_differs", same)
    ]


def test_another_packages_upload_is_not_compared() -> None:
    """A file of another package, whose publisher nobody declared, is no slip of this one's."""
    seen = facts({"other.yml": publishing(ON), "trustpub.toml": declared(project="lib", path="lib", workflow="lib.yml")})
    assert ["the publisher of `lib` on pypi names the workflow `lib.yml`, which does not exist"] == [
        finding.message for finding in found("publisher_differs", seen)
    ]


def test_a_publisher_that_is_left_over() -> None:
    """Its file is gone: whoever makes one of this name could publish."""
    rows = declared() + declared(workflow="old.yml")[7:]
    seen = facts({"release.yml": publishing(ON, "environment: pypi"), "trustpub.toml": rows})
    (finding,) = found("publisher_differs", seen)
    assert "the publisher of `tool` on pypi names the workflow `old.yml`, which does not exist" == finding.message
    assert ("medium", "old.yml") == (finding.severity, spanned(seen, finding.span))


def test_without_a_known_repository_nothing_is_compared() -> None:
    """Neither a remote nor a declaration says whose it is."""
    row = declared(environment="", workflow="old.yml")
    seen = facts({"release.yml": publishing(ON), "trustpub.toml": row}, repository=REPOSITORY._replace(owner="", name=""))
    assert [] == found("publisher_differs", seen)


def test_a_declaration_in_pyproject_and_odd_spelling_of_keys() -> None:
    """Tables below `[tool.trustpub]` are found, a key that is not there is its table's head."""
    from trustpub.domain import declaration
    from trustpub.domain.findings import Span
    from trustpub.rules import declared as places

    text = "[project]\nname = 'tool'\n  [[tool.trustpub.publisher]]\nproject = 'tool'\nowner='octo'\nrepository = 'tool'\n"
    text += "workflow='a.yml'\n"
    told = declaration.parse(text.encode(), "pyproject.toml")
    seen = facts({"release.yml": publishing(ON), "pyproject.toml": text})._replace(declaration=told)
    (row,) = told.publishers
    assert ["octo", "a.yml", "[[tool.trustpub.publisher]]"] == [
        spanned(seen, places.of_publisher(seen, row, key)) for key in ("owner", "workflow", "environment")
    ]
    inline = "publisher = [{project = 'tool', owner = 'octo', repository = 'tool', workflow = 'a.yml'}]\n"
    told = declaration.parse(inline.encode(), "trustpub.toml")
    seen = facts({"release.yml": publishing(ON), "trustpub.toml": inline})
    assert Span("trustpub.toml", 0, 0) == places.of_publisher(seen, seen.declaration.publishers[0], "owner")
