"""A job's own ID token: here, not here, or broken."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from trustpub.domain.publishers import Provider
from trustpub.errors import Unreachable
from trustpub.parties.ci import BrokenHere, Here, NotHere, ambient_token, gitlab_variable
from trustpub.parties.issuer.emulated_github import EmulatedGitHub
from trustpub.parties.issuer.github_claims import Job, github_claims
from trustpub.parties.issuer.http import fetch
from trustpub.parties.issuer.jws import parse

GITHUB = {
    "GITHUB_ACTIONS": "true",
    "ACTIONS_ID_TOKEN_REQUEST_URL": "https://example.com/idtoken?api-version=2.0",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "secret",
}


class Endpoint:
    """Answers every request with one body, and remembers what was asked."""

    def __init__(self, body: bytes | Exception) -> None:
        self.body = body
        self.asked: list[tuple[str, dict[str, str]]] = []

    def __call__(self, url: str, headers: Mapping[str, str]) -> bytes:
        self.asked.append((url, dict(headers)))
        if isinstance(self.body, Exception):
            raise self.body
        return self.body


@pytest.mark.parametrize("environment", [{}, {"CI": "true"}, {"GITHUB_ACTIONS": ""}, {"PYPI_ID_TOKEN": "x"}])
def test_outside_ci_there_is_nothing(environment: dict[str, str]) -> None:
    """Not an error, and nobody is asked."""
    endpoint = Endpoint(b"")
    assert NotHere() == ambient_token(environment, "pypi", endpoint)
    assert [] == endpoint.asked


def test_github_gives_a_token_for_the_audience() -> None:
    """One request, the audience appended and escaped, the bearer in the header only."""
    endpoint = Endpoint(b'{"count": 3, "value": "a.b.c"}')
    answer = ambient_token(GITHUB, "my index/&", endpoint)
    assert Here(Provider.GITHUB, "a.b.c") == answer
    assert "a.b.c" not in repr(answer)
    url = "https://example.com/idtoken?api-version=2.0&audience=my%20index%2F%26"
    assert [(url, {"Authorization": "Bearer secret"})] == endpoint.asked


@pytest.mark.parametrize("name", ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_github_job_without_the_permission_is_broken(name: str, value: str | None) -> None:
    """The missing variable is named, and what to do about it."""
    environment = {key: text for key, text in GITHUB.items() if key != name} | ({name: value} if value is not None else {})
    answer = ambient_token(environment, "pypi", Endpoint(b""))
    assert isinstance(answer, BrokenHere)
    assert name in answer.why
    assert "id-token: write" in answer.next_step


BODIES = [
    b"",
    b"<html>",
    b"[]",
    b"{}",
    b'{"value": ""}',
    b'{"value": 1}',
    b"\xff",
    b"[" * 5000,
    Unreachable("x", why="it is down"),
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body)[:20])
def test_an_endpoint_that_fails_is_broken(body: bytes | Exception) -> None:
    """No exception, and no secret in the answer."""
    answer = ambient_token(GITHUB, "pypi", Endpoint(body))
    assert isinstance(answer, BrokenHere)
    assert "secret" not in repr(answer)


def test_gitlab_has_it_in_a_variable() -> None:
    """No request is made."""
    endpoint = Endpoint(b"")
    assert Here(Provider.GITLAB, "a.b.c") == ambient_token({"GITLAB_CI": "true", "PYPI_ID_TOKEN": "a.b.c"}, "pypi", endpoint)
    answer = ambient_token({"GITLAB_CI": "true", "PYPI_ID_TOKEN": "a.b.c"}, "testpypi", endpoint)
    assert isinstance(answer, BrokenHere)
    assert "TESTPYPI_ID_TOKEN" in answer.next_step
    assert [] == endpoint.asked


AUDIENCES = [
    ("pypi", "PYPI_ID_TOKEN"),
    ("testpypi", "TESTPYPI_ID_TOKEN"),
    ("my-index.local", "MY_INDEX_LOCAL_ID_TOKEN"),
    ("9lives", "_LIVES_ID_TOKEN"),
    ("\u00e9t\u00e9", "_T__ID_TOKEN"),
]


@pytest.mark.parametrize(("audience", "name"), AUDIENCES)
def test_gitlabs_variable_is_the_clients(audience: str, name: str, tmp_path: Path) -> None:
    """The name that the id library looks for, too."""
    assert name == gitlab_variable(audience)
    claims = github_claims(Job(owner="o", repository="r"))
    with EmulatedGitHub() as issuer:
        token = issuer.sign(claims, audience=audience)
    run = subprocess.run(
        [sys.executable, "-m", "id", audience],
        env={"GITLAB_CI": "true", name: token, "HOME": str(tmp_path), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert token == run.stdout.strip()


def test_the_real_fetch_gets_one_from_the_emulation() -> None:
    """All of it together, over loopback."""
    with EmulatedGitHub() as github:
        github.set_job(github_claims(Job(owner="octo", repository="sample")))
        answer = ambient_token(github.environment(), "pypi", lambda url, headers: fetch(url, headers=headers))
    assert isinstance(answer, Here)
    assert "pypi" == parse(answer.token).payload["aud"]


def test_looking_for_a_token_loads_no_client() -> None:
    """The module is cheap: neither the HTTP client nor cryptography."""
    code = "import sys, trustpub.parties.ci; sys.exit(any(m in sys.modules for m in ('httpx2', 'httpcore2', 'cryptography')))"
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
