"""Upload and install with every client, on one machine and on many: the token comes from a real exchange."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.rows.exchanges import claims
from tests.journeys.clients import installing
from tests.journeys.clients.publishing import CLIENTS, FETCHED, Job, run
from tests.journeys.clients.tokens import endpoint
from tests.journeys.durability.proxy import Proxy
from tests.journeys.durability.world import World
from trustpub.main.ca import make_authority

BUILT = {"uv", "twine"}
"""Clients of the project's own environment; the others are fetched."""


@pytest.fixture(scope="module", params=[False, True], ids=["one machine", "many"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One index of each size for all clients."""
    if not request.config.getoption("--long"):
        pytest.skip("in the long run")
    with World(tmp_path_factory.mktemp("world"), many=bool(request.param)) as made:
        yield made


def needs(client: str) -> None:
    """Say what is missing, instead of passing a client over."""
    if client not in BUILT and client != "pip" and not (FETCHED / client).exists():
        pytest.skip(f"{client} is not here: ./x fetch brings it")


def upload_token(world: World, number: int, project: str) -> str:
    """What one publishing job of this project gets: a pending publisher, an ID token, an exchange."""
    world.admin(
        "publisher", "add", project, "--provider", "github", "--owner", "acme", "--owner-id", "4242",
        "--repository", f"package-{number}", "--workflow", "pypi.yml", "--environment", "pypi", "--pending", "--user", "hana",
    )  # fmt: skip
    header = {"typ": "JWT", "alg": "RS256", "kid": world.keys.kid}
    token = world.keys.sign(header, claims(number, int(time.time())))
    asked = urllib.request.Request(
        f"{world.front.url}/_/oidc/mint-token", json.dumps({"token": token}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return str(json.load(answer)["token"])


def project_at(folder: Path, project: str) -> None:
    """A package that every client understands, and its two distributions as flit builds them.

    No classifiers: flit asks the world which there are.
    """
    module = project.replace("-", "_")
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["flit_core>=3.2"]\nbuild-backend = "flit_core.buildapi"\n'
        f'[project]\nname = "{project}"\nversion = "1.0"\ndescription = "A journey"\nreadme = "README.md"\n'
        'requires-python = ">=3.9"\nlicense = "MIT"\nlicense-files = ["LICENSE"]\n'
        'authors = [{name = "Hana", email = "hana@acme.example"}]\n'
        '[project.urls]\nHomepage = "https://acme.example/"\n'
    )
    (folder / "README.md").write_text("# A journey\n\nThere and *back*.\n")
    (folder / "LICENSE").write_text("MIT\n")
    (folder / f"{module}.py").write_text('"""A journey."""\n\nWHERE = "here"\n')
    done = subprocess.run([FETCHED / "flit", "build"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_uploads_what_others_install(world: World, tmp_path: Path, client: str) -> None:
    """Both distributions arrive, the token never shows, and every installer gets exactly the bytes that were sent."""
    needs(client)
    needs("flit")
    project, number = f"journey-{client}", 100 + list(CLIENTS).index(client)
    project_at(tmp_path / "project", project)
    job = Job(tmp_path / "project", f"{world.front.url}/legacy/", upload_token(world, number, project))

    done = run(CLIENTS[client](job), job.folder, tmp_path / "home")

    assert done.returncode == 0, done.stdout + done.stderr
    assert job.token not in done.stdout + done.stderr
    with urllib.request.urlopen(f"{world.front.url}/pypi/{project}/json", timeout=30) as answer:
        found = json.load(answer)
    assert ["bdist_wheel", "sdist"] == sorted(file["packagetype"] for file in found["urls"])
    assert "A journey" == found["info"]["summary"]
    assert "There and *back*." in found["info"]["description"]


@pytest.mark.parametrize("client", installing.CLIENTS)
def test_a_client_installs(world: World, tmp_path: Path, client: str) -> None:
    """From the simple pages, with hashes, from this index alone."""
    needs(client)
    needs("flit")
    project, number = f"installed-by-{client}", 200 + list(installing.CLIENTS).index(client)
    project_at(tmp_path / "project", project)
    job = Job(tmp_path / "project", f"{world.front.url}/legacy/", upload_token(world, number, project))
    sent = run(CLIENTS["twine"](job), job.folder, tmp_path / "home")
    assert sent.returncode == 0, sent.stdout + sent.stderr
    folder = tmp_path / "app"
    folder.mkdir()

    calls, place = installing.CLIENTS[client](folder, f"{world.front.url}/simple/", project)
    for call in calls:
        done = run(call, folder, tmp_path / "home")
        assert done.returncode == 0, done.stdout + done.stderr

    (module,) = place.rglob(f"{project.replace('-', '_')}.py")
    assert 'WHERE = "here"' in module.read_text()


def test_the_exchange_script_of_the_publish_action_gets_a_token(world: World, tmp_path: Path) -> None:
    """The script as it is published, with the environment that GitHub gives it and an emulated endpoint for ID tokens."""
    script = os.environ.get("TRUSTPUB_ACTION_SCRIPT")
    if not script:
        pytest.skip("the publish action is on no package index: name its `oidc-exchange.py` in TRUSTPUB_ACTION_SCRIPT")
    world.admin(
        "publisher", "add", "by-action", "--provider", "github", "--owner", "acme", "--owner-id", "4242",
        "--repository", "package-300", "--workflow", "pypi.yml", "--environment", "pypi", "--pending", "--user", "hana",
    )  # fmt: skip
    authority = make_authority(tmp_path, ["127.0.0.1"], datetime.now(UTC))
    front = Proxy([process.port for process in world.processes], authority.server_context())
    try:
        with endpoint(world.keys, 300) as variables:
            variables |= {"PATH": os.environ["PATH"], "REQUESTS_CA_BUNDLE": str(authority.ca_file)}
            variables["INPUT_REPOSITORY-URL"] = f"https://127.0.0.1:{front.port}/legacy/"
            environment = {**variables, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
            python = os.environ.get("TRUSTPUB_ACTION_PYTHON", sys.executable)
            done = subprocess.run([python, script], env=environment, capture_output=True, text=True, check=False, timeout=60)
    finally:
        front.close()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("pypi-tp_")
