"""One publisher of one project, as its people see it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trustpub.storage import accounts, publishers
from trustpub.storage.projects import find_project
from trustpub.storage.publishers import DAY
from trustpub.usecases.renames import noted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher
    from trustpub.domain.renames import Moved
    from trustpub.storage.database import Connection
    from trustpub.storage.publishers import Pending


@dataclass(frozen=True, slots=True)
class Registration:
    """A publisher of one project. `id` names this link, not the publisher: other projects may have the same publisher.

    `new` is False for one that was there before. Of a pending one `user` will own the project that it makes, and `expires`
    (seconds since the epoch) is when it is removed unless it was used. `moved` are the names of it that moved since its last
    accepted token, which said `seen`. `taken`: a project of the name of a pending one exists, so it can never make it.
    """

    id: str
    project: str
    publisher: Publisher
    pending: bool
    user: str | None = None
    new: bool = False
    expires: int | None = None
    moved: tuple[Moved, ...] = ()
    taken: bool = False
    seen: Mapping[str, JSON] = field(default_factory=dict, compare=False)


def linked_to(connection: Connection, project_id: int | None = None, *, owner_id: int | None = None) -> tuple[Registration, ...]:
    """The publishers of a project, of all that one user owns, or of the index."""
    found = publishers.links(connection, project_id=project_id, owner_id=owner_id)
    return tuple(
        Registration(
            f"{row.id}-{row.projects[0]}", name, row.publisher, pending=False, moved=noted(row), seen=json.loads(row.seen)
        )
        for name, row in found
    )


def waiting_for(
    connection: Connection, days: int, now: float, *, user_id: int | None = None, project: str | None = None
) -> tuple[Registration, ...]:
    """The pending publishers of one user, for one name, or of the index; those that are over are not among them."""
    rows = [row for row in publishers.all_pending(connection, user_id=user_id, project=project) if row.lasts(days, now)]
    names = {each: accounts.user_by_id(connection, each) for each in {row.user_id for row in rows}}
    return tuple(
        replace(pending_of(row, user.name if user else None, days), taken=find_project(connection, row.project) is not None)
        for row in rows
        for user in [names[row.user_id]]
    )


def pending_of(row: Pending, user: str | None, days: int, *, new: bool = False) -> Registration:
    """One pending publisher."""
    return Registration(f"p{row.id}", row.project, row.publisher, True, user, new, int(row.created) + days * DAY)
