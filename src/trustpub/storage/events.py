"""The audit log: one row for everything that changed who may do what, and for everything that was refused."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, insert, select

from trustpub.storage.statements import Prepared
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


_INSERT = Prepared(
    insert(events).values({name: bindparam(name) for name in ("project_id", "kind", "actor", "at", "detail")}),
)

_compact = json.JSONEncoder(separators=(",", ":")).encode


def record(connection: Connection, event: Event) -> None:
    """Write one event; it is there if and only if the transaction is."""
    detail = _compact(event.detail)
    _INSERT.run(connection, project_id=event.project_id, kind=event.kind, actor=event.actor, at=event.at, detail=detail)


def events_of(connection: Connection, project_id: int | None = None, *, limit: int = 100) -> tuple[Event, ...]:
    """The newest events first; of one project, or of the whole index."""
    query = select(events).order_by(events.c.id.desc()).limit(limit)
    if project_id is not None:
        query = query.where(events.c.project_id == project_id)
    return tuple(Event(row.kind, row.actor, row.at, json.loads(row.detail), row.project_id) for row in connection.execute(query))
