"""Who acts on projects and publishers, and what they may do: looked up inside the transaction that depends on it.

A signed-in person may change what is theirs when they have proven who they are (`needs`); an API token of the scope `manage` acts
for its user, one of the scope `read` only looks. Whoever runs the index (an administrator) may do what owners may.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from trustpub.storage import accounts, projects
from trustpub.storage.people import is_signed_in
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.upload_credential import Admission

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection
    from trustpub.storage.projects import Project
    from trustpub.usecases.accounts.caller import Caller

Actor: TypeAlias = "Caller | Admission"
"""A signed-in person, or an API token that nobody has looked up yet."""

READING = ("read", "manage")
CHANGING = ("manage",)

NO_TOKEN = "give an API token of the scope `manage`, or `read` to list: `Authorization: Bearer pypi-api_...`"  # noqa: S105 - no token
UNKNOWN_TOKEN = "the token is unknown, revoked or expired, or no API token"  # noqa: S105 - a refusal
SIGN_IN = not_done(401, "sign-in-first", "You are not signed in any more. Sign in again.")


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts, as the database knows them now. `only` is the id of the one project that a token is for; `email` is verified."""

    user_id: int
    name: str
    admin: bool
    email: str
    only: int | None = None
    language: str = ""


def reading(connection: Connection, actor: Actor, now: float) -> Principal | NotDone:
    """Who wants to look."""
    if isinstance(actor, Admission):
        return _bearer(connection, actor, READING, now)
    return _person(connection, actor, now)


def changing(connection: Connection, actor: Actor, now: float) -> Principal | NotDone:
    """Who wants to change something: a person must have proven who they are."""
    if isinstance(actor, Admission):
        return _bearer(connection, actor, CHANGING, now)
    from trustpub.usecases.accounts.caller import needs

    return needs(actor, now) or _person(connection, actor, now)


def signed_in(connection: Connection, caller: Caller, now: float) -> Principal | NotDone:
    """Who answers an invitation: a person with a session, as they are now."""
    return _person(connection, caller, now)


def as_member(connection: Connection, who: Principal, name: str) -> Project | NotDone:
    """A project that they may look into: one they have a role in."""
    project = _reached(connection, who, name)
    if isinstance(project, NotDone) or who.admin or projects.role_of(connection, project.id, who.user_id) is not None:
        return project
    return not_done(403, "not-member", f"user `{who.name}` has no role in the project `{project.name}`", "project")


def as_owner(connection: Connection, who: Principal, name: str) -> Project | NotDone:
    """A project that they own, or may act in as its owners may."""
    project = _reached(connection, who, name)
    if isinstance(project, NotDone) or who.admin or projects.role_of(connection, project.id, who.user_id) == "owner":
        return project
    return not_done(403, "not-owner", f"user `{who.name}` is no owner of the project `{project.name}`", "project")


def to_change(connection: Connection, who: Principal, name: str) -> Project | NotDone:
    """A project that they own and that may be changed: while it is in quarantine only administrators change it."""
    project = as_owner(connection, who, name)
    if isinstance(project, NotDone) or who.admin or project.state != "quarantined":
        return project
    why = f"the project `{project.name}` is in quarantine. Ask whoever runs this index"
    return not_done(409, "quarantined", why, "project")


def administrator(connection: Connection, actor: Actor, now: float) -> Principal | NotDone:
    """Whoever runs the index."""
    who = changing(connection, actor, now)
    if isinstance(who, NotDone) or (who.admin and who.only is None):
        return who
    return not_done(403, "not-admin", f"user `{who.name}` is no administrator of this index")


def misspelled(project: Project, confirm: str) -> NotDone | None:
    """Why a dangerous thing is not done yet: its project was not typed; None when it was."""
    return unconfirmed(confirm, (project.name, project.normalized), f"type the project's name to confirm: `{project.name}`")


def unconfirmed(confirm: str, expected: Sequence[str], why: str) -> NotDone | None:
    """Why a dangerous thing is not done yet; None when one of the expected texts was typed."""
    return None if confirm.strip() in expected else not_done(422, "not-confirmed", f"`confirm`: {why}", "confirm")


def _reached(connection: Connection, who: Principal, name: str) -> Project | NotDone:
    project = projects.find_project(connection, name)
    if project is None:
        return not_done(404, "not-found", "`project`: there is no such project", "project")
    if who.only is not None and who.only != project.id:
        return not_done(403, "wrong-project", f"the token is for another project than `{project.name}`", "project")
    return project


def _person(connection: Connection, caller: Caller, now: float) -> Principal | NotDone:
    user = accounts.user_by_id(connection, caller.user.id)
    if user is None or caller.level != "full" or not is_signed_in(connection, user.id, caller.session_id, now):
        return SIGN_IN
    return _principal(user)


def _bearer(connection: Connection, admission: Admission, scopes: Sequence[str], now: float) -> Principal | NotDone:
    token = accounts.find_api_token(connection, admission.digest)
    if token is None or (token.expires is not None and token.expires <= now):
        return not_done(401, "invalid-token", UNKNOWN_TOKEN)
    if token.scope not in scopes:
        words = " or ".join(f"`{scope}`" for scope in scopes)
        return not_done(403, "wrong-scope", f"the token has the scope `{token.scope}`, this needs {words}")
    user = accounts.user_by_id(connection, token.user_id)
    return not_done(401, "invalid-token", UNKNOWN_TOKEN) if user is None else _principal(user, token.project_id)


def _principal(user: User, only: int | None = None) -> Principal:
    return Principal(user.id, user.name, user.admin, user.email if user.email_verified else "", only, user.language)
