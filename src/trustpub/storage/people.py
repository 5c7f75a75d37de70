"""The people of projects: who has which role, and who is told when something changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, case, delete, func, select, update

from trustpub.storage.projects import COLUMNS, Project, read_project
from trustpub.storage.tables import api_tokens, projects, releases, roles, sessions, users

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Member:
    """A user with a role in one project; `language` is that of their mails.

    `email` is empty unless it is verified and the account open: who was shut out hears no more of what goes on inside.
    """

    user_id: int
    user: str
    full_name: str
    email: str
    role: str
    language: str = ""
    open: bool = True
    """Whether the account may do anything; one that was closed keeps its roles."""


def members(connection: Connection, project_id: int) -> tuple[Member, ...]:
    """Everybody with a role in the project, owners first."""
    reads = users.c.active.is_(True) & users.c.email_verified_at.is_not(None)
    email = case((reads, users.c.email), else_="")
    query = (
        select(users.c.id, users.c.name, users.c.full_name, email, roles.c.role, users.c.language, users.c.active)
        .join_from(roles, users, roles.c.user_id == users.c.id)
        .where(roles.c.project_id == project_id)
        .order_by(roles.c.role.desc(), users.c.normalized)
    )
    return tuple(Member(*row) for row in connection.execute(query))


def set_role(connection: Connection, project_id: int, user_id: int, role: str) -> None:
    """Give somebody who has a role in the project another one."""
    connection.execute(update(roles).where(roles.c.project_id == project_id, roles.c.user_id == user_id).values(role=role))


def revoke_role(connection: Connection, project_id: int, user_id: int) -> None:
    """Take a role away, and with it the tokens that were only for this project."""
    connection.execute(delete(roles).where(roles.c.project_id == project_id, roles.c.user_id == user_id))
    connection.execute(delete(api_tokens).where(api_tokens.c.project_id == project_id, api_tokens.c.user_id == user_id))


def projects_of(connection: Connection, user_id: int, project_id: int | None = None) -> tuple[tuple[Project, str], ...]:
    """The projects in which a user has a role, with the role, by name; of one only when an id is given."""
    query = (
        select(*COLUMNS, roles.c.role)
        .join_from(roles, projects, roles.c.project_id == projects.c.id)
        .where(roles.c.user_id == user_id)
        .order_by(projects.c.normalized)
    )
    if project_id is not None:
        query = query.where(projects.c.id == project_id)
    return tuple((read_project(row[:-1]), str(row[-1])) for row in connection.execute(query))


def versions_of(connection: Connection, ids: Iterable[int]) -> Mapping[int, tuple[str, ...]]:
    """The versions of these projects by project, without the yanked ones."""
    query = select(releases.c.project_id, releases.c.version).where(
        releases.c.project_id.in_(tuple(ids)), releases.c.yanked.is_(False)
    )
    found: dict[int, list[str]] = {}
    for project_id, version in connection.execute(query):
        found.setdefault(project_id, []).append(version)
    return {project_id: tuple(versions) for project_id, versions in found.items()}


def is_signed_in(connection: Connection, user_id: int, session_id: int, now: float) -> bool:
    """Whether this session of this user is alive, and the account open."""
    query = (
        select(func.count())
        .select_from(sessions)
        .join(users, users.c.id == sessions.c.user_id)
        .where(
            sessions.c.id == session_id,
            sessions.c.user_id == user_id,
            sessions.c.level == "full",
            sessions.c.expires > int(now),
            users.c.active.is_(True),
        )
    )
    return bool(connection.execute(query).scalar_one())
