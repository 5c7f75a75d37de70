"""Releases and files, the right to add one, and the names that are never used again.

The order in which an upload uses these, all in one write:

    token = token_for_upload(connection, digest)          # None: unknown, revoked or gone with its publisher
    standing(connection, token, name, ...)                # uploads.py: the project, whether the token reaches it, conflicts
    find_file / find_same_bytes / filename_used           # which conflict: re-upload, other bytes, deleted name
    insert_release(...)                                   # when the version is new
    insert_file(connection, NewFile(...))
    blob_use_remove(connection, uses)                     # blob_uses.py: the row names the blob now
    bump_serial(connection, project.id)                   # projects.py

and in an earlier write of its own, before the blob is put in place: `uses = blob_use_add(connection, sha256s, now)`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Connection, bindparam, case, func, insert, literal_column, or_, select, update

from trustpub.storage.accounts import ApiToken, find_api_token
from trustpub.storage.statements import Prepared, Row
from trustpub.storage.tables import filenames, files, projects, releases
from trustpub.storage.tokens import UploadToken, find_upload_token

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON

Right: TypeAlias = UploadToken | ApiToken
"""What an upload may be authorised by."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """Everything that is stored about one uploaded file."""

    filename: str
    project_id: int
    release_id: int
    packagetype: str
    python_version: str
    requires_python: str | None
    sha256: str
    blake2_256: str
    md5: str | None
    size: int
    metadata_sha256: str | None
    uploaded_by: str
    upload_time: float
    provenance: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """One file of the index, with the version of its release."""

    id: int
    filename: str
    project_id: int
    release_id: int
    version: str
    packagetype: str
    python_version: str
    requires_python: str | None
    sha256: str
    blake2_256: str
    md5: str | None
    size: int
    metadata_sha256: str | None
    provenance: str | None
    yanked: bool
    yanked_reason: str
    uploaded_by: str
    upload_time: float


@dataclass(frozen=True, slots=True)
class Release:
    """One version of a project; `version` is canonical, `metadata` the core metadata of the file that made it."""

    id: int
    project_id: int
    version: str
    metadata: Mapping[str, JSON]
    yanked: bool
    yanked_reason: str
    created: float


_FILE_COLUMNS = (
    files.c.id,
    files.c.filename,
    files.c.project_id,
    files.c.release_id,
    releases.c.version,
    files.c.packagetype,
    files.c.python_version,
    files.c.requires_python,
    files.c.sha256,
    files.c.blake2_256,
    files.c.md5,
    files.c.size,
    files.c.metadata_sha256,
    files.c.provenance,
    or_(files.c.yanked, releases.c.yanked).label("yanked"),  # a file that came after the yank is yanked too
    case((releases.c.yanked, releases.c.yanked_reason), else_=files.c.yanked_reason).label("yanked_reason"),
    files.c.uploaded_by,
    files.c.upload_time,
)
_FILE = select(*_FILE_COLUMNS).join_from(files, releases, files.c.release_id == releases.c.id)
_LISTED = select(
    *(
        case((each.is_(None), literal_column("NULL")), else_=literal_column("''")) if each is files.c.provenance else each
        for each in _FILE_COLUMNS
    )
).join_from(files, releases, files.c.release_id == releases.c.id)
_YANKED = 14
_BY_FILENAME = Prepared(_FILE.where(files.c.filename == bindparam("wanted")))
_BY_BYTES = Prepared(_FILE.where(files.c.blake2_256 == bindparam("wanted")).order_by(files.c.id).limit(1))
_OF_PROJECT = Prepared(_LISTED.where(files.c.project_id == bindparam("wanted")).order_by(files.c.filename))
_NAME_USED = Prepared(select(filenames.c.created).where(filenames.c.filename == bindparam("wanted")))
_TAKE_NAME = Prepared(
    insert(filenames).values({name: bindparam(name) for name in ("filename", "project", "created")}), unless_there=True
)
_NEW_FILE = tuple(NewFile.__dataclass_fields__)
_INSERT_FILE = Prepared(insert(files).values({name: bindparam(name) for name in _NEW_FILE}).returning(files.c.id))
_RELEASE = select(
    releases.c.id,
    releases.c.project_id,
    releases.c.version,
    releases.c.metadata,
    releases.c.yanked,
    releases.c.yanked_reason,
    releases.c.created,
)
_BY_VERSION = Prepared(
    _RELEASE.where(releases.c.project_id == bindparam("project"), releases.c.version == bindparam("wanted")),
)
_INSERT_RELEASE = Prepared(
    insert(releases)
    .values({name: bindparam(name) for name in ("project_id", "version", "metadata", "created")})
    .returning(releases.c.id),
)
_SUMMARY = Prepared(
    update(projects)
    .where(projects.c.id == bindparam("project"), projects.c.summary != bindparam("text"))
    .values(summary=bindparam("text")),
)
_compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def token_for_upload(connection: Connection, digest: str, *, api_first: bool = False) -> Right | None:
    """What the token with this digest allows; None when it is unknown, revoked, or its publisher or user is gone.

    Expiry and burning are fields of the answer: the caller knows the time and the words. `api_first` saves a question when the
    token looks like a person's.
    """
    if api_first:
        return find_api_token(connection, digest) or find_upload_token(connection, digest)
    return find_upload_token(connection, digest) or find_api_token(connection, digest)


def find_file(connection: Connection, filename: str) -> File | None:
    """The file of exactly this name."""
    return _file(_BY_FILENAME.one(connection, wanted=filename))


def find_same_bytes(connection: Connection, blake2_256: str) -> File | None:
    """A file, of any project, that has these bytes."""
    return _file(_BY_BYTES.one(connection, wanted=blake2_256))


def filename_used(connection: Connection, filename: str) -> bool:
    """Whether a file of this name ever existed: then no other may, even after it was deleted."""
    return _NAME_USED.one(connection, wanted=filename) is not None


def files_of_project(connection: Connection, project_id: int) -> tuple[File, ...]:
    """Every file of the project, by name. Of a provenance it only says that there is one (""): a page may list thousands."""
    return tuple(_read_file(row) for row in _OF_PROJECT.all(connection, wanted=project_id))


def files_of_release(connection: Connection, release_id: int) -> tuple[File, ...]:
    """Every file of one release, by name; of a provenance, as above, that there is one."""
    query = _LISTED.where(files.c.release_id == release_id).order_by(files.c.filename)
    return tuple(_read_file(tuple(row)) for row in connection.execute(query))


def size_of_project(connection: Connection, project_id: int) -> int:
    """Bytes in all files of the project."""
    total = select(func.coalesce(func.sum(files.c.size), 0)).where(files.c.project_id == project_id)
    return int(connection.execute(total).scalar_one())


def find_release(connection: Connection, project_id: int, version: str) -> Release | None:
    """The release of this canonical version."""
    row = _BY_VERSION.one(connection, project=project_id, wanted=version)
    return None if row is None else _read_release(row)


def releases_of_project(connection: Connection, project_id: int) -> tuple[Release, ...]:
    """Every release of the project, oldest first."""
    rows = connection.execute(_RELEASE.where(releases.c.project_id == project_id).order_by(releases.c.id))
    return tuple(_read_release(tuple(row)) for row in rows)


def release_get_or_create(
    connection: Connection, project_id: int, version: str, metadata: Mapping[str, JSON], now: float
) -> tuple[Release, bool]:
    """The release of this canonical version, and whether it was made just now. Later files do not change its metadata."""
    there = find_release(connection, project_id, version)
    if there is not None:
        return there, False
    release_id = insert_release(connection, project_id, version, metadata, now)
    return Release(release_id, project_id, version, metadata, yanked=False, yanked_reason="", created=now), True


def insert_release(connection: Connection, project_id: int, version: str, metadata: Mapping[str, JSON], now: float) -> int:
    """Make the release of this canonical version, which the caller knows to be new; its id.

    Its summary is the project's from now on: whoever searches looks at one row a project, not at every release.
    """
    row = _INSERT_RELEASE.sole(connection, project_id=project_id, version=version, metadata=_compact(metadata), created=now)
    summary = metadata.get("summary")
    _SUMMARY.run(connection, project=project_id, text=summary if isinstance(summary, str) else "")
    return int(row[0])


def insert_file(connection: Connection, new: NewFile, project: str) -> int | None:
    """Store the file and take its name for ever; its id, or None when the name was taken (nothing is stored then).

    `project` is the normalized name, for the log of names.
    """
    if _TAKE_NAME.run(connection, filename=new.filename, project=project, created=new.upload_time).rowcount != 1:
        return None
    row = _INSERT_FILE.sole(connection, **{name: getattr(new, name) for name in _NEW_FILE})
    return int(row[0])


def all_files(connection: Connection) -> tuple[File, ...]:
    """Every file of the index, by project and name."""
    query = _FILE.join(projects, projects.c.id == files.c.project_id).order_by(projects.c.normalized, files.c.filename)
    return tuple(_read_file(tuple(row)) for row in connection.execute(query))


def _file(row: Row | None) -> File | None:
    return None if row is None else _read_file(row)


def _read_file(row: Row) -> File:
    values: list[Any] = list(row)
    values[_YANKED] = bool(values[_YANKED])  # SQLite has no booleans
    return File(*values)


def _read_release(row: Row) -> Release:
    return Release(row[0], row[1], row[2], json.loads(row[3]), bool(row[4]), row[5], row[6])
