"""Shell completion is click's own, and it works through the quick front door."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

SCRIPT = "import sys; from trustpub.main.console import main; sys.argv[0] = 'trustpub'; sys.exit(main())"


def run(**variables: str) -> subprocess.CompletedProcess[str]:
    """Call trustpub as a shell does that wants completions."""
    environment = {"PATH": os.environ["PATH"], "PYTHONWARNINGS": "error", **variables}
    return subprocess.run([sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=False)


def completed(line: str) -> list[str]:
    """What bash is offered for the last word of a line."""
    words = line.split(" ")
    done = run(_TRUSTPUB_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
    assert (0, "") == (done.returncode, done.stderr)
    return [offered.partition(",")[2] for offered in done.stdout.split()]


@pytest.mark.parametrize(
    ("shell", "words"),
    [
        ("bash", "complete -o nosort -F _trustpub_completion trustpub"),
        ("zsh", "#compdef trustpub"),
        ("fish", "complete --no-files --command trustpub"),
    ],
)
def test_each_shell_gets_its_script(shell: str, words: str) -> None:
    """The three scripts name the program and ask by the variable that the quick parser looks for."""
    if shell == "bash" and shutil.which("bash") is None:
        pytest.skip("click asks bash for its version, and there is no bash here")
    done = run(_TRUSTPUB_COMPLETE=f"{shell}_source")

    assert (0, "") == (done.returncode, done.stderr)
    assert words in done.stdout
    assert f"_TRUSTPUB_COMPLETE={shell}_complete" in done.stdout


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("trustpub ru", ["rules"]),
        ("trustpub re", ["rehearse"]),
        ("trustpub rules m02", ["M02"]),
        ("trustpub check --fo", ["--format"]),
        ("trustpub check --format s", ["sarif"]),
        ("trustpub check --fail-on h", ["high"]),
        ("trustpub nothing", []),
    ],
)
def test_completes(line: str, expected: list[str]) -> None:
    """Commands, rules, options and their values."""
    assert expected == completed(line)
