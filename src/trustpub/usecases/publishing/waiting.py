"""Pending publishers: registered for a project that does not exist yet, used once, gone after so many days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.names import project_name_problem
from trustpub.storage import projects, publishers
from trustpub.storage.accounts import user_by_id
from trustpub.storage.events import Event, record
from trustpub.storage.publishers import DAY
from trustpub.storage.retired_names import retired_alike
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.publishing.notices import tell_expired, tell_expiring, tell_taken_back
from trustpub.usecases.publishing.registration import Registration, pending_of
from trustpub.usecases.reify import RETIRED

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher
    from trustpub.storage.database import Connection

MOST_PENDING = 100
"""Of one user at once: enough for a monorepo, and not for taking every good name."""
REMINDED_DAYS = 5
"""How long before its end a pending publisher's registrant is reminded of it."""
EXPIRED = "system:ttl-expired"
"""Who acts when time does. Mirrors: warehouse/oidc/tasks.py @6b62157."""
SWEPT = 200


def add(
    connection: Connection, by: str, owner: tuple[int, str], publisher: Publisher, project: str, days: int, now: float
) -> Registration | NotDone:
    """Let a publisher wait for a project that its first exchange makes, for this owner (id and name)."""
    problem = _name_problem(connection, project)
    if problem is not None:
        return problem
    identity, (user_id, user) = publisher.identity, owner
    for there in publishers.all_pending(connection, project=project):
        if there.publisher.identity != identity:
            continue
        if not there.lasts(days, now):
            _expire(connection, there, now)
        elif there.user_id != user_id:
            return not_done(409, "already-pending", "this publisher is pending for it already, for another user", "publisher")
        elif there.publisher == publisher:
            return pending_of(there, user, days)
        else:
            why = "it is pending already, held to other refs or events. Change what it is held to instead"
            return not_done(409, "already-there", why, "refs")
    alike = projects.similar_project(connection, project)
    if alike is not None:
        return not_done(409, "name-taken", f"`project`: the name is too similar to the project `{alike.name}`", "project")
    if len(publishers.all_pending(connection, user_id=user_id)) >= MOST_PENDING:
        why = f"at most {MOST_PENDING} pending publishers wait for one user. Use or remove some first"
        return not_done(409, "too-many-pending", why)
    row_id = publishers.add_pending(connection, publisher, project, user_id, now)
    row = None if row_id is None else publishers.find_pending(connection, row_id)
    if row is None:
        return not_done(409, "already-pending", "this publisher is pending for it already", "publisher")
    detail: dict[str, JSON] = {"project": project, "owner": user, "publisher": publisher.specifier}
    record(connection, Event("pending-publisher:added", by, now, detail, user_id=user_id))
    return pending_of(row, user, days, new=True)


def remove(connection: Connection, by: str, row: publishers.Pending, days: int, now: float) -> Registration:
    """Remove a pending publisher that nobody has used."""
    publishers.remove_pending(connection, [row.id])
    user = user_by_id(connection, row.user_id)
    detail: dict[str, JSON] = {"project": row.project, "publisher": row.publisher.specifier}
    record(connection, Event("pending-publisher:removed", by, now, detail, user_id=row.user_id))
    if user is not None and user.name != by:
        tell_taken_back(connection, user, row, by, now)
    return pending_of(row, user.name if user else None, days)


def hold(
    connection: Connection, by: str, row: publishers.Pending, wanted: Publisher, days: int, now: float
) -> Registration | NotDone:
    """Hold a pending publisher to what `wanted` says; it ends when it would have ended."""
    others = publishers.all_pending(connection, project=row.project)
    if any(each.id != row.id and each.publisher.identity == wanted.identity for each in others):
        return not_done(409, "already-there", "a publisher like that is pending for it already", "environment")
    publishers.change_pending(connection, row.id, wanted)
    detail: dict[str, JSON] = {"project": row.project, "publisher": wanted.specifier}
    record(connection, Event("pending-publisher:constrained", by, now, detail, user_id=row.user_id))
    user = user_by_id(connection, row.user_id)
    return pending_of(publishers.find_pending(connection, row.id) or row, user.name if user else None, days)


def sweep(connection: Connection, days: int, now: float) -> int:
    """Remove pending publishers whose days are over, and remind of those that will be soon, once; how many were removed."""
    over = publishers.pending_since(connection, now - days * DAY, SWEPT)
    for row in over:
        _expire(connection, row, now)
    if days > REMINDED_DAYS:
        for row in publishers.pending_since(connection, now - (days - REMINDED_DAYS) * DAY, SWEPT, reminded=False):
            publishers.note_reminded(connection, row.id, now)
            user = user_by_id(connection, row.user_id)
            if user is not None:
                tell_expiring(connection, user, row, row.created + days * DAY, now)
    return len(over)


def _expire(connection: Connection, row: publishers.Pending, now: float) -> None:
    publishers.remove_pending(connection, [row.id])
    detail: dict[str, JSON] = {"project": row.project, "publisher": row.publisher.specifier, "why": "nobody used it in time"}
    record(connection, Event("pending-publisher:expired", EXPIRED, now, detail, user_id=row.user_id))
    user = user_by_id(connection, row.user_id)
    if user is not None:
        tell_expired(connection, user, row, now)


def _name_problem(connection: Connection, project: str) -> NotDone | None:
    problem = project_name_problem(project)
    if problem is not None:
        return not_done(422, "invalid-field", f"`project`: {problem}", "project")
    if retired_alike(connection, project) is not None:
        return not_done(409, "name-retired", f"`project`: {RETIRED}", "project")
    return None
