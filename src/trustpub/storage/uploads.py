"""Questions that only an upload asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, and_, bindparam, exists, or_, select

from trustpub.domain.names import normalize
from trustpub.storage.projects import COLUMNS, Project, read_project
from trustpub.storage.statements import Prepared
from trustpub.storage.tables import filenames, files, projects, releases, roles
from trustpub.storage.tokens import UploadToken

if TYPE_CHECKING:
    from trustpub.storage.files import Right


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one upload stands in the index, read in one statement: each costs the writer more than SQLite takes for it.

    `project` is the one it is for, `allowed` says whether its token reaches it *now* (covered and still linked, or a role of
    its user). `taken`: a file has this name or these bytes, or had this name. `release` is the id of its version, which
    was made at `released` (seconds since the epoch; both None when there is none).
    """

    project: Project | None
    allowed: bool = False
    taken: bool = True
    release: int | None = None
    released: float | None = None


_STANDING = Prepared(
    select(
        *COLUMNS,
        select(roles.c.role)
        .where(roles.c.project_id == projects.c.id, roles.c.user_id == bindparam("user"))
        .correlate(projects)
        .scalar_subquery(),
        releases.c.id,
        releases.c.created,
        or_(
            exists().where(files.c.filename == bindparam("filename")),
            exists().where(filenames.c.filename == bindparam("filename")),
            exists().where(files.c.blake2_256 == bindparam("blake2_256")),
        ),
    )
    .select_from(
        projects.outerjoin(releases, and_(releases.c.project_id == projects.c.id, releases.c.version == bindparam("version")))
    )
    .where(projects.c.normalized == bindparam("wanted")),
)

_SDIST = Prepared(
    select(files.c.filename)
    .join_from(releases, files, files.c.release_id == releases.c.id)
    .where(
        releases.c.project_id == bindparam("project"),
        releases.c.version == bindparam("wanted"),
        files.c.packagetype == "sdist",
    ),
)


def standing(connection: Connection, right: Right, name: str, version: str, filename: str, blake2_256: str) -> Standing:
    """Where an upload of this file to this project (in whatever spelling) stands."""
    user = 0 if isinstance(right, UploadToken) else right.user_id
    row = _STANDING.one(connection, wanted=normalize(name), user=user, version=version, filename=filename, blake2_256=blake2_256)
    if row is None:
        return Standing(None)
    *columns, role, release, released, taken = row
    project = read_project(columns)
    if isinstance(right, UploadToken):
        allowed = project.id in right.projects
    else:
        allowed = right.project_id in (None, project.id) and role is not None
    return Standing(project, allowed, bool(taken), release, released)


def sdist_of_release(connection: Connection, project_id: int, version: str) -> str | None:
    """The file name of the release's source distribution, if it has one."""
    row = _SDIST.one(connection, project=project_id, wanted=version)
    return None if row is None else str(row[0])
