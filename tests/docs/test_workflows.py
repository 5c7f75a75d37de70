"""Our own workflows, and the example's, do what the pages advise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeAlias

import pytest
import yaml

from tests.docs.markdown import ROOT
from trustpub.domain import declaration

Job: TypeAlias = "dict[str, object]"
FOLDERS = [ROOT / ".github" / "workflows", ROOT / "examples" / "orchay" / ".github" / "workflows"]
WORKFLOWS = sorted(path for folder in FOLDERS for path in folder.glob("*.yml"))
EVERY = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: str(path.relative_to(ROOT)))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def jobs(path: Path) -> dict[str, Job]:
    """The jobs of one workflow."""
    loaded: dict[str, dict[str, Job]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded["jobs"]


def steps(job: Job) -> list[dict[str, object]]:
    """The steps of one job."""
    found = job["steps"]
    assert isinstance(found, list)
    return found


def may_ask(job: Job) -> bool:
    """Whether this job may ask for an ID token."""
    permissions = job.get("permissions")
    return isinstance(permissions, dict) and permissions.get("id-token") == "write"


@EVERY
def test_actions_are_pinned(path: Path) -> None:
    """Every action is named by a full commit id, with its version behind it; our own is that of the same commit."""
    lines = [line.strip().removeprefix("- ") for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]

    assert [] == [line for line in lines if not PINNED.fullmatch(line) and line.partition(" #")[0] != "uses: ./"]


@EVERY
def test_nothing_is_granted_to_all_jobs(path: Path) -> None:
    """Permissions start empty, and every job says its own."""
    assert {} == yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"]
    assert [] == [name for name, job in jobs(path).items() if "permissions" not in job]


@EVERY
def test_checkouts_keep_no_credentials(path: Path) -> None:
    """A checkout leaves no token behind in the folder that is built."""
    kept = [
        name
        for name, job in jobs(path).items()
        for step in steps(job)
        if str(step.get("uses", "")).startswith("actions/checkout@") and step.get("with", {}) != {"persist-credentials": False}
    ]

    assert [] == kept


@EVERY
def test_jobs_with_a_token_only_publish(path: Path) -> None:
    """A job that may ask for an ID token names an environment, needs the build, and never checks out or builds."""
    for job in filter(may_ask, jobs(path).values()):
        used = [str(step.get("uses", step.get("run", ""))) for step in steps(job)]

        assert "environment" in job
        assert "build" == job["needs"]
        assert used[0].startswith("actions/download-artifact@")
        assert [] == [step for step in used if "checkout" in step or "-m build" in step]
        assert re.search("gh-action-pypi-publish@|twine upload .*--repository testpypi", used[-1])


@pytest.mark.parametrize("folder", [ROOT, ROOT / "examples" / "orchay"], ids=["ours", "orchay"])
def test_declared_publishers_fit_the_workflow(folder: Path) -> None:
    """Each declared publisher has a job with its environment that may ask for an ID token, and each such job a publisher."""
    declared = declaration.parse((folder / "trustpub.toml").read_bytes(), "trustpub.toml")
    publishing = {
        (path.name, str(environment["name"]))
        for path in (folder / ".github" / "workflows").glob("*.yml")
        for job in filter(may_ask, jobs(path).values())
        if isinstance(environment := job["environment"], dict)
    }

    assert {(each.workflow, each.environment) for each in declared.publishers} == publishing
