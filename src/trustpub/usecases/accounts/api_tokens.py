"""API tokens, as their owner manages them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustpub.domain.tokens import API_PREFIX, RANDOM_BYTES, digest, mint
from trustpub.storage.accounts import ApiTokenRow, add_api_token, api_tokens_of, revoke_api_token
from trustpub.storage.events import Event, record
from trustpub.storage.projects import find_project, roles_of
from trustpub.usecases.accounts.caller import signed_in, standing
from trustpub.usecases.accounts.fields import label_problem, plain
from trustpub.usecases.not_done import NotDone, Problem, not_done

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON
    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection
    from trustpub.storage.projects import Project
    from trustpub.usecases.accounts.caller import Caller
    from trustpub.usecases.accounts.parts import Parts

SCOPES = ("upload", "manage", "read")
MOST_DAYS = 3650
MOST_TOKENS = 200


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made: its text is shown once."""

    text: str = field(repr=False)
    row: ApiTokenRow


class ApiTokens:
    """The API tokens of one person."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def listed(self, caller: Caller) -> tuple[ApiTokenRow, ...]:
        """The tokens of the caller that are not revoked; none while a second factor is owed."""
        if caller.level != "full":
            return ()
        with self._parts.database.read() as connection:
            return api_tokens_of(connection, caller.user.id)

    def create(self, caller: Caller, form: Mapping[str, str]) -> NewToken | NotDone:
        """Make one: `description`, `scope` (upload, manage, read), `project` (empty: all), `days` (empty: no end)."""
        parts, now = self._parts, self._parts.clock()
        typed = {name: form.get(name, "").strip() for name in ("description", "scope", "project", "days")}
        problems = _problems(typed)
        if problems:
            return NotDone(422, problems)
        text = mint(API_PREFIX, parts.random(RANDOM_BYTES))
        expires = int(now) + int(typed["days"]) * 86_400 if typed["days"] else None

        def work(connection: Connection) -> NewToken | NotDone:
            fresh = standing(connection, caller, now)
            if isinstance(fresh, NotDone):
                return fresh
            only = _project(connection, fresh.user, typed["project"], typed["scope"]) if typed["project"] else None
            if isinstance(only, NotDone):
                return only
            mine = api_tokens_of(connection, fresh.user.id)
            if len(mine) >= MOST_TOKENS or typed["description"] in {row.description for row in mine}:
                why = "You have a token of this description already, or too many. Choose another one, or revoke what is not used."
                return not_done(409, "description-taken", why, "description")
            only_id, only_name = (None, None) if only is None else (only.id, only.name)
            token_id = add_api_token(
                connection,
                digest(text),
                fresh.user.id,
                typed["scope"],
                now,
                project_id=only_id,
                expires=expires,
                description=typed["description"],
            )
            row = ApiTokenRow(token_id, typed["description"], typed["scope"], only_name, now, expires, None)
            parts.tell_change(connection, "api-token", fresh.user, now, row.description)
            _record(connection, "api-token:created", fresh.user, row, only_id, now)
            return NewToken(text, row)

        return parts.write(work)

    def revoke(self, caller: Caller, token_id: int) -> NotDone | None:
        """Make one worthless. Needs no proof: who finds a token in the wrong hands has to be quick."""
        now = self._parts.clock()

        def work(connection: Connection) -> NotDone | None:
            fresh = signed_in(connection, caller, now)
            if isinstance(fresh, NotDone):
                return fresh
            row = revoke_api_token(connection, fresh.user.id, token_id, now)
            if row is None:
                return not_done(404, "not-found", "You have no such token. It may be revoked already.")
            only = find_project(connection, row.project) if row.project else None
            self._parts.tell_change(connection, "api-token-revoked", fresh.user, now, row.description)
            _record(connection, "api-token:revoked", fresh.user, row, None if only is None else only.id, now)
            return None

        return self._parts.write(work)


def _problems(typed: Mapping[str, str]) -> tuple[Problem, ...]:
    found = [label_problem(typed["description"], "invalid-description", "description")]
    if typed["scope"] not in SCOPES:
        found.append(Problem("invalid-scope", f"Choose what the token is for: {', '.join(SCOPES)}.", "scope"))
    days = typed["days"]
    if days and not (days.isascii() and days.isdigit() and len(days) <= 4 and 1 <= int(days) <= MOST_DAYS):
        found.append(Problem("invalid-days", f"A token lasts 1 to {MOST_DAYS} days, or without end. Give a number.", "days"))
    if len(typed["project"]) > 200 or not plain(typed["project"]):
        found.append(Problem("unknown-project", "You have no such project. Choose one of yours.", "project"))
    return tuple(each for each in found if each is not None)


def _project(connection: Connection, user: User, name: str, scope: str) -> Project | NotDone:
    """A project that the user may make such a token for: maintainers upload and read, owners manage."""
    found = find_project(connection, name)
    mine = None if found is None else next((role for role in roles_of(connection, found.id) if role.user == user.name), None)
    if found is None or mine is None:
        return not_done(404, "unknown-project", "You have no such project. Choose one of yours.", "project")
    if scope == "manage" and mine.role != "owner":
        return not_done(403, "not-allowed", "Only owners of a project manage its publishers. Ask one of them.", "project")
    return found


def _record(connection: Connection, kind: str, user: User, row: ApiTokenRow, project_id: int | None, now: float) -> None:
    detail: dict[str, JSON] = {
        "user": user.name,
        "token": row.id,
        "description": row.description,
        "scope": row.scope,
        "project": row.project,
        "expires": row.expires,
    }
    record(connection, Event(kind, user.name, now, detail, project_id, user.id))
