"""Projects: who may do what in one, and everything that its owners do with it. Every change leaves an event.

    projects = Projects.over(database, settings, clock, random)
    projects.mine(caller)                     what "Your projects" shows
    projects.people, .releases, .lifecycle, .switches, .log: a file and a class each

Who acts is a signed-in person (`Caller`) or the bearer of an API token (`Admission`); whether they may is asked inside the
transaction that makes the change, so that a right which was taken away meanwhile changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from trustpub.usecases.projects.lifecycle import Lifecycle
from trustpub.usecases.projects.log import Log
from trustpub.usecases.projects.mine import Mine, MyProject, OwnProjects
from trustpub.usecases.projects.people import People
from trustpub.usecases.projects.releases import Releases
from trustpub.usecases.projects.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Database
    from trustpub.usecases.not_done import NotDone
    from trustpub.usecases.projects.principal import Actor


@dataclass(frozen=True, slots=True)
class Projects:
    """The use cases of one index's projects."""

    own: OwnProjects
    people: People
    releases: Releases
    lifecycle: Lifecycle
    switches: Switches
    log: Log

    @classmethod
    def over(
        cls,
        database: Database,
        settings: ServerSettings,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        *,
        address: str | None = None,
    ) -> Self:
        """Put them over one database. `address` is where `serve` listens: links in mails begin with it without a `url`."""
        return cls(
            OwnProjects(database, settings, clock),
            People(database, settings, clock, random, address),
            Releases(database, settings, clock),
            Lifecycle(database, settings, clock),
            Switches(database, settings, clock),
            Log(database, settings, clock),
        )

    def mine(self, actor: Actor) -> Mine | NotDone:
        """Everything that the actor has a role in, waits for, or is invited to."""
        return self.own.mine(actor)

    def get(self, actor: Actor, project: str) -> MyProject | NotDone:
        """One project as its people see it."""
        return self.own.get(actor, project)
