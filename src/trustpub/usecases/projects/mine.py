"""What a person's own list of projects shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Database
    from trustpub.usecases.not_done import NotDone
    from trustpub.usecases.projects.people import Invitation
    from trustpub.usecases.projects.principal import Actor
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
        """Everything that the actor has a role in, waits for, or is invited to."""
        raise NotImplementedError

    def get(self, actor: Actor, project: str) -> MyProject | NotDone:
        """One project as its people see it; whoever has no role in it learns no more than that it is not theirs."""
        raise NotImplementedError
