"""A person at a terminal sets a fresh repository up, against a GitHub over HTTP and an index of their own, and again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pexpect
import pytest

from tests.cli.test_serve import serving
from tests.parties.github.server import serve
from trustpub.parties.github.fake import FakeGitHub
from trustpub.usecases.three_sides import token_variable

TRUSTPUB = Path(sys.executable).parent / "trustpub"
TOKEN = "ghp_canaryAtTheTerminal"
PROJECT = (
    '[project]\nname = "lamp"\nversion = "1.0"\n[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
)
LIMIT = 60


@dataclass
class Desk:
    """The checkout, the GitHub behind it, and what the terminal's programs find in their environment."""

    root: Path
    fake: FakeGitHub
    environment: dict[str, str]
    secret: str

    def spawn(self, *args: str) -> pexpect.spawn[str]:
        """Start trustpub at a terminal of its own."""
        return pexpect.spawn(
            str(TRUSTPUB),
            list(args),
            cwd=str(self.root),
            env=self.environment,
            encoding="utf-8",
            timeout=LIMIT,
            dimensions=(50, 160),
        )

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run trustpub without a terminal."""
        return subprocess.run(
            [str(TRUSTPUB), *args],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )


def admin(data: Path, *args: str) -> str:
    """Manage the index on its server."""
    command = [str(TRUSTPUB), "admin", "--data", str(data), *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=True).stdout.strip()


def repository(root: Path, index: str) -> None:
    """A fresh git repository with a package, and an index of one's own in `trustpub.toml`."""
    root.mkdir()
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True, timeout=LIMIT)
    remote = ["git", "-C", str(root), "remote", "add", "origin", "git@github.com:octo/lamp.git"]
    subprocess.run(remote, check=True, timeout=LIMIT)
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "lamp").mkdir()
    (root / "lamp" / "__init__.py").write_text('"""Light."""\n')
    (root / "trustpub.toml").write_text(f'[indexes.own]\nurl = "{index}/legacy/"\n')


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Everything, running."""
    fake = FakeGitHub(time.time)
    fake.add_user("Octo", plan="pro")
    fake.add_user("maria")
    fake.add_repository("Octo", "Lamp", collaborators={"maria": "maintain"})
    fake.add_token(TOKEN, "Octo")
    data, root = tmp_path / "index", tmp_path / "lamp"
    with serve(fake) as github, serving("--data", str(data), "--port", "0") as (_, index):
        admin(data, "user", "add", "hana", "--email", "hana@example.com")
        secret = admin(data, "token", "create", "hana", "--scope", "manage").split()[-1]
        repository(root, index)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "XDG_CACHE_HOME": str(tmp_path / "cache"),
            "TERM": "dumb",
            "GH_TOKEN": TOKEN,
            "GITHUB_API_URL": github.api,
            token_variable(index): secret,
        }
        yield Desk(root, fake, environment, secret)


def test_from_nothing_to_nothing_to_do(desk: Desk) -> None:
    """One sitting: the plan, one question, what only a person knows, everything read back; judged, rehearsed, and again."""
    terminal = desk.spawn("setup", "--index", "own")
    terminal.expect("Octo/Lamp: [0-9]+ to do")
    plan = terminal.before or ""
    terminal.expect(r"Apply these [0-9]+ steps\? \[y/N\]")
    assert [] == desk.fake.writes
    terminal.sendline("y")
    terminal.expect(r"have a verified e-mail address and two factors\? \[y/N\]")
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
    assert "stated    account on own\r\n" in applied
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
