"""Mails about publishers: to those whose projects they may upload to, or who registered them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trustpub.usecases.projects.mailing import tell, tell_everybody, tell_owners

if TYPE_CHECKING:
    from trustpub.domain.publishers import Publisher
    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection
    from trustpub.storage.projects import Project
    from trustpub.storage.publishers import Pending


def tell_added(connection: Connection, project: Project, publisher: Publisher, by: str, now: float) -> None:
    """Everybody in the project learns who may upload from now on."""
    body = f"{by} let a publisher upload to {project.name}:\n\n{_described(publisher)}"
    tell_everybody(connection, project.id, f"A publisher was added to {project.name}", body, now)


def tell_removed(connection: Connection, project: Project, publisher: Publisher, by: str, now: float) -> None:
    """Everybody in the project learns who may not upload any more."""
    body = f"{by} removed a publisher from {project.name}:\n\n{_described(publisher)}"
    tell_everybody(connection, project.id, f"A publisher was removed from {project.name}", body, now)


def tell_held(connection: Connection, project: Project, publisher: Publisher, by: str, now: float) -> None:
    """Everybody in the project learns what a publisher is held to now."""
    body = f"{by} changed what a publisher of {project.name} is held to:\n\n{_described(publisher)}"
    tell_everybody(connection, project.id, f"A publisher of {project.name} was changed", body, now)


def tell_used(connection: Connection, owner: User, row: Pending, now: float) -> None:
    """Who registered a pending publisher learns that it made its project."""
    body = f"The project {row.project} exists now, and you own it. Its first publisher:\n\n{_described(row.publisher)}"
    _tell_user(connection, owner, f"The project {row.project} was created", body, now)


def tell_dropped(connection: Connection, owner: User, row: Pending, now: float) -> None:
    """Who registered a pending publisher learns that somebody else has its project."""
    body = (
        f"Somebody else created a project named {row.project}. Your pending publisher was removed:\n\n{_described(row.publisher)}"
    )
    _tell_user(connection, owner, f"The pending publisher of {row.project} was removed", body, now)


def tell_expired(connection: Connection, owner: User, row: Pending, now: float) -> None:
    """Who registered a pending publisher learns that its days are over."""
    body = f"Nobody used this pending publisher of {row.project} in time, so it was removed:\n\n{_described(row.publisher)}"
    _tell_user(connection, owner, f"The pending publisher of {row.project} has expired", body, now)


def tell_expiring(connection: Connection, owner: User, row: Pending, expires: float, now: float) -> None:
    """Who registered a pending publisher learns how long it will wait."""
    day = datetime.fromtimestamp(expires, UTC).date().isoformat()
    body = f"Nobody has used this pending publisher of {row.project} yet. It is removed on {day}:\n\n{_described(row.publisher)}"
    _tell_user(connection, owner, f"The pending publisher of {row.project} expires on {day}", body, now)


def tell_renamed(connection: Connection, project_id: int, publisher: Publisher, before: str, after: str, now: float) -> None:
    """Owners learn why their publisher does not match any more."""
    body = (
        f"The repository {before} seems to be called {after} now. A job of it asked for an upload token and was refused, because "
        f"this publisher names the old one:\n\n{_described(publisher)}\n"
        "If the new name is yours, register it and remove the old one.\n"
    )
    tell_owners(connection, project_id, f"The repository {before} was renamed", body, now)


def _tell_user(connection: Connection, user: User, subject: str, body: str, now: float) -> None:
    if user.email_verified and user.active:
        tell(connection, [user.email], subject, body, now)


def _described(publisher: Publisher) -> str:
    """Every field on a line of its own: two publishers often differ in one."""
    rows = [("provider", str(publisher.provider)), ("issuer", publisher.issuer), *publisher.fields]
    rows += [("refs", " ".join(publisher.refs)), ("allowed events", " ".join(publisher.allowed_events))]
    return "".join(f"  {name}: {value}\n" for name, value in rows if value)
