"""Scenes that several tests of the GitHub side begin with, and a way to ask without a client."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias, cast

from trustpub.parties.github.fake import FakeGitHub
from trustpub.parties.wire import Request, Response, Send

JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"

API = "https://api.github.com"
ANN = "ghp_of_ann"
LAMP = "/repos/acme/lamp"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = 1_790_000_000.0

    def __call__(self) -> float:
        return self.time


def rich(clock: Clock | None = None, ghes: str = "") -> FakeGitHub:
    """An organisation on Team with one public repository that has something of everything. Ann owns it, Bob is in its team."""
    fake = FakeGitHub(clock or Clock(), ghes)
    fake.add_organization("acme", plan="team", owners=["ann"], members=["bob"])
    fake.add_team("acme", "release", ["bob"])
    fake.add_user("eve")
    fake.add_token(ANN, "ann", scopes=["repo", "admin:org"])
    fake.add_repository("acme", "lamp", teams={"release": "write"}, collaborators={"carl": "triage"})
    fake.add_user("carl")
    gate = fake.add_environment("acme/lamp", "pypi", wait_timer=5, branches=["main"], tags=["v*"], apps=["gate"])
    gate.reviewers = [("User", fake.owners["ann"].id), ("Team", fake.teams["acme", "release"].id)]
    fake.add_environment("acme/lamp", "docs", branch_policy="protected", can_admins_bypass=False)
    fake.add_ruleset("acme/lamp", "tags", include=["refs/tags/v*"], bypass=[{"actor_id": 5, "actor_type": "RepositoryRole"}])
    fake.add_ruleset("acme", "everywhere", target="branch", include=["~DEFAULT_BRANCH"], rules=["deletion", REVIEW])
    fake.add_secret("acme/lamp", "PYPI_API_TOKEN")
    fake.add_secret("acme/lamp", "PASSWORD", environment="pypi")
    fake.add_secret("acme", "SHARED")
    fake.add_secret("acme", "ELSEWHERE", repositories=["acme/other"])
    fake.add_dependabot_secret("acme/lamp", "TWINE_PASSWORD")
    fake.environment("acme/lamp", "pypi").variables["COLOUR"] = "red"
    fake.add_branch("acme/lamp", "stable", protected=True)
    fake.add_release("acme/lamp", "v1.0")
    fake.add_tag("acme/lamp", "v1.1", annotated=True)
    fake.add_workflow("acme/lamp", inputs=["index"])
    return fake


REVIEW: Mapping[str, JSON] = {
    "type": "pull_request",
    "parameters": {
        "dismiss_stale_reviews_on_push": False,
        "require_code_owner_review": True,
        "require_last_push_approval": False,
        "required_approving_review_count": 1,
        "required_review_thread_resolution": False,
    },
}


def ask(
    send: Send,
    method: str,
    path: str,
    body: JSON = None,
    *,
    token: str | None = ANN,
    api: str = API,
    raw: bytes = b"",
    **headers: str,
) -> Response:
    """Ask with a value as the body (or with `raw` as it is), signed in with a token or not."""
    signed = {} if token is None else {"Authorization": f"Bearer {token}"}
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    content = raw or (b"" if body is None else json.dumps(body).encode())
    return send(Request(method, api + path, {"User-Agent": "tests", **signed, **more}, content))


def told(response: Response) -> Mapping[str, JSON]:
    """The object in a response."""
    return cast("Mapping[str, JSON]", json.loads(response.body))


def listed(response: Response, key: str = "") -> Sequence[Mapping[str, JSON]]:
    """The list in a response, under a key or bare."""
    body = json.loads(response.body)
    return cast("Sequence[Mapping[str, JSON]]", body[key] if key else body)
