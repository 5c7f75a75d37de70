"""Turning pending publishers into projects: each exactly once, and only while its name is free."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.names import project_name_problem, ultranormalize
from trustpub.storage import projects, publishers
from trustpub.storage.accounts import user_by_id
from trustpub.storage.events import Event, record
from trustpub.storage.retired_names import retired_alike

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher
    from trustpub.storage.database import Connection
    from trustpub.storage.projects import Project
    from trustpub.storage.publishers import Pending

RETIRED = "This project name is, or looks like, the name of a project that was deleted"
ACTOR = "OpenID created token"
"""Who acts when nobody is signed in. Mirrors: warehouse/oidc/views.py @6b62157."""


@dataclass(frozen=True, slots=True)
class Vetted:
    """Pending publishers of one identity, sorted by what has become of their names.

    `free` can be created; `taken` can never be, because the project exists; `refused` may not be called so (the problem in PyPI's
    words beside it), which somebody may still change.
    """

    free: tuple[Pending, ...] = ()
    taken: tuple[Pending, ...] = ()
    refused: tuple[tuple[Pending, str], ...] = ()


def vet(connection: Connection, rows: Sequence[Pending]) -> Vetted:
    """Look at every name without changing anything. Mirrors: warehouse/packaging/services.py (check_project_name) @6b62157."""
    free: list[Pending] = []
    taken: list[Pending] = []
    refused: list[tuple[Pending, str]] = []
    alike: set[str] = set()
    for row in rows:
        problem = project_name_problem(row.project)
        if problem is None and projects.find_project(connection, row.project) is not None:
            taken.append(row)
        elif problem is None and (ultranormalize(row.project) in alike or projects.similar_project(connection, row.project)):
            refused.append((row, "This project name is too similar to an existing project"))
        elif problem is None and retired_alike(connection, row.project) is not None:
            refused.append((row, RETIRED))
        elif problem is not None:
            refused.append((row, problem))
        else:
            alike.add(ultranormalize(row.project))
            free.append(row)
    return Vetted(tuple(free), tuple(taken), tuple(refused))


def reify(connection: Connection, publisher: Publisher, rows: Sequence[Pending], now: float) -> tuple[int, tuple[int, ...]]:
    """Create the project of every row, owned by who registered it, and link the publisher; its id and the projects' ids."""
    from trustpub.usecases.publishing.notices import tell_used  # rare: an index starts without it

    publisher_id = publishers.get_or_create_publisher(connection, publisher, now)
    created = []
    for row in rows:
        project = projects.create_project(connection, row.project, now, row.user_id)
        publishers.link(connection, publisher_id, project.id, now, row.publisher)
        owner = user_by_id(connection, row.user_id)
        detail = {"project": row.project, "owner": owner.name if owner else "", "publisher": publisher.specifier}
        record(connection, Event("project:created", ACTOR, now, {**detail, "reified_from_pending_publisher": True}, project.id))
        added: dict[str, JSON] = {
            "publisher": publisher.specifier,
            "publisher_id": publisher_id,
            "reified_from_pending_publisher": True,
        }
        record(connection, Event("publisher:added", ACTOR, now, added, project.id))
        if owner is not None:
            tell_used(connection, owner, row, now)
        created.append(project.id)
    publishers.remove_pending(connection, [row.id for row in rows])
    return publisher_id, tuple(created)


def adopt(connection: Connection, project: Project, owner_id: int, by: str, days: int, now: float) -> None:
    """Let what the project's new owner had waiting for its name publish to it, each held to what it was registered with.

    The project was made in another way than by them: by an upload with a token, or by another pending publisher. Rows of others
    stay: their exchange, and the list until then, says that the name was taken.
    """
    waiting = publishers.all_pending(connection, user_id=owner_id, project=project.name)
    mine = [row for row in waiting if row.lasts(days, now)]
    if not mine:
        return
    from trustpub.usecases.publishing import linking  # rare: an index starts without it

    for row in mine:
        linking.add(connection, by, project, row.publisher, now)
    publishers.remove_pending(connection, [row.id for row in mine])


def drop_taken(connection: Connection, rows: Sequence[Pending], now: float) -> None:
    """Remove pending publishers whose name somebody else took, each with an event for its owner."""
    from trustpub.usecases.publishing.notices import tell_dropped

    for row in rows:
        owner = user_by_id(connection, row.user_id)
        detail = {
            "project": row.project,
            "owner": owner.name if owner else "",
            "publisher": row.publisher.specifier,
            "why": "the project exists already",
        }
        record(connection, Event("pending-publisher:dropped", ACTOR, now, detail, user_id=row.user_id))
        if owner is not None:
            tell_dropped(connection, owner, row, now)
    publishers.remove_pending(connection, [row.id for row in rows])
