"""A person at a terminal sets a fresh repository up, against a GitHub over HTTP and an index of their own, and again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from tests.journeys.desk import TOKEN, Desk, at_work


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Everything, running."""
    with at_work(tmp_path) as desk:
        yield desk


@pytest.mark.usefixtures("only_long")
def test_from_nothing_to_nothing_to_do(desk: Desk) -> None:
    """One sitting: the plan, one question, what only a person knows, everything read back; judged, rehearsed, and again."""
    terminal = desk.spawn("setup", "--index", "own")
    terminal.expect("Octo/Lamp: [0-9]+ to do")
    plan = terminal.before or ""
    terminal.expect(r"Apply these [0-9]+ steps\? \[y/N\]")
    assert [] == desk.fake.writes
    terminal.sendline("y")
    terminal.expect("Checklist")
    applied = terminal.before or ""
    while terminal.expect([r"\[y/N\]", pexpect.EOF]) == 0:
        terminal.sendline("n")
    terminal.close()
    checklist = terminal.before or ""

    assert 0 == terminal.exitstatus, applied
    assert "+ file .github/workflows/" in plan
    assert "+ environment own" in plan
    for step in ("file trustpub.toml", "environment own", "tag rules", "publisher lamp on own"):
        assert f"proven    {step}\r\n" in applied
    assert "two factors?" not in applied
    assert re.search(r"account on own +proven", checklist)
    for secret in (TOKEN, desk.secret):
        assert secret not in plan + applied + checklist
    judged(desk)
    rehearsed(desk)
    again(desk)


def judged(desk: Desk) -> None:
    """What was set up is what `check` asks for: no row of acceptance is missing or unknown, and nothing grave is found."""
    done = desk.run("check", "--fail-on", "medium", "--format", "json")
    report = json.loads(done.stdout)

    assert (0, []) == (done.returncode, [row for row in report["acceptance"] if row["state"] not in ("proven", "stated")])


def rehearsed(desk: Desk) -> None:
    """The workflow that was written releases, with the real clients, on this machine."""
    done = desk.run("rehearse", "--no-isolation", "--format", "json")

    assert (0, True) == (done.returncode, json.loads(done.stdout)["ok"]), done.stderr


def again(desk: Desk) -> None:
    """Nothing differs, nothing is asked to be applied, nothing is written."""
    writes = len(desk.fake.writes)
    checked = desk.run("setup", "--index", "own", "--check", "--format", "json")
    assert (0, "") == (checked.returncode, checked.stderr)
    assert True is json.loads(checked.stdout)["in_order"]
    terminal = desk.spawn("setup", "--index", "own")
    assert 1 == terminal.expect([r"Apply", "nothing to do"])
    while terminal.expect([r"\[y/N\]", pexpect.EOF]) == 0:
        terminal.sendline("n")
    terminal.close()
    assert 0 == terminal.exitstatus
    assert writes == len(desk.fake.writes)


def test_no_is_the_answer_of_enter_alone(desk: Desk) -> None:
    """Nothing is changed unless somebody says yes."""
    terminal = desk.spawn("setup", "--index", "own")
    terminal.expect(r"Apply these [0-9]+ steps\? \[y/N\]")
    terminal.sendline("")
    terminal.expect("Nothing was changed")
    terminal.expect(pexpect.EOF)
    terminal.close()

    assert 1 == terminal.exitstatus
    assert [] == desk.fake.writes
    assert not (desk.root / ".github").exists()
