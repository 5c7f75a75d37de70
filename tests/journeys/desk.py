"""A checkout, a GitHub over HTTP and an index of one's own, for tests that run `trustpub setup` as a program."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pexpect

from tests.cli.inside import inside
from tests.cli.test_serve import serving
from tests.parties.github.server import Server, serve
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
    github: Server
    index: str

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
            preexec_fn=_hear_ctrl_c,
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
    """Manage the index on its server, beside the process that serves it."""
    done = inside("admin", "--data", str(data), *args, home=data.parent)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def repository(root: Path, index: str) -> None:
    """A fresh git repository with a package, and an index of one's own in `trustpub.toml`."""
    root.mkdir(parents=True)
    subprocess.run(["git", "init", "-q", "-b", "main", str(root)], check=True, timeout=LIMIT)
    remote = ["git", "-C", str(root), "remote", "add", "origin", "git@github.com:octo/lamp.git"]
    subprocess.run(remote, check=True, timeout=LIMIT)
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "lamp").mkdir()
    (root / "lamp" / "__init__.py").write_text('"""Light."""\n')
    (root / "trustpub.toml").write_text(f'[indexes.own]\nurl = "{index}/legacy/"\n')


@contextmanager
def at_work(folder: Path) -> Iterator[Desk]:
    """Everything, running."""
    fake = FakeGitHub(time.time)
    fake.add_user("Octo", plan="pro")
    fake.add_user("maria")
    fake.add_repository("Octo", "Lamp", collaborators={"maria": "maintain"})
    fake.add_token(TOKEN, "Octo")
    data, root = folder / "index", folder / "lamp"
    with serve(fake) as github, serving("--data", str(data), "--port", "0") as (_, index):
        admin(data, "user", "add", "hana", "--email", "hana@example.com")
        secret = admin(data, "token", "create", "hana", "--scope", "manage").split()[-1]
        repository(root, index)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "TERM": "dumb",
            "GH_TOKEN": TOKEN,
            "GITHUB_API_URL": github.api,
            token_variable(index): secret,
        }
        yield Desk(root, fake, environment, secret, github, index)


def _hear_ctrl_c() -> None:
    """A run in the background ignores Ctrl-C, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
