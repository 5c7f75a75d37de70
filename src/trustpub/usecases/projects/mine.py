"""What a person's own list of projects shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.storage import projects
from trustpub.storage.invitations import offers_to
from trustpub.storage.people import projects_of, versions_of
from trustpub.usecases.browse import version_key
from trustpub.usecases.not_done import NotDone
from trustpub.usecases.projects.invitations import Invitation, invitation_of
from trustpub.usecases.projects.principal import as_member, reading
from trustpub.usecases.publishing.registration import waiting_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.projects import Project
    from trustpub.usecases.projects.principal import Actor, Principal
    from trustpub.usecases.publishing.registration import Registration


@dataclass(frozen=True, slots=True)
class MyProject:
    """One project as its people see it. `role` is the actor's own (empty: whoever runs the index), `version` its newest."""

    name: str
    normalized: str
    role: str
    state: str
    state_reason: str
    version: str
    trusted_only: bool


@dataclass(frozen=True, slots=True)
class Mine:
    """What one person has, waits for, and is invited to."""

    projects: tuple[MyProject, ...]
    pending: tuple[Registration, ...]
    invitations: tuple[Invitation, ...]


class OwnProjects:
    """Reads for the people of projects."""

    def __init__(self, database: Database, settings: ServerSettings, clock: Callable[[], float]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def mine(self, actor: Actor) -> Mine | NotDone:
        """Everything that the actor has a role in, waits for, or is invited to. A token for one project sees that one."""
        now = self._clock()
        with self._database.read() as connection:
            who = reading(connection, actor, now)
            if isinstance(who, NotDone):
                return who
            found = projects_of(connection, who.user_id, who.only)
            versions = versions_of(connection, [project.id for project, _ in found])
            listed = tuple(_project(project, role, versions.get(project.id, ())) for project, role in found)
            if who.only is not None:
                return Mine(listed, (), ())
            offers = offers_to(connection, who.user_id, who.email, now)
            pending = waiting_for(connection, self._settings.pending_days, now, user_id=who.user_id)
            return Mine(listed, pending, tuple(map(invitation_of, offers)))

    def get(self, actor: Actor, project: str) -> MyProject | NotDone:
        """One project as its people see it; whoever has no role in it learns no more than that it is not theirs."""
        with self._database.read() as connection:
            who = reading(connection, actor, self._clock())
            if isinstance(who, NotDone):
                return who
            found = as_member(connection, who, project)
            return found if isinstance(found, NotDone) else as_seen(connection, who, found)


def as_seen(connection: Connection, who: Principal, project: Project) -> MyProject:
    """A project as it is now, for whoever has just looked at it or changed it."""
    now = projects.project_by_id(connection, project.id) or project
    role = projects.role_of(connection, project.id, who.user_id) or ""
    return _project(now, role, versions_of(connection, [project.id]).get(project.id, ()))


def _project(project: Project, role: str, versions: tuple[str, ...]) -> MyProject:
    version = max(versions, key=version_key, default="")
    return MyProject(project.name, project.normalized, role, project.state, project.reason, version, project.trusted_only)
