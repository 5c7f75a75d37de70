"""What owners switch on or off for a project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage.events import Event, record
from trustpub.storage.projects import set_trusted_only
from trustpub.usecases.projects.changing import change
from trustpub.usecases.projects.mailing import tell_everybody
from trustpub.usecases.projects.mine import as_seen

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.projects import Project
    from trustpub.usecases.not_done import NotDone
    from trustpub.usecases.projects.mine import MyProject
    from trustpub.usecases.projects.principal import Actor, Principal


class Switches:
    """For owners."""

    def __init__(self, database: Database, settings: ServerSettings, clock: Callable[[], float]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def trusted_only(self, actor: Actor, project: str, on: bool) -> MyProject | NotDone:
        """Take uploads by trusted publishing alone: API tokens are refused from the moment this is committed."""
        now = self._clock()

        def work(connection: Connection, who: Principal, found: Project) -> MyProject:
            if found.trusted_only != on:
                set_trusted_only(connection, found.id, on)
                record(connection, Event("project:trusted-only", who.name, now, {"on": on}, found.id))
                kind = "trusted-only" if on else "tokens-again"
                tell_everybody(connection, found.id, kind, now, {"by": who.name, "project": found.name})
            return as_seen(connection, who, found)

        return change(self._database, now, actor, project, work)
