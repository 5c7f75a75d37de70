"""The audit log: one row for everything that changed who may do what, and for everything that was refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from trustpub.storage.statements import Later, write_waiting
from trustpub.storage.tables import events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, who did it, when (seconds since the epoch), to which project (None: no one project).

    `detail` never holds a secret, and never a token's `jti`.
    """

    kind: str
    actor: str
    at: float
    detail: Mapping[str, JSON] = field(default_factory=dict)
    project_id: int | None = None
    user_id: int | None = None
    """Whose account it is about, for an event that belongs to somebody's own log."""


_EVENTS = Later(events, "project_id", "user_id", "kind", "actor", "at", "detail")

_compact = json.JSONEncoder(separators=(",", ":")).encode


def record(connection: Connection, event: Event) -> None:
    """Write one event when the transaction ends: it is there if and only if the transaction is."""
    _EVENTS.add(connection, event.project_id, event.user_id, event.kind, event.actor, event.at, _compact(event.detail))


def events_of(
    connection: Connection, project_id: int | None = None, *, user_id: int | None = None, limit: int = 100
) -> tuple[Event, ...]:
    """The newest events first: of one project, of one account, or of the whole index."""
    write_waiting(connection)
    query = select(events).order_by(events.c.id.desc()).limit(limit)
    if project_id is not None:
        query = query.where(events.c.project_id == project_id)
    if user_id is not None:
        query = query.where(events.c.user_id == user_id)
    return tuple(
        Event(row.kind, row.actor, row.at, json.loads(row.detail), row.project_id, row.user_id)
        for row in connection.execute(query)
    )
