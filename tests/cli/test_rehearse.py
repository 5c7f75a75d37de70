"""`trustpub rehearse` at the command line: reports, exit statuses, and one clear line for what cannot be used."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.usecases.rehearse_parts import CopyingBuilder, troupe, write_dist
from trustpub.cli import run
from trustpub.main.stage import OpenStage
from trustpub.parties.clients.build import Build
from trustpub.parties.clients.fake import FakeClient, FakeFetcher
from trustpub.parties.clients.uv import Uv
from trustpub.usecases.rehearse import Troupe

WORKFLOW = """\
name: release
on:
  push:
    tags: ["v*"]
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
DECLARATION = """\
[[publisher]]
project = "demo"
index = "pypi"
provider = "github"
owner = "octo"
owner_id = "7"
repository = "demo"
workflow = "pypi.yml"
environment = "pypi"
"""
PROJECT = (
    '[project]\nname = "demo"\nversion = "1.0"\n[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
)


@dataclass
class Launchers:
    """Hands over players without programs."""

    players: Troupe

    def troupe(self) -> Troupe:
        """The players."""
        return self.players


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remembered addresses of a test are its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository that publishes with one job."""
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "pypi.yml").write_text(WORKFLOW)
    (tmp_path / "trustpub.toml").write_text(DECLARATION)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    write_dist(tmp_path)
    return tmp_path


def rehearse(*args: str, players: Troupe | None = None) -> int:
    """Run the command."""
    return run(["rehearse", *args], Launchers(players or troupe((FakeClient("one"),))))


def test_ends_0_with_a_report_on_stdout_and_talk_on_stderr(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Results and talk do not mix."""
    assert rehearse(str(checkout)) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1].startswith("ok: demo publishes to pypi without a stored token; 16 attacks refused")
    assert "rehearse: sealed: from here on nothing leaves this machine" in said.err.splitlines()


def test_json_on_stdout(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object, nothing else."""
    assert rehearse(str(checkout), "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True


def test_html_into_a_file(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file is named; stdout stays empty."""
    report = checkout / "report.html"
    assert rehearse(str(checkout), "--format", "html", "--output", str(report)) == 0
    assert report.read_text().startswith("<!doctype html>")
    assert capsys.readouterr().out == ""


def test_finished_files_are_taken(checkout: Path) -> None:
    """`--dist` needs no build."""

    class NoBuilder(CopyingBuilder):
        def build(self, package: Path, into: Path, *, isolated: bool) -> tuple[Path, ...]:
            raise AssertionError("nothing may be built")

    plain = troupe((FakeClient("one"),))
    players = Troupe(plain.open_stage, plain.uploaders, plain.fetcher, NoBuilder(), plain.clock)
    assert rehearse(str(checkout), "--dist", str(checkout / "dist"), players=players) == 0


def test_thorough_tries_more(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """More attacks, all refused."""
    assert rehearse(str(checkout), "--thorough", "--format", "json") == 0
    (leg,) = json.loads(capsys.readouterr().out)["legs"]
    assert len(leg["controls"]) == 31
    assert {control["refused"] for control in leg["controls"]} == {True}


def test_ends_1_when_the_index_would_refuse(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report is there all the same, with the reason."""
    (checkout / "trustpub.toml").write_text(DECLARATION.replace('"pypi.yml"', '"release.yml"'))
    assert rehearse(str(checkout)) == 1
    out = capsys.readouterr().out
    assert "invalid-publisher" in out
    assert "workflow_filename: registered `release.yml`, the job says `pypi.yml`" in out


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line that says what is wrong."""
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = [line for line in said.err.splitlines() if line.startswith("trustpub: ")]
    return line.removeprefix("trustpub: ")


@pytest.mark.parametrize(
    ("spoil", "line"),
    [
        (("remove", ".github/workflows/pypi.yml"), "no workflow"),
        (("remove", "pyproject.toml"), "neither pyproject.toml nor setup.py"),
        (("write", ".github/workflows/pypi.yml", "on: [push\n"), ".github/workflows/pypi.yml:"),
        (("write", ".github/workflows/pypi.yml", "on: push\njobs: {}\n"), "no publishing job"),
        (("remove", "dist/demo-1.0.tar.gz", "dist/demo-1.0-py3-none-any.whl"), "--dist"),
    ],
)
def test_bad_input_is_one_clear_line_and_2(
    checkout: Path, capsys: pytest.CaptureFixture[str], spoil: tuple[str, ...], line: str
) -> None:
    """Each names the file or the field."""
    if spoil[0] == "remove":
        for path in spoil[1:]:
            (checkout / path).unlink()
    else:
        (checkout / spoil[1]).write_text(spoil[2])
    assert rehearse(str(checkout), "--dist", str(checkout / "dist")) == 2
    assert line in refused(capsys)


def test_two_packages_and_none_chosen(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Both are named; `--package` chooses."""
    (checkout / "pyproject.toml").unlink()
    (checkout / "trustpub.toml").unlink()
    for name in ("one", "two"):
        (checkout / name).mkdir()
        (checkout / name / "pyproject.toml").write_text(PROJECT.replace("demo", name))
    assert rehearse(str(checkout)) == 2
    line = refused(capsys)
    assert "`one`" in line
    assert "`two`" in line
    assert "--package" in line


def test_a_client_that_is_not_installed(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which one, and how to install it; before anything is built."""

    class NoBuilder(CopyingBuilder):
        def build(self, package: Path, into: Path, *, isolated: bool) -> tuple[Path, ...]:
            raise AssertionError("nothing may be built")

    players = Troupe(OpenStage, (Uv("uv-is-not-here"),), FakeFetcher(), NoBuilder(), time.perf_counter)
    assert rehearse(str(checkout), players=players) == 2
    assert refused(capsys) == (
        'client not installed: `uv-is-not-here`: a rehearsal runs the real one. Install it: pip install "trustpub[rehearse]"'
    )


def test_a_build_that_fails(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, then the build's own output."""
    (checkout / "pyproject.toml").write_text(PROJECT.replace('version = "1.0"', 'version = "not a version"'))
    players = Troupe(OpenStage, (FakeClient("one"),), FakeFetcher(), Build(), time.perf_counter)
    assert rehearse(str(checkout), "--no-isolation", players=players) == 2
    said = capsys.readouterr()
    assert f"trustpub: build fails: `{checkout.name}` (exit status 1). Its own output follows" in said.err
    assert "not a version" in said.err


def test_an_output_that_cannot_be_written(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The option is named."""
    target = checkout / "no-such-folder" / "report.html"
    assert rehearse(str(checkout), "--output", str(target)) == 2
    assert refused(capsys) == f"--output `{target}`: there is no such folder"


@pytest.mark.parametrize(
    ("option", "value"), [("--index", "testpypi"), ("--job", "build"), ("--workflow", "ci.yml"), ("--event", "release")]
)
def test_a_choice_that_names_nothing(checkout: Path, capsys: pytest.CaptureFixture[str], option: str, value: str) -> None:
    """The option, its value, and what there is."""
    assert rehearse(str(checkout), option, value) == 2
    assert refused(capsys).startswith(f"{option} `{value}`: ")
