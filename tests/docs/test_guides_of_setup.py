"""What the guides of setup, preflight and explain show is what the commands say, in a world in memory."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, Page
from tests.domain.failures.samples import samples
from tests.usecases import preflight_stage as preflight
from tests.usecases.checkouts import put
from tests.world import TOKEN, World, checkout, world
from trustpub import cli
from trustpub.cli.render.preflight import render_text
from trustpub.parties.index.fake import FakeIndex, provenance
from trustpub.parties.issuer.github_claims import Job
from trustpub.usecases.preflight import Wishes

BUILD = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
ONE = {"pyproject.toml": f'{BUILD}[project]\nname = "lamp"\nversion = "1.0"\n', "src/lamp/__init__.py": ""}
SEVERAL = {
    f"{name}/pyproject.toml": f'{BUILD}[project]\nname = "{name}"\nversion = "1.0"\n'
    for name in ("desk-lamp", "floor-lamp", "spot-lamp", "wall-lamp")
}
OWN = {**ONE, "trustpub.toml": '[indexes.own]\nurl = "https://packages.example.com/legacy/"\n'}
WORKFLOW = """\
on: {push: {tags: ['v*']}}
jobs:
  publish:
    permissions: {id-token: write}
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
DECLARED = """\
[[publisher]]
project = "demo"
owner = "octo"
repository = "demo"
workflow = "pypi.yml"
environment = "pypi"
"""
DEMO = {
    ".git/config": '[remote "origin"]\nurl = https://github.com/octo/demo.git\n',
    ".git/HEAD": "ref: refs/heads/main\n",
    ".github/workflows/pypi.yml": WORKFLOW,
    "pyproject.toml": '[project]\nname = "demo"\nversion = "1.0"\n',
    "trustpub.toml": DECLARED,
}


class Teletype(io.StringIO):
    """A terminal with somebody at it who has all answers ready."""

    def isatty(self) -> bool:
        """Whether somebody is there."""
        return True


class Desk:
    """A checkout of `octo/lamp`, the world around it, and all that the commands said so far."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, files: dict[str, str]) -> None:
        self.world: World = world(folder, patch)
        self.patch, self.said = patch, ""
        self.world.github.add_user("octo")
        self.world.github.add_repository("octo", "lamp")
        self.world.github.add_token(TOKEN, "octo")
        self.root = checkout(folder, files, slug="octo/lamp")
        patch.chdir(self.root)
        patch.setenv("NO_COLOR", "1")

    def run(self, *args: str, answers: str = "") -> int:
        """Run a command at a terminal, with these answers, and keep what it said."""
        out, err = io.StringIO(), Teletype()
        for name, stream in (("stdin", Teletype("".join(f"{answer}\n" for answer in answers))), ("stdout", out), ("stderr", err)):
            self.patch.setattr(sys, name, stream)
        status = cli.run(list(args), self.world)
        self.said += out.getvalue() + err.getvalue()
        return status


def first_release(desk: Desk) -> None:
    """From nothing, as the guide goes: the plan, a sitting in which everything is answered with yes, nothing left."""
    assert 0 == desk.run("setup", "--dry-run")
    assert 0 == desk.run("setup", answers="ynynynynyn")  # browser: no; all else: yes; the workflow is not pushed yet
    assert 0 == desk.run("setup", "--check")
    desk.world.github.add_workflow("octo/lamp", ".github/workflows/pypi.yml")
    assert 0 == desk.run("setup", answers="nn")
    released(desk)
    assert 0 == desk.run("setup", answers="ynynn")  # TestPyPI has the project now, and twine sends no provenance


def released(desk: Desk) -> None:
    """Twine uploads to TestPyPI, the publish action to PyPI, with provenance."""
    for index in (desk.world.testpypi, desk.world.pypi):
        made = index.project("lamp", ("lamp-1.0.tar.gz", "1.0"), roles=(("octo", "Owner"),))
    made.files[0].provenance = provenance("octo/lamp", "pypi.yml", "pypi")


def drifted(desk: Desk) -> None:
    """A job may not see everything; then somebody changes the environment of a repository that was set up."""
    first_release(desk)
    assert 0 == desk.run("setup", "--check")
    desk.world.github.add_token("ghs_job", installation=True, permissions={"actions": "read"}, repositories=["octo/lamp"])
    desk.world.environment["GH_TOKEN"] = "ghs_job"
    assert 3 == desk.run("setup", "--check")
    desk.world.environment["GH_TOKEN"] = TOKEN
    changed = desk.world.github.environment("octo/lamp", "pypi")
    changed.can_admins_bypass = True
    for policy in changed.policies.values():
        policy.type = "branch"
    assert 1 == desk.run("setup", "--check")
    assert 1 == desk.run("check")


def own(desk: Desk) -> None:
    """An index of one's own, without its token and with it."""
    index = FakeIndex("https://packages.example.com/", audience="packages.example.com")
    desk.world.others["packages.example.com"] = index.send
    desk.run("setup", "--index", "own", "--dry-run")
    desk.world.environment["TRUSTPUB_TOKEN_PACKAGES_EXAMPLE_COM"] = index.publishers.token("alice")
    assert 0 == desk.run("setup", "--index", "own", answers="yy")


