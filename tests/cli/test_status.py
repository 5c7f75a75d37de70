"""Exit statuses and the one line on stderr, for both ways into a command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from trustpub.cli.status import status_of
from trustpub.errors import BadInput, BrokenFile, TrustpubError, Unreachable

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "orchay"
TRUSTPUB = Path(sys.executable).with_name("trustpub")


def failing(problem: BaseException) -> int:
    """Run work that ends so."""

    def work() -> int:
        raise problem

    return status_of(work, ["check"])


@pytest.mark.parametrize(
    ("problem", "status", "said"),
    [
        (BadInput("--job `x`", why="no such job"), 2, "trustpub: --job `x`: no such job\n"),
        (Unreachable("the index", why="no answer"), 3, "trustpub: the index: no answer\n"),
        (
            BrokenFile("a.yml", "not YAML", line=2, column=3, text="  : x"),
            2,
            "trustpub: a.yml:2:3: not YAML\n      : x\n      ^\n",
        ),
    ],
    ids=["bad input", "unreachable", "broken file"],
)
def test_errors(problem: TrustpubError, status: int, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """An error that a person can act on becomes its own status and its own words."""
    assert status == failing(problem)
    assert ("", said) == capsys.readouterr()


def test_interrupted(capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C ends without a traceback, with the status that shells expect."""
    assert failing(KeyboardInterrupt()) == 130
    assert capsys.readouterr().err.endswith("trustpub: stopped\n")


def test_a_defect_stays_a_defect() -> None:
    """A module of our own that is missing is not explained away."""
    with pytest.raises(ModuleNotFoundError):
        failing(ModuleNotFoundError("No module named 'trustpub.x'", name="trustpub.x"))


@pytest.mark.parametrize("command", ["check", "predict"])
def test_usage_errors_are_clicks(command: str) -> None:
    """A misspelt option is explained in one line, with the right one."""
    done = subprocess.run([TRUSTPUB, command, "--formt", "json"], capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "--format" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_missing_choice_is_one_line(tmp_path: Path) -> None:
    """With the values to choose from."""
    done = subprocess.run(
        [TRUSTPUB, "admin", "--data", str(tmp_path), "token", "create", "alice"], capture_output=True, text=True, check=False
    )
    start = "trustpub admin token create: Missing option '--scope'. Choose from: upload, manage, read. See"
    assert (2, start, 1) == (done.returncode, done.stderr[: len(start)], done.stderr.count("\n"))


@pytest.mark.parametrize("command", ["check", "predict"])
def test_a_reader_who_goes_away(command: str) -> None:
    """Whoever closes the pipe early (`| head`) sees no traceback."""
    with subprocess.Popen([TRUSTPUB, command, EXAMPLE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        said = running.stderr.read()
        running.stderr.close()

    assert said == ""
    assert running.returncode == 1
