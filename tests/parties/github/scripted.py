"""A GitHub of a few lines: each request is answered by a script, and taken down."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from trustpub.parties.github.client import Client
from trustpub.parties.github.etags import Etags
from trustpub.parties.wire import Request, Response

TOKEN = "gho_canary-7c2e"
NOW = 1_790_000_000.0
API = "https://api.github.com"
SLUG = "octo/lamp"
REPO = "/repos/octo/lamp"
REPOSITORY: dict[str, object] = {
    "id": 12,
    "name": "lamp",
    "full_name": SLUG,
    "owner": {"login": "octo", "id": 5, "type": "Organization"},
    "visibility": "public",
    "default_branch": "main",
    "archived": False,
    "fork": True,
    "created_at": "2026-08-01T00:00:00Z",
    "permissions": {"admin": True, "maintain": True, "push": True, "triage": True, "pull": True},
    "some_new_key": {"x": 1},
}
MONA = {"login": "mona", "id": 7, "type": "User"}
TEAM = {"slug": "core", "id": 9, "name": "Core", "html_url": "https://github.com/orgs/Octo/teams/core"}


def said(body: object = None, status: int = 200, **headers: str) -> Response:
    """An answer; `x_y` names the header `x-y`."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"content-type": "application/json", **names}, b"" if body is None else json.dumps(body).encode())


NOT_FOUND = said({"message": "Not Found"}, 404)
FORBIDDEN = said(
    {"message": "Resource not accessible by personal access token"}, 403, x_accepted_github_permissions="administration=read"
)

Answer = Response | Callable[[Request], Response]


@dataclass
class Scripted:
    """Answers by method and path (`GET /user`; the query may be left out), in turn where there is a list; 404 for the rest."""

    script: Mapping[str, Answer | list[Answer]]
    requests: list[Request] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    now: float = NOW

    def send(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request)
        key = f"{request.method} {request.url.removeprefix(API)}"
        found = self.script.get(key) or self.script.get(key.partition("?")[0], NOT_FOUND)
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        return found(request) if callable(found) else found

    def sleep(self, seconds: float) -> None:
        """Wait, without taking time."""
        self.slept.append(seconds)
        self.now += seconds

    def client(
        self, token: str | None = TOKEN, host: str = "github.com", api: str | None = None, etags: Etags | None = None
    ) -> Client:
        """A client that asks here."""
        say = self.lines.append
        return Client(host, self.send, token, api=api, clock=lambda: self.now, sleep=self.sleep, say=say, etags=etags)

    @property
    def asked(self) -> list[str]:
        """What was asked, in order: method and path, without the query."""
        return [f"{each.method} {each.url.removeprefix(API).partition('?')[0]}" for each in self.requests]
