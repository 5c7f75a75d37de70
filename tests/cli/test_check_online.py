"""Whole command lines of a check that asks: a GitHub and indexes in memory, and what is said when they do not answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.world import TOKEN, World, checkout, world
from trustpub import cli

WORKFLOW = """
on:
  push: {tags: ["v*"]}
permissions: {}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f
  pypi:
    needs: build
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
    steps:
      - uses: pypa/gh-action-pypi-publish@dc37677b2e1c63e2034f94d8a5b11f265b73ba33
"""
DECLARED = """
[[publisher]]
project = "tool"
owner = "octo"
repository = "tool"
workflow = "release.yml"
environment = "pypi"
"""
FILES = {
    ".github/workflows/release.yml": WORKFLOW,
    "trustpub.toml": DECLARED,
    "pyproject.toml": '[project]\nname = "tool"\nversion = "1"\n',
}


@pytest.fixture
def there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A public repository of one person, who is signed in; PyPI has the project."""
    made = world(tmp_path, monkeypatch)
    made.github.add_user("octo")
    made.github.add_repository("octo", "tool")
    made.github.add_token(TOKEN, "octo")
    made.pypi.project("tool", ("tool-1-py3-none-any.whl", "1"))
    return made


def check(there: World, root: Path, *options: str) -> tuple[int, dict[str, list[dict[str, str]]]]:
    """Check, and read the report as JSON."""
    import contextlib
    import io

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = cli.run(["check", str(root), "--format", "json", *options], there)
    return status, json.loads(out.getvalue())


def row(report: dict[str, list[dict[str, str]]], criterion: str) -> dict[str, str]:
    """One row of acceptance."""
    (found,) = [each for each in report["acceptance"] if each["criterion"] == criterion]
    return found


def test_the_other_sides_are_asked(there: World, tmp_path: Path) -> None:
    """The project is proven by the index; the environment is missing by GitHub's word, and a finding says what that means."""
    _, report = check(there, checkout(tmp_path, FILES))

    assert report["asked"]
    assert "proven" == row(report, "project")["state"]
    assert "missing" == row(report, "environment")["state"]
    assert "E02" in {finding["rule"] for finding in report["findings"]}


def test_offline_asks_nobody(there: World, tmp_path: Path) -> None:
    """Not one request, and no claim about what was not asked."""
    _, report = check(there, checkout(tmp_path, FILES), "--offline")

    assert not report["asked"]
    assert [] == there.asked
    assert "proven" not in {each["state"] for each in report["acceptance"]}


def test_nothing_to_publish_asks_nobody(there: World, tmp_path: Path) -> None:
    """A repository that publishes nothing is no business of GitHub or PyPI."""
    status, report = check(there, checkout(tmp_path, {".github/workflows/ci.yml": "on: push\njobs: {}\n"}))

    assert (0, []) == (status, there.asked)
    assert not report["asked"]


def test_a_party_that_does_not_answer(there: World, tmp_path: Path) -> None:
    """It is named, the others are heard, and the exit status is 3 where nothing graver was found."""
    there.down.add("api.github.com")
    status, report = check(there, checkout(tmp_path, FILES), "--fail-on", "blocker")

    assert 3 == status
    assert "GitHub" in str(report["unreachable"])
    assert "proven" == row(report, "project")["state"]
    assert "unknown" == row(report, "environment")["state"]


def test_findings_go_before_silence(there: World, tmp_path: Path) -> None:
    """A finding that fails the check says more than a party that did not answer."""
    there.down.add("pypi.example")
    status, report = check(there, checkout(tmp_path, FILES), "--fail-on", "info")

    assert 1 == status
    assert report["unreachable"]


def test_a_token_that_is_no_longer_taken(there: World, tmp_path: Path) -> None:
    """It is as if GitHub could not be reached, the next step is said, and the token is not."""
    there.environment["GH_TOKEN"] = "ghp_canaryExpired000000000000000000000"
    status, report = check(there, checkout(tmp_path, FILES), "--fail-on", "blocker")

    assert 3 == status
    assert "gh auth login" in str(report["unreachable"])
    assert "canary" not in str(report)


def test_without_a_token_the_unknown_is_said(there: World, tmp_path: Path) -> None:
    """What strangers may not see stays unknown, with what would answer it."""
    there.environment.clear()
    _, report = check(there, checkout(tmp_path, FILES))

    assert report["unknown"]
    assert all(each["why"] for each in report["unknown"])


def test_a_strange_remote_gets_no_question(there: World, tmp_path: Path) -> None:
    """A checkout that names another host as its remote must not get a token by that."""
    root = checkout(tmp_path, FILES)
    (root / ".git" / "config").write_text('[remote "origin"]\n\turl = https://git.evil.example/octo/tool\n')
    there.environment["GH_ENTERPRISE_TOKEN"] = "canary"
    _, report = check(there, root)

    assert not [each for each in there.asked if "evil" in each]
    assert "git.evil.example" in str(report["unknown"])


def test_a_strange_index_gets_no_token(there: World, tmp_path: Path) -> None:
    """A token goes by the host it is for: a `trustpub.toml` that gives an index's name to another host gets none."""
    seen: list[str] = []

    def evil(request: object) -> object:
        from trustpub.parties.wire import Response

        seen.append(str(dict(request.headers)))  # type: ignore[attr-defined]
        return Response(404, {}, b"")

    there.others["evil.example"] = evil  # type: ignore[assignment]
    there.environment["TRUSTPUB_TOKEN_PACKAGES_EXAMPLE"] = "canary-of-the-index"
    declared = (
        DECLARED.replace("owner =", 'index = "packages"\nowner =')
        + '\n[indexes.packages]\nurl = "https://evil.example/legacy/"\n'
    )
    check(there, checkout(tmp_path, {**FILES, "trustpub.toml": declared}))

    assert seen
    assert "canary" not in "".join(seen)


def test_the_spelling_is_github_s_own(there: World, tmp_path: Path) -> None:
    """The remote's address may be written in any case; what the claims will carry is GitHub's."""
    root = checkout(tmp_path, FILES, slug="OCTO/Tool")
    _, report = check(there, root)

    assert [] == [finding for finding in report["findings"] if finding["rule"] == "M01"]


def test_the_rules_in_force_are_github_s(there: World, tmp_path: Path) -> None:
    """What `trustpub.toml` would let through and GitHub does not, no run gets through; the difference is a finding too."""
    there.github.add_environment("octo/tool", "pypi", branches=["main"])
    root = checkout(tmp_path, {**FILES, "trustpub.toml": f'{DECLARED}\n[environments.pypi]\ntags = ["v*"]\n'})
    _, report = check(there, root)
    rules = {finding["rule"] for finding in report["findings"]}

    assert {"E03", "E08"} <= rules
    assert "missing" == row(report, "environment")["state"]
    assert not [power for power in report["powers"] if "push a tag" in str(power) and "the environment" not in str(power)]
