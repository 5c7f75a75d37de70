"""The audit log of a project, for its owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage.events import events_of
from trustpub.usecases.not_done import NotDone
from trustpub.usecases.projects.principal import as_owner, reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Database
    from trustpub.storage.events import Event
    from trustpub.usecases.projects.principal import Actor

MOST = 1000


class Log:
    """Reads the audit log."""

    def __init__(self, database: Database, settings: ServerSettings, clock: Callable[[], float]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def of(self, actor: Actor, project: str, limit: int = 100) -> tuple[Event, ...] | NotDone:
        """The newest events of a project first."""
        with self._database.read() as connection:
            who = reading(connection, actor, self._clock())
            if isinstance(who, NotDone):
                return who
            found = as_owner(connection, who, project)
            if isinstance(found, NotDone):
                return found
            return events_of(connection, found.id, limit=max(1, min(limit, MOST)))
