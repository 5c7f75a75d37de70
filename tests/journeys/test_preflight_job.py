"""A job before it builds anything: the real command, an emulated GitHub, and a real index with its publishers."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bench.rows.exchanges import CONFIG, ISSUER
from tests.cli.test_serve import serving
from tests.journeys.desk import LIMIT, TRUSTPUB, admin
from trustpub.parties.issuer.emulated_github import EmulatedGitHub
from trustpub.parties.issuer.github_claims import Job, github_claims
from trustpub.usecases.three_sides import token_variable

WORKFLOW = """
on: {push: {tags: ["v*"]}}
permissions: {}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: release
    permissions: {id-token: write}
    steps:
      - run: twine upload --repository-url INDEX/legacy/ dist/*
"""
JOB = Job(
    owner="octo",
    repository="lamp",
    owner_id="77",
    workflow="release.yml",
    environment="release",
    ref="refs/tags/v1",
    event_name="push",
)


@dataclass
class Runner:
    """A runner with a job on it."""

    github: EmulatedGitHub
    root: Path
    environment: dict[str, str]
    data: Path
    index: str
    secret: str

    def fly(self, *options: str) -> tuple[int, dict[str, str], str]:
        """Run the preflight; its status, its only leg, and everything it said."""
        command = [str(TRUSTPUB), "preflight", "--format", "json", *options]
        done = subprocess.run(
            command, cwd=self.root, env=self.environment, capture_output=True, text=True, timeout=LIMIT, check=False
        )
        said = done.stdout + done.stderr
        assert self.secret not in said
        assert self.github.request_token not in said
        (leg,) = json.loads(done.stdout)["legs"]
        return done.returncode, leg, said

    def projects(self) -> str:
        """The projects that the index has."""
        return admin(self.data, "project", "list")


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    """An index with a pending publisher for `lamp`, and a job that asks for it."""
    with EmulatedGitHub() as github:
        (tmp_path / "jwks.json").write_text(json.dumps({"keys": [github.key.jwk()]}))
        (tmp_path / "serve.toml").write_text(CONFIG.format(issuer=ISSUER, jwks=tmp_path / "jwks.json").replace('"pypi"', '"own"'))
        data, root = tmp_path / "index", tmp_path / "lamp"
        with serving("--data", str(data), "--port", "0", "--config", str(tmp_path / "serve.toml")) as (_, index):
            admin(data, "user", "add", "hana", "--email", "hana@example.com")
            publisher = (
                "--owner octo --owner-id 77 --repository lamp --workflow release.yml --environment release --pending --user hana"
            )
            admin(data, "publisher", "add", "lamp", "--provider", "github", *publisher.split())
            secret = admin(data, "token", "create", "hana", "--scope", "read").split()[-1]
            (root / ".github" / "workflows").mkdir(parents=True)
            (root / ".github" / "workflows" / "release.yml").write_text(WORKFLOW.replace("INDEX", index))
            (root / "pyproject.toml").write_text('[project]\nname = "lamp"\nversion = "1"\n')
            (root / "trustpub.toml").write_text(f'[indexes.own]\nurl = "{index}/legacy/"\n')
            github.set_job(github_claims(JOB))
            environment = {
                "PATH": os.environ["PATH"],
                "HOME": str(tmp_path),
                token_variable(index): secret,
                **github.environment(),
            }
            environment |= {
                "GITHUB_JOB": "publish",
                "GITHUB_WORKFLOW_REF": "octo/lamp/.github/workflows/release.yml@refs/tags/v1",
            }
            yield Runner(github, root, environment, data, index, secret)


def test_a_first_release(runner: Runner) -> None:
    """The index's own record accepts; nothing is created until it is asked for, and then the token is given back."""
    status, leg, _ = runner.fly()
    careful, unmade, said = runner.fly("--exchange")

    assert (0, "accepted", "proven") == (status, leg["verdict"], leg["evidence"])
    assert (0, "accepted") == (careful, unmade["verdict"])
    assert "could create" in said
    assert "lamp" not in runner.projects()

    made, proven, said = runner.fly("--exchange", "--create")

    assert (0, "accepted", "proven") == (made, proven["verdict"], proven["evidence"])
    assert "given back" in said
    assert "lamp" in runner.projects()


@pytest.mark.usefixtures("only_long")
def test_the_environment_differs(runner: Runner) -> None:
    """The field is named before anything is built; what the preflight refuses, the exchange refuses too."""
    runner.github.set_job(github_claims(replace(JOB, environment="production")))
    status, leg, said = runner.fly()

    assert (1, "refused", "invalid-publisher") == (status, leg["verdict"], leg["code"])
    assert "`environment` differs" in said

    status, leg, _ = runner.fly("--exchange", "--create")

    assert (1, "refused", "proven", "invalid-publisher") == (status, leg["verdict"], leg["evidence"], leg["code"])
    assert "lamp" not in runner.projects()
