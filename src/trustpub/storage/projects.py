"""Projects, who owns them, and the serials that tell a reader whether its copy is fresh."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, bindparam, delete, insert, literal_column, select, update

from trustpub.domain.names import NormalizedName, normalize, ultranormalize
from trustpub.storage.statements import Prepared, Row, write_waiting
from trustpub.storage.tables import counters, projects, roles, users

if TYPE_CHECKING:
    from collections.abc import Sequence

SERIAL = "serial"
"""The counter of every change to the index."""
INDEX = "index"
"""The counter of changes to the list of names: the global serial at the last of them."""


@dataclass(frozen=True, slots=True)
class Project:
    """One project: `name` as its last upload spelled it, `state` active, archived or quarantined, and perhaps why."""

    id: int
    normalized: NormalizedName
    name: str
    state: str
    serial: int
    created: float
    reason: str = ""
    trusted_only: bool = False
    """Takes uploads by trusted publishing alone: API tokens are refused."""

    @property
    def open(self) -> bool:
        """Whether files may be added."""
        return self.state == "active"


@dataclass(frozen=True, slots=True)
class Role:
    """What one user may do in one project: `owner` (all) or `maintainer` (upload)."""

    user: str
    role: str


COLUMNS = (
    projects.c.id,
    projects.c.normalized,
    projects.c.name,
    projects.c.state,
    projects.c.serial,
    projects.c.created,
    projects.c.state_reason,
    projects.c.trusted_only,
)
_BY_NAME = Prepared(select(*COLUMNS).where(projects.c.normalized == bindparam("wanted")))
_BY_ID = Prepared(select(*COLUMNS).where(projects.c.id == bindparam("wanted")))
_SIMILAR = Prepared(select(*COLUMNS).where(projects.c.ultranormalized == bindparam("wanted")).order_by(projects.c.id).limit(1))
_NAMES = Prepared(
    select(projects.c.normalized, projects.c.name)
    .where(projects.c.state != literal_column("'quarantined'"))
    .order_by(projects.c.normalized)
)
_NEXT_SERIAL = Prepared(
    update(counters).where(counters.c.name == SERIAL).values(value=counters.c.value + 1).returning(counters.c.value),
)
_SET_COUNTER = Prepared(update(counters).where(counters.c.name == bindparam("counter")).values(value=bindparam("now")))
_SET_SERIAL = Prepared(update(projects).where(projects.c.id == bindparam("project")).values(serial=bindparam("now")))


def find_project(connection: Connection, name: str) -> Project | None:
    """The project of this name, in whatever spelling."""
    return _project(_BY_NAME.one(connection, wanted=normalize(name)))


def project_by_id(connection: Connection, project_id: int) -> Project | None:
    """The project with this id."""
    return _project(_BY_ID.one(connection, wanted=project_id))


def similar_project(connection: Connection, name: str) -> Project | None:
    """A project whose name a reader could take for this one (or the project of this very name)."""
    return _project(_SIMILAR.one(connection, wanted=ultranormalize(name)))


def all_projects(connection: Connection) -> tuple[Project, ...]:
    """Every project, by normalized name."""
    return tuple(read_project(row) for row in connection.execute(select(*COLUMNS).order_by(projects.c.normalized)))


def names_of_index(connection: Connection) -> list[tuple[NormalizedName, str]]:
    """Every name that readers may see, as (normalized, spelled), sorted. Plain rows: an index has tens of thousands."""
    return [*_NAMES.all(connection)]


def create_project(connection: Connection, name: str, now: float, owner_id: int | None = None) -> Project:
    """Create a project, with its owner; its name appears in the index. The caller has checked that the name is free."""
    serial = next_serial(connection, names_changed=True)
    row = {
        "normalized": normalize(name),
        "name": name,
        "ultranormalized": ultranormalize(name),
        "serial": serial,
        "created": now,
    }
    project_id = connection.execute(insert(projects).returning(projects.c.id), row).scalar_one()
    if owner_id is not None:
        grant_role(connection, project_id, owner_id, "owner")
    return Project(project_id, normalize(name), name, "active", serial, now)


def grant_role(connection: Connection, project_id: int, user_id: int, role: str) -> None:
    """Give a user a role in a project that they have none in."""
    connection.execute(insert(roles), {"project_id": project_id, "user_id": user_id, "role": role})


def roles_of(connection: Connection, project_id: int) -> tuple[Role, ...]:
    """Who has a role in the project, owners first."""
    query = (
        select(users.c.name, roles.c.role)
        .join_from(roles, users, roles.c.user_id == users.c.id)
        .where(roles.c.project_id == project_id)
        .order_by(roles.c.role.desc(), users.c.normalized)
    )
    return tuple(Role(row.name, row.role) for row in connection.execute(query))


def role_of(connection: Connection, project_id: int, user_id: int) -> str | None:
    """What the user is in the project: `owner`, `maintainer`, or nothing."""
    role: str | None = connection.execute(
        select(roles.c.role).where(roles.c.project_id == project_id, roles.c.user_id == user_id)
    ).scalar_one_or_none()
    return role


def rename_project(connection: Connection, project_id: int, name: str) -> None:
    """Show the project in this spelling from now on; the normalized name must stay the same."""
    connection.execute(update(projects).where(projects.c.id == project_id).values(name=name))


def next_serial(connection: Connection, *, names_changed: bool = False) -> int:
    """Take the next global serial; with `names_changed` the list of names carries it too."""
    serial = int(_NEXT_SERIAL.sole(connection)[0])
    if names_changed:
        _SET_COUNTER.run(connection, counter=INDEX, now=serial)
    return serial


def bump_serial(connection: Connection, project_id: int, *, names_changed: bool = False) -> int:
    """Mark the project as changed and return its new serial; every copy of its pages is stale after the commit."""
    serial = next_serial(connection, names_changed=names_changed)
    _SET_SERIAL.run(connection, project=project_id, now=serial)
    return serial


def serials(connection: Connection) -> tuple[int, int]:
    """The global serial, and the serial of the list of names."""
    found = {row.name: row.value for row in connection.execute(select(counters.c.name, counters.c.value))}
    return found[SERIAL], found[INDEX]


def set_state(connection: Connection, project_id: int, state: str, reason: str, *, names_changed: bool = False) -> int:
    """Put the project into a state, and say why; its new serial. `names_changed`: its name appears to readers, or goes."""
    connection.execute(update(projects).where(projects.c.id == project_id).values(state=state, state_reason=reason))
    return bump_serial(connection, project_id, names_changed=names_changed)


def set_trusted_only(connection: Connection, project_id: int, on: bool) -> int:
    """Let API tokens upload no more, or again; the project's new serial."""
    connection.execute(update(projects).where(projects.c.id == project_id).values(trusted_only=on))
    return bump_serial(connection, project_id)


def delete_project(connection: Connection, project_id: int) -> None:
    """Remove the project with its releases, files, roles, links and the tokens that are only for it; its name disappears.

    File names stay taken for ever; whether the project's own name does is the caller's to say (`retired_names`).
    """
    write_waiting(connection)  # what waits may name the project: a token minted or an event recorded in this very commit
    connection.execute(delete(projects).where(projects.c.id == project_id))
    next_serial(connection, names_changed=True)


def read_project(row: Sequence[Any]) -> Project:
    """The project in the columns `COLUMNS`."""
    return Project(*(*row[:-1], bool(row[-1])))  # SQLite has no booleans


def _project(row: Row | None) -> Project | None:
    return None if row is None else read_project(row)
