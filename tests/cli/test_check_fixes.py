"""`check --fix`, `--diff` and the baseline, as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.usecases.checking import RELEASE, written
from trustpub import cli

WORKFLOW = """\
on: {push: {tags: ['v*']}}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    permissions: {} # none yet
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


def check(folder: Path, *options: str) -> int:
    """Call the command on a checkout."""
    return cli.run(["check", "--no-cache", *options, f"{folder}"], None)


def test_diff_draws_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The diff is the result, what it comes to is talk, and the status says what is there now."""
    written(tmp_path, WORKFLOW)

    assert 1 == check(tmp_path, "--diff")
    out, talk = capsys.readouterr()
    assert out.startswith(f"--- a/{RELEASE}\n+++ b/{RELEASE}\n")
    assert "+    permissions: {id-token: write} # none yet\n" in out
    assert "1 finding would be fixed in 1 file" in talk
    assert WORKFLOW == (tmp_path / RELEASE).read_text()


def test_fix_writes_and_reports_what_remains(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The finding is gone from the report and from the status; a second turn changes nothing."""
    written(tmp_path, WORKFLOW)

    assert 0 == check(tmp_path, "--fix", "--fail-on", "blocker")
    out, talk = capsys.readouterr()
    assert "M02" not in out
    assert "1 finding fixed in 1 file" in talk
    fixed = (tmp_path / RELEASE).read_text()
    assert WORKFLOW.replace("{}", "{id-token: write}") == fixed
    assert 0 == check(tmp_path, "--fix", "--fail-on", "blocker")
    assert "0 findings fixed in 0 files" in capsys.readouterr().err
    assert fixed == (tmp_path / RELEASE).read_text()


def test_unsafe_fixes_are_named_and_made_when_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the option they stay, and are counted."""
    text = WORKFLOW.replace("{} # none yet", "{id-token: write}") + "        with:\n          attestations: false\n"
    written(tmp_path, text)

    check(tmp_path, "--fix")
    assert "more with `--unsafe-fixes`" in capsys.readouterr().err
    assert text == (tmp_path / RELEASE).read_text()
    check(tmp_path, "--fix", "--unsafe-fixes")
    assert "attestations" not in (tmp_path / RELEASE).read_text()


def test_a_baseline_is_written_and_used(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was put off does not fail a check any more; what comes new does."""
    written(tmp_path, WORKFLOW)

    assert 1 == check(tmp_path)
    assert 0 == check(tmp_path, "--write-baseline")
    assert "written" in capsys.readouterr().err
    assert 0 == check(tmp_path)
    assert 1 == check(tmp_path, "--baseline", "")
    assert 2 == check(tmp_path, "--baseline", f"{tmp_path}/none.json")


def test_a_linked_workflow_is_not_rewritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One clear line instead of a file somewhere else."""
    written(tmp_path, {"real.yml": WORKFLOW})
    (tmp_path / ".github/workflows").mkdir(parents=True)
    (tmp_path / RELEASE).symlink_to(tmp_path / "real.yml")

    assert 2 == check(tmp_path, "--fix")
    assert "a link, or a file behind one, is never rewritten" in capsys.readouterr().err
    assert WORKFLOW == (tmp_path / "real.yml").read_text()
