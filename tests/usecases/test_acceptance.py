"""The four rows of acceptance: what files prove, state, show to be missing, and cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.usecases.checkouts import PROJECT, ROW, WORKFLOW, book, ordinary
from trustpub.parties.git import Checkout
from trustpub.usecases.acceptance import acceptance
from trustpub.usecases.check import run
from trustpub.usecases.gather import gather
from trustpub.workflows.predict import Wanted

if TYPE_CHECKING:
    from pathlib import Path

RELEASE = ".github/workflows/release.yml"
ENVIRONMENT = WORKFLOW.replace("    permissions", "    environment: live\n    permissions")
DECLARED = f'[[publisher]]\n{ROW}environment = "live"\n'
TOKEN = WORKFLOW + "        with: {password: '${{ secrets.PYPI }}'}\n"
WITHOUT = ENVIRONMENT.replace("id-token: write", "contents: read")
CALLING = "on: release\njobs:\n  publish:\n    uses: OpenAstronomy/github-actions-workflows/.github/workflows/publish.yml@v1\n"
BOTH = ENVIRONMENT + "      - run: uv publish --index testpypi\n"


def rows(root: Path, **files: str) -> dict[str, tuple[str, str]]:
    """State and evidence of each row of a checkout; files are by path with `__` for a slash."""
    ordinary(root, **files)
    facts = gather(Checkout.open(root), book(root.parent), Wanted())
    return {row.criterion: (row.state, row.evidence) for row in acceptance(facts)}


@pytest.mark.parametrize(
    ("files", "states"),
    [
        ({}, ("unknown", "unknown", "unknown", "missing")),
        ({RELEASE: ENVIRONMENT}, ("unknown", "unknown", "unknown", "unknown")),
        ({RELEASE: ENVIRONMENT, "trustpub.toml": DECLARED}, ("unknown", "stated", "stated", "unknown")),
        ({RELEASE: ENVIRONMENT, "trustpub.toml": DECLARED + "[environments.live]\n"}, ("unknown", "stated", "stated", "stated")),
        ({RELEASE: BOTH, "trustpub.toml": DECLARED}, ("unknown", "stated", "unknown", "unknown")),
        ({RELEASE: WORKFLOW, "trustpub.toml": DECLARED}, ("unknown", "stated", "missing", "missing")),
        ({RELEASE: TOKEN}, ("unknown", "unknown", "missing", "missing")),
        ({RELEASE: WITHOUT}, ("unknown", "unknown", "missing", "unknown")),
        ({RELEASE: CALLING}, ("unknown", "unknown", "unknown", "missing")),
        ({RELEASE: "on: push\njobs: {a: {steps: [{run: make}]}}\n"}, ("unknown", "unknown", "missing", "missing")),
    ],
)
def test_states(tmp_path: Path, files: dict[str, str], states: tuple[str, ...]) -> None:
    """Nothing is proven by files alone; what they show to be missing is missing."""
    found = rows(tmp_path / "r", **files)
    assert ["account", "project", "publisher", "environment"] == list(found)
    assert states == tuple(state for state, _ in found.values())


def test_every_index_is_in_one_row(tmp_path: Path) -> None:
    """Two indexes have accounts, projects and publishers of their own."""
    found = {name: why for name, (_, why) in rows(tmp_path / "r", **{RELEASE: BOTH}).items()}
    assert "pypi and testpypi (each has accounts of its own)" in found["account"]
    assert "the uploads are of `tool` on pypi and testpypi; no index was asked whether it has this project" == found["project"]
    assert "`release.yml` on pypi and testpypi, with the environment `live` or with none" in found["publisher"]


def test_a_rule_that_stops_every_release(tmp_path: Path) -> None:
    """A branch rule lets no tag deploy: the environment's row says so, not the publisher's."""
    rules = DECLARED + '[environments.live]\nbranches = ["main"]\n'
    found = rows(tmp_path / "r", **{RELEASE: ENVIRONMENT, "trustpub.toml": rules})
    assert ("stated", "missing") == (found["publisher"][0], found["environment"][0])
    assert "lets only branches `main` deploy, not the tag `v4.5`" in found["environment"][1]


def test_a_publisher_that_differs_is_missing(tmp_path: Path) -> None:
    """With the field that differs."""
    found = rows(tmp_path / "r", **{RELEASE: ENVIRONMENT, "trustpub.toml": DECLARED.replace("live", "other")})
    assert "missing" == found["publisher"][0]
    assert "`environment` differs" in found["publisher"][1]


def test_an_environment_without_trusted_publishing(tmp_path: Path) -> None:
    """A job may name one all the same; of the others it is said that they do not."""
    start = "no job publishes by trusted publishing; "
    named, token = rows(tmp_path / "a", **{RELEASE: WITHOUT}), rows(tmp_path / "b", **{RELEASE: TOKEN})
    assert f"{start}GitHub was not asked about `live` of the publishing job `publish` of `release.yml`" == named["environment"][1]
    assert f"{start}the publishing job `publish` of `release.yml` names no environment" == token["environment"][1]


def test_others_that_name_an_environment(tmp_path: Path) -> None:
    """Of theirs it is said that nobody was asked."""
    other = (
        WORKFLOW.partition("jobs:\n")[2]
        .replace("publish:", "again:")
        .replace("    permissions", "    environment: x\n    permissions")
    )
    why = rows(tmp_path / "r", **{RELEASE: WORKFLOW + other})["environment"][1]
    assert why.endswith("names no environment (others name `x`, about which GitHub was not asked)")


def test_several_jobs_without_an_environment(tmp_path: Path) -> None:
    """Each is named."""
    other = WORKFLOW.partition("jobs:\n")[2].replace("publish:", "again:")
    why = rows(tmp_path / "r", **{RELEASE: WORKFLOW + other})["environment"][1]
    jobs = [f"the publishing job `{name}` of `release.yml`" for name in ("publish", "again")]
    assert f"{jobs[0]} and {jobs[1]} name no environment" == why


def test_an_environment_that_is_kept_in_lower_case(tmp_path: Path) -> None:
    """It is written as the job writes it, with what the index makes of it."""
    found = rows(tmp_path / "r", **{RELEASE: ENVIRONMENT.replace("live", "Live")})["publisher"][1]
    assert found.endswith("`release.yml` on pypi, with the environment `Live` (which PyPI keeps in lower case) or with none")


def test_one_package_that_nothing_uploads(tmp_path: Path) -> None:
    """One is one, several are several."""
    found = rows(tmp_path / "r", **{RELEASE: "on: push\njobs: {a: {steps: [{run: make}]}}\n"})["project"][1]
    assert "the package here is called `tool`; no index was asked whether it has a project of this name" == found


def test_a_repository_without_a_package(tmp_path: Path) -> None:
    """It is missing, and that is said."""
    ordinary(tmp_path / "r", **{RELEASE: ENVIRONMENT})
    (tmp_path / "r/pyproject.toml").unlink()
    facts = gather(Checkout.open(tmp_path / "r"), book(tmp_path), Wanted())
    project = acceptance(facts)[1]
    assert ("missing", True) == (project.state, "neither pyproject.toml nor setup.py" in project.evidence)


def test_many_packages_are_counted(tmp_path: Path) -> None:
    """The first few are named, the rest is a number."""
    more = {f"pkg{number}/pyproject.toml": PROJECT.replace("tool", f"tool-{number}") for number in range(9)}
    ordinary(tmp_path / "r", **more)
    (tmp_path / "r/pyproject.toml").unlink()
    facts = gather(Checkout.open(tmp_path / "r"), book(tmp_path), Wanted())
    assert "`tool-5` and 3 more" in acceptance(facts)[1].evidence


BRANCH_ONLY = '[environments.pypi]\nbranches = ["main"]\n'


def test_no_row_claims_what_a_blocker_contradicts(tmp_path: Path) -> None:
    """A declared publisher that differs, behind rules that refuse every tag, is neither stated nor unknown."""
    workflow = WORKFLOW.replace("    permissions:", "    environment: pypi\n    permissions:")
    declared = f'[[publisher]]\n{ROW.replace("release.yml", "other.yml")}environment = "pypi"\n{BRANCH_ONLY}'
    root = ordinary(tmp_path / "r", **{".github__workflows__release.yml": workflow, "trustpub.toml": declared})
    told = {row.criterion: row for row in run(Checkout.open(str(root)), book(tmp_path)).acceptance}
    assert ("missing", "missing") == (told["publisher"].state, told["environment"].state)
    assert told["publisher"].evidence.startswith("the publisher of `tool` on pypi has the workflow `other.yml`")


def test_a_publishing_file_that_cannot_be_read_leaves_the_rows_open(tmp_path: Path) -> None:
    """What is in it may well publish: nothing is said to be missing."""
    root = ordinary(tmp_path / "r", **{".github__workflows__release.yml": f"{WORKFLOW}\n\tpypi"})
    assert {"unknown"} == {row.state for row in run(Checkout.open(str(root)), book(tmp_path)).acceptance}