def explained(desk: Desk) -> None:
    """A log of uv, with the checkout at hand, then without, then a log of something else."""
    log = {sample.name: sample.log for sample in samples()}["no-environment.uv"]
    (desk.root.parent / "log.txt").write_bytes(log)
    (desk.root.parent / "other.txt").write_text("make: *** [Makefile:3: all] Error 2\n")
    put(desk.root.parent / "demo", DEMO)
    os.chdir(desk.root.parent / "demo")
    assert 0 == desk.run("explain", "../log.txt")
    os.chdir(desk.root.parent)
    assert 0 == desk.run("explain", "log.txt")
    assert 1 == desk.run("explain", "other.txt")


def flown(desk: Desk) -> None:
    """A job whose environment is another one, and one whose project does not exist yet."""
    (desk.root / ".github" / "workflows").mkdir(parents=True)
    (desk.root / ".github" / "workflows" / "pypi.yml").write_text(preflight.WORKFLOW)
    stated = preflight.DECLARED.replace("tool", "lamp").replace("release.yml", "pypi.yml")
    (desk.root / "trustpub.toml").write_text(f"{stated}pending = true\n")
    for environment, wishes in (("release", preflight.PYPI), ("pypi", Wishes("pypi", exchange=True))):
        job = Job(
            owner="octo",
            repository="lamp",
            workflow="pypi.yml",
            environment=environment,
            ref="refs/tags/v1.0",
            event_name="push",
        )
        desk.said += render_text(preflight.Stage(desk.root.parent, job=job).run(wishes))


GUIDES: dict[str, tuple[dict[str, str], Callable[[Desk], object]]] = {
    "first-release": (ONE, first_release),
    "testpypi": (ONE, first_release),
    "drift": (ONE, drifted),
    "monorepo": (SEVERAL, lambda desk: desk.run("setup", "--dry-run")),
    "own-index": (OWN, own),
    "failed-release": (ONE, explained),
    "preflight": (ONE, flown),
}


@pytest.mark.parametrize("guide", GUIDES)
def test_what_is_shown_is_what_is_said(guide: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every piece of output in the guide is in what the commands say, to the letter; `...` stands for what is left out."""
    files, story = GUIDES[guide]
    desk = Desk(tmp_path, monkeypatch, files)
    story(desk)
    pieces = [piece for block in Page(ROOT / "docs" / "guides" / f"{guide}.md").blocks("text") for piece in block.split("...\n")]

    assert pieces
    assert [] == [piece for piece in pieces if piece not in desk.said]


def test_the_preflight_job_suits_the_workflow_of_setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put before the build, it stops neither leg, and `check` finds nothing about it."""
    desk = Desk(tmp_path, monkeypatch, ONE)
    first_release(desk)
    block = next(Page(ROOT / "docs" / "guides" / "preflight.md").blocks("yaml"))
    job, _, build = block.partition("\n  build:\n")
    path = desk.root / ".github" / "workflows" / "pypi.yml"
    text = path.read_text().replace("jobs:\n", f"jobs:\n{job}\n", 1).replace("  build:\n", f"  build:\n{build}", 1)
    path.write_text(text.replace("FULL_COMMIT_ID", "0" * 40))
    desk.said = ""

    assert (0, 0) == (desk.run("setup", "--check"), desk.run("check", "--fail-on", "low"))
    assert "1 finding (info)" in desk.said  # R01: this version is released
