"""A job, an issuer and a small PyPI in memory, for the tests of a preflight."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from trustpub.cli.render import preflight as render
from trustpub.parties.git import Checkout
from trustpub.parties.index.addresses import Addresses
from trustpub.parties.index.fake import FakeIndex
from trustpub.parties.issuer.github_claims import ISSUER, Job, github_claims
from trustpub.parties.wire import Request, Response
from trustpub.usecases.outside import Outside
from trustpub.usecases.preflight import Leg, Preflight, Wishes, run

NOW = 1_795_000_000
PYPI = Wishes("pypi")
ENDPOINT = "https://token.example/idtoken?api-version=2.0"
BEARER = "canary-bearer-of-the-runner"
WORKFLOW = """
on:
  push: {tags: ["v*"]}
permissions: {}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: python -m build
  pypi:
    needs: build
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
DECLARED = """
[[publisher]]
project = "tool"
owner = "octo"
owner_id = "1001"
repository = "tool"
workflow = "release.yml"
environment = "pypi"
"""
RIGHT = Job(owner="octo", repository="tool", workflow="release.yml", environment="pypi", ref="refs/tags/v1", event_name="push")


@dataclass
class Stage:
    """A job, an issuer, and a small PyPI: everything that the process of a preflight can see."""

    folder: Path
    job: Job = RIGHT
    here: str = "pypi"
    index: FakeIndex = field(default_factory=FakeIndex)
    issued: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    exchange: Response | None = None
    skew: float = 0
    endpoint: Response | None = None

    def send(self, request: Request) -> Response:
        """Answer as the runner's token endpoint, as the exchange, or as the index."""
        place = urlsplit(request.url)
        self.asked.append(f"{request.method} {place.path}")
        if place.hostname == "token.example":
            assert f"Bearer {BEARER}" == request.headers["Authorization"]
            return self.endpoint or self.token(parse_qs(place.query)["audience"][0])
        assert BEARER not in str(dict(request.headers))
        if place.path == "/_/oidc/mint-token":
            return self.exchange or Response(200, {}, json.dumps({"token": "pypi-canary-upload-token"}).encode())
        if place.path == "/_/oidc/burn-token":
            return Response(200, {}, b"{}")
        return self.index.send(Request(request.method, request.url.replace("upload.", "", 1), request.headers))

    def token(self, audience: str) -> Response:
        """Sign nothing: a preflight has to take the token as it is."""
        claims = {**github_claims(self.job), "iss": ISSUER, "aud": audience, "iat": NOW, "exp": NOW + 300, "jti": "1"}
        parts = ({"alg": "RS256", "kid": "k"}, claims)
        head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
        self.issued.append(f"{head}.{body}.c2lnbmF0dXJl")
        return Response(200, {}, json.dumps({"value": self.issued[-1]}).encode())

    def run(self, wishes: Wishes = PYPI) -> Preflight:
        """Fly, and look whether anything secret is in what is said."""
        variables = {"GITHUB_ACTIONS": "true", "GITHUB_JOB": self.here, "GITHUB_WORKFLOW_REF": "octo/tool/.github/workflows/x"}
        variables |= {"ACTIONS_ID_TOKEN_REQUEST_URL": ENDPOINT, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": BEARER, **self.environment}
        outside = Outside(self.send, lambda: NOW + self.skew, lambda _: None, variables, lambda _: None, print, str(self.folder))
        addresses = Addresses(self.folder / "cache", lambda: "https://upload.pypi.example/legacy/")
        done = run(Checkout.open(self.folder / "checkout"), addresses, outside, wishes)
        said = "".join(
            each(done) for each in (render.render_text, render.render_json, render.render_github, render.render_summary)
        )
        for secret in (BEARER, "pypi-canary-upload-token", *self.issued):
            assert secret not in said + repr(done)
        return done

    def leg(self, wishes: Wishes = PYPI) -> Leg:
        """Fly, and return the only leg."""
        (leg,) = self.run(wishes).legs
        return leg


def staged(tmp_path: Path) -> Stage:
    """A repository that publishes rightly, and a project that exists."""
    workflows = tmp_path / "checkout" / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "release.yml").write_text(WORKFLOW)
    (tmp_path / "checkout" / "trustpub.toml").write_text(DECLARED)
    (tmp_path / "checkout" / "pyproject.toml").write_text('[project]\nname = "tool"\nversion = "1"\n')
    git = tmp_path / "checkout" / ".git"
    git.mkdir()
    (git / "config").write_text('[remote "origin"]\n\turl = https://github.com/octo/tool\n')
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    made = Stage(tmp_path)
    made.index.project("tool", ("tool-1-py3-none-any.whl", "1"))
    return made


def differing(leg: Leg) -> list[str]:
    """The fields that differ."""
    return [row.field for row in leg.rows if row.same is False]
