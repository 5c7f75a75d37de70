"""The states of a project (PEP 792): active, archived, quarantined; and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.storage import projects
from trustpub.storage.events import Event, record
from trustpub.storage.people import members
from trustpub.storage.publishers import remove_unlinked
from trustpub.storage.retired_names import retire
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.projects.changing import change
from trustpub.usecases.projects.mailing import tell
from trustpub.usecases.projects.mine import as_seen
from trustpub.usecases.projects.principal import administrator, as_owner, misspelled
from trustpub.usecases.projects.states import ACTIVE, ARCHIVED, QUARANTINED, change_state, free_name, hides

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.projects import Project
    from trustpub.usecases.projects.mine import MyProject
    from trustpub.usecases.projects.principal import Actor, Principal


class Lifecycle:
    """Archiving and deleting are for owners, quarantine for whoever runs the index."""

    def __init__(self, database: Database, settings: ServerSettings, clock: Callable[[], float]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def archive(self, actor: Actor, project: str, reason: str = "") -> MyProject | NotDone:
        """Take no more files; what is there stays. Readers are told, with the reason."""
        return self._change(actor, project, (ACTIVE,), ARCHIVED, reason)

    def unarchive(self, actor: Actor, project: str) -> MyProject | NotDone:
        """Take files again."""
        return self._change(actor, project, (ARCHIVED,), ACTIVE, "")

    def quarantine(self, actor: Actor, project: str, reason: str = "") -> MyProject | NotDone:
        """Hide every file, and change nothing until an administrator releases the project."""
        return self._change(actor, project, (ACTIVE, ARCHIVED), QUARANTINED, reason)

    def release(self, actor: Actor, project: str) -> MyProject | NotDone:
        """Let a quarantined project be seen again."""
        return self._change(actor, project, (QUARANTINED,), ACTIVE, "")

    def delete(self, actor: Actor, project: str, confirm: str) -> MyProject | NotDone:
        """End a project with all its files; nobody registers its name again. `confirm` is the project's name, typed."""
        now = self._clock()

        def work(connection: Connection, who: Principal, found: Project) -> MyProject | NotDone:
            wrong = misspelled(found, confirm)
            if wrong is not None:
                return wrong
            seen, told = as_seen(connection, who, found), members(connection, found.id)
            projects.delete_project(connection, found.id)
            remove_unlinked(connection)
            retire(connection, found.name, who.name, now)
            record(connection, Event("project:removed", who.name, now, {"project": found.name}, user_id=who.user_id))
            tell(connection, told, "deleted", now, {"by": who.name, "project": found.name})
            return seen

        return change(self._database, now, actor, project, work)

    def free_name(self, actor: Actor, name: str) -> str | NotDone:
        """Let the name of a deleted project be registered again; for whoever runs the index."""
        now = self._clock()

        def work(connection: Connection) -> str | NotDone:
            who = administrator(connection, actor, now)
            if isinstance(who, NotDone):
                return who
            return free_name(connection, name, who.name, now) or name

        return self._database.write(work).result()

    def _change(self, actor: Actor, project: str, before: tuple[str, ...], after: str, reason: str) -> MyProject | NotDone:
        """Go from one of these states to another. Into quarantine, and out of it, only administrators go."""
        now = self._clock()
        guarded = hides(before, after)

        def reach(connection: Connection, who: Principal, name: str) -> Project | NotDone:
            if guarded and not (who.admin and who.only is None):
                return not_done(403, "not-admin", f"user `{who.name}` is no administrator of this index")
            return as_owner(connection, who, name)

        def work(connection: Connection, who: Principal, found: Project) -> MyProject | NotDone:
            refused = change_state(connection, found, before, after, reason, who.name, now)
            return refused or as_seen(connection, who, found)

        return change(self._database, now, actor, project, work, reach)
