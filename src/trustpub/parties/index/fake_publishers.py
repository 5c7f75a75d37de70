"""The publishers of the index in memory, and the management API that our own server has for them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from trustpub.domain.index_project import Registered
from trustpub.domain.names import normalize, project_name_problem, ultranormalize
from trustpub.domain.publishers import publisher
from trustpub.errors import BadInput
from trustpub.parties.index.fake_answers import reply

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher
    from trustpub.parties.index.fake_projects import FakeProject
    from trustpub.parties.wire import Request, Response

OWNER = "Owner"


@dataclass(frozen=True, slots=True)
class FakeToken:
    """An API token's user and what it is for; `project` is the one that it is for, if any."""

    user: str
    scope: str = "manage"
    project: str | None = None


class FakePublishers:
    """Who may publish. `tokens` are API tokens by their text; pending publishers belong to the user who registered them."""

    def __init__(self, projects: dict[str, FakeProject]) -> None:
        self._projects = projects
        self.tokens: dict[str, FakeToken] = {}
        self.rows: dict[str, Registered] = {}
        self._users: dict[str, str] = {}
        self._made = 0

    def token(self, user: str = "hana", scope: str = "manage", project: str | None = None) -> str:
        """Make an API token."""
        text = f"pypi-api_{user}{scope}{len(self.tokens)}"
        self.tokens[text] = FakeToken(user, scope, project)
        return text

    def add(self, project: str, publisher: Publisher, *, pending: bool = False, user: str = "hana") -> Registered:
        """Register a publisher as somebody did long ago."""
        self._made += 1
        row = Registered(f"p{self._made}" if pending else f"{self._made}-1", project, publisher, pending)
        self.rows[row.id] = row
        if pending:
            self._users[row.id] = user
        return row

    def reify(self, project: str) -> None:
        """Do what a first exchange does: make the project, and its pending publishers ordinary ones."""
        from trustpub.parties.index.fake_projects import FakeProject

        for row in [each for each in self.rows.values() if each.pending and normalize(each.project) == normalize(project)]:
            del self.rows[row.id]
            self._projects.setdefault(normalize(project), FakeProject(project, roles=((self._users[row.id], OWNER),)))
            self.add(project, row.publisher)

    def answer(self, request: Request, number: str | None) -> Response:
        """Answer one request below `/api/v1/publishers`."""
        needed = ("read", "manage") if request.method == "GET" else ("manage",)
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        token = self.tokens.get(text) if scheme == "Bearer" else None
        if token is None:
            return _refuse(401, "invalid-token", "the token is unknown, revoked or expired, or no API token")
        if token.scope not in needed:
            return _refuse(403, "wrong-scope", f"the token has the scope `{token.scope}`")
        if request.method == "GET" and number is None:
            return self._listed(token, parse_qs(urlsplit(request.url).query).get("project", [""])[0])
        if request.method == "POST" and number is None:
            return self._register(token, json.loads(request.body))
        if request.method == "DELETE" and number is not None:
            return self._remove(token, number)
        return _refuse(405, "method-not-allowed", "this method is not known here")

    def _listed(self, token: FakeToken, project: str) -> Response:
        wanted = normalize(project)
        denied = self._not_owner(token, project)
        if denied is not None:
            return denied
        rows = [row for row in self.rows.values() if normalize(row.project) == wanted]
        return reply(200, {"publishers": [_shown(row) for row in rows if not row.pending or self._users[row.id] == token.user]})

    def _register(self, token: FakeToken, wanted: Mapping[str, JSON]) -> Response:
        project, row, pending = str(wanted["project"]), wanted["publisher"], bool(wanted.get("pending", False))
        if not isinstance(row, dict):
            return _refuse(422, "invalid-field", "`publisher`: give an object of fields by name")
        if wanted["provider"] == "github" and not str(row.get("repository_owner_id", "")).isdigit():
            return _refuse(422, "invalid-field", "`repository_owner_id`: GitHub's number for the owner is needed")
        try:
            asked = publisher(str(wanted["provider"]), {name: str(value) for name, value in row.items()}, str(wanted["issuer"]))
        except BadInput as problem:
            return _refuse(422, "invalid-field", str(problem))
        denied = self._not_owner(token, project) or self._not_possible(token, project, pending=pending)
        there = next((each for each in self.rows.values() if self._same(each, project, asked)), None)
        if denied is None and there is not None and there.pending and self._users[there.id] != token.user:
            denied = _refuse(409, "already-pending", "this publisher is pending for it already, for another user")
        if denied is None and there is not None:
            return reply(200, _shown(there))
        if denied is None and pending and normalize(project) in self._projects:
            denied = _refuse(409, "project-exists", f"the project `{project}` exists: register without `pending`")
        return denied or reply(201, _shown(self.add(project, asked, pending=pending, user=token.user)))

    def _remove(self, token: FakeToken, number: str) -> Response:
        row = self.rows.get(number)
        if row is None or (row.pending and self._users[number] != token.user):
            return _refuse(404, "not-found", "there is no publisher of this id")
        denied = None if row.pending else self._not_owner(token, row.project)
        if denied is None:
            del self.rows[number]
        return denied or reply(200, _shown(row))

    def _same(self, row: Registered, project: str, asked: Publisher) -> bool:
        return normalize(row.project) == normalize(project) and row.publisher.identity == asked.identity

    def _not_owner(self, token: FakeToken, project: str) -> Response | None:
        """Why the token may not manage a project that exists."""
        found = self._projects.get(normalize(project))
        if found is None:
            return None
        if token.project is not None and normalize(token.project) != normalize(project):
            return _refuse(403, "wrong-project", f"the token is for another project than `{project}`")
        if (token.user, OWNER) not in found.roles:
            return _refuse(403, "not-owner", f"user `{token.user}` is no owner of the project `{found.name}`")
        return None

    def _not_possible(self, token: FakeToken, project: str, *, pending: bool) -> Response | None:
        """Why a project that does not exist gets no publisher."""
        if normalize(project) in self._projects:
            return None
        if not pending:
            return _refuse(404, "not-found", "`project`: there is no such project")
        if token.project is not None:
            return _refuse(403, "wrong-project", "the token is for one project only")
        problem = project_name_problem(project)
        if problem is not None:
            return _refuse(422, "invalid-field", f"`project`: {problem}")
        for name in self._projects:
            if ultranormalize(name) == ultranormalize(project):
                return _refuse(409, "name-taken", f"`project`: the name is too similar to the project `{name}`")
        return None


def _shown(row: Registered) -> JSON:
    fields: dict[str, JSON] = {**row.publisher.row()}
    told: dict[str, JSON] = {"id": row.id, "project": row.project, "pending": row.pending}
    return {**told, "provider": str(row.publisher.provider), "issuer": row.publisher.issuer, "publisher": fields}


def _refuse(status: int, code: str, description: str) -> Response:
    errors: list[JSON] = [{"code": code, "description": description}]
    return reply(status, {"message": "The publisher was not changed", "errors": errors})
