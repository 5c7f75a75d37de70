"""Mails about publishers: to those whose projects they may upload to, or who registered them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trustpub.domain.renames import NAMESPACE, OWNER, TAKEN
from trustpub.usecases.projects.mailing import tell_everybody, tell_owners, tell_user

if TYPE_CHECKING:
    from trustpub.domain.publishers import Publisher
    from trustpub.domain.renames import Moved
    from trustpub.storage.accounts import User
    from trustpub.storage.database import Connection
    from trustpub.storage.projects import Project
    from trustpub.storage.publishers import Pending
    from trustpub.usecases.letters import Rows

_LETTERS = {OWNER: "owner-renamed", NAMESPACE: "owner-renamed", TAKEN: "name-taken"}
"""Which mail tells of a name that moved; anything else is a repository's."""


def tell_added(connection: Connection, project: Project, publisher: Publisher, by: str, now: float) -> None:
    """Everybody in the project learns who may upload from now on."""
    tell_everybody(connection, project.id, "publisher-added", now, {"by": by, "project": project.name}, _rows(publisher))


def tell_removed(connection: Connection, project: Project, publisher: Publisher, by: str, now: float) -> None:
    """Everybody in the project learns who may not upload any more."""
    tell_everybody(connection, project.id, "publisher-removed", now, {"by": by, "project": project.name}, _rows(publisher))


def tell_held(connection: Connection, project: Project, publisher: Publisher, by: str, now: float) -> None:
    """Everybody in the project learns what a publisher is held to now."""
    tell_everybody(connection, project.id, "publisher-changed", now, {"by": by, "project": project.name}, _rows(publisher))


def tell_used(connection: Connection, owner: User, row: Pending, now: float) -> None:
    """Who registered a pending publisher learns that it made its project."""
    tell_user(connection, owner, "pending-used", now, {"project": row.project}, _rows(row.publisher))


def tell_dropped(connection: Connection, owner: User, row: Pending, now: float) -> None:
    """Who registered a pending publisher learns that somebody else has its project."""
    tell_user(connection, owner, "pending-dropped", now, {"project": row.project}, _rows(row.publisher))


def tell_taken_back(connection: Connection, owner: User, row: Pending, by: str, now: float) -> None:
    """Who registered a pending publisher learns that somebody else removed it."""
    tell_user(connection, owner, "pending-removed", now, {"by": by, "project": row.project}, _rows(row.publisher))


def tell_expired(connection: Connection, owner: User, row: Pending, now: float) -> None:
    """Who registered a pending publisher learns that its days are over."""
    tell_user(connection, owner, "pending-expired", now, {"project": row.project}, _rows(row.publisher))


def tell_expiring(connection: Connection, owner: User, row: Pending, expires: float, now: float) -> None:
    """Who registered a pending publisher learns how long it will wait."""
    day = datetime.fromtimestamp(expires, UTC).date().isoformat()
    tell_user(connection, owner, "pending-expiring", now, {"project": row.project, "day": day}, _rows(row.publisher))


def tell_moved(connection: Connection, project: Project, publisher: Publisher, found: Moved, now: float) -> None:
    """Owners learn which name moved, and so why their publisher does not match any more."""
    letter = _LETTERS.get(found.what, "repository-renamed")
    said = {"repository": found.before, "renamed": found.now, "project": project.name}
    tell_owners(connection, project.id, letter, now, said, _rows(publisher))


def _rows(publisher: Publisher) -> Rows:
    """Every field on a line of its own: two publishers often differ in one."""
    rows = (("provider", str(publisher.provider)), ("issuer", publisher.issuer), *publisher.fields)
    return (*rows, ("refs", " ".join(publisher.refs)), ("allowed_events", " ".join(publisher.allowed_events)))
