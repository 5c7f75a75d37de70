"""One change of one project by one actor: in one transaction, with every right asked for inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from trustpub.usecases.not_done import NotDone
from trustpub.usecases.projects.principal import changing, to_change

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.storage.database import Connection, Database
    from trustpub.storage.projects import Project
    from trustpub.usecases.projects.principal import Actor, Principal

T = TypeVar("T")


def change(
    database: Database,
    now: float,
    actor: Actor,
    project: str,
    work: Callable[[Connection, Principal, Project], T | NotDone],
    reach: Callable[[Connection, Principal, str], Project | NotDone] = to_change,
) -> T | NotDone:
    """Do `work` with the project, if the actor may; `reach` says whose projects are meant. Waits for the commit."""

    def whole(connection: Connection) -> T | NotDone:
        who = changing(connection, actor, now)
        if isinstance(who, NotDone):
            return who
        found = reach(connection, who, project)
        return found if isinstance(found, NotDone) else work(connection, who, found)

    return database.write(whole).result()
