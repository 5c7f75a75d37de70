"""The real command `trustpub oracle`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.domain.samples import github, github_claims

TRUSTPUB = Path(sys.executable).with_name("trustpub")

ACCEPTED = json.dumps({"provider": "github", "publishers": [github().row()], "claims": github_claims()})
REFUSED = json.dumps({"provider": "github", "publishers": [github(environment="x").row()], "claims": github_claims()})
FORM = json.dumps({"mode": "form", "provider": "google", "fields": {"email": "bot@x.example", "sub": ""}})
WRONG_FORM = json.dumps({"mode": "form", "provider": "google", "fields": {"email": "", "sub": ""}})


def oracle(*args: str | Path, lines: str = "") -> tuple[int, str, str]:
    """Run the command; exit status, standard output, standard error."""
    ran = subprocess.run([TRUSTPUB, "oracle", *args], input=lines, capture_output=True, text=True, check=False)
    return ran.returncode, ran.stdout, ran.stderr


def parsed(output: str) -> list[dict[str, Any]]:
    """Each line of the answer."""
    return [json.loads(line) for line in output.splitlines()]


def test_one_decision_a_line_in_order() -> None:
    """Refusals and wrong forms are decisions: exit 0."""
    status, output, talk = oracle(lines=f"{ACCEPTED}\n{REFUSED}\n{FORM}\n{WRONG_FORM}\n")

    assert (0, "") == (status, talk)
    assert ["accept", "reject", None, None] == [said.get("decision") for said in parsed(output)]
    assert [None, None, True, False] == [said.get("valid") for said in parsed(output)]


def test_an_unreadable_line_keeps_its_place_and_the_exit_is_2() -> None:
    """The others are decided all the same."""
    status, output, _ = oracle(lines=f"{ACCEPTED}\nnonsense\n{ACCEPTED}")

    assert 2 == status
    assert [["decision", "publisher", "differences"], ["error"], ["decision", "publisher", "differences"]] == [
        list(said) for said in parsed(output)
    ]


def test_nothing_in_nothing_out() -> None:
    """Every one of no lines was decided."""
    assert (0, "", "") == oracle()


def test_lines_come_from_a_file_too(tmp_path: Path) -> None:
    """Named, or `-` for standard input."""
    cases = tmp_path / "cases.jsonl"
    cases.write_text(ACCEPTED + "\n", encoding="utf-8")

    assert oracle(cases) == oracle("-", lines=ACCEPTED)


def test_a_file_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    """Exit 2, and the file is named."""
    status, output, talk = oracle(tmp_path / "missing.jsonl")

    assert (2, "") == (status, output)
    assert "missing.jsonl" in talk


def test_the_profile_is_chosen() -> None:
    """PyPI finds no row in other casing; ours does."""
    line = json.dumps({"provider": "github", "publishers": [github(repository_owner="Octo").row()], "claims": github_claims()})

    decisions = [
        parsed(oracle(*profile, lines=line)[1])[0]["decision"]
        for profile in ([], ["--profile", "pypi"], ["--profile", "trustpub"])
    ]

    assert ["reject", "reject", "accept"] == decisions


def test_answers_for_people() -> None:
    """`--format text`: the same decisions in words."""
    status, output, _ = oracle("--format", "text", lines=f"{ACCEPTED}\n{REFUSED}\n{FORM}\n{WRONG_FORM}\n{{\n")

    assert 2 == status
    assert [
        "accept: publisher 0",
        'reject: invalid-publisher: Publisher with matching claims was not found; environment: expected "x", got "pypi"',
        "valid",
        'invalid: {"email": ["Give the account\'s e-mail address."]}',
    ] == output.splitlines()[:4]
    assert output.splitlines()[4].startswith("error: the line is not JSON")


def test_answers_come_while_lines_are_still_to_come() -> None:
    """A caller may hold a conversation: each answer is there before the next question."""
    with subprocess.Popen([TRUSTPUB, "oracle"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        for line, decision in ((ACCEPTED, "accept"), (REFUSED, "reject")):
            running.stdin.write(line + "\n")
            running.stdin.flush()
            assert decision == json.loads(running.stdout.readline())["decision"]
        running.stdin.close()
        assert 0 == running.wait(timeout=30)
