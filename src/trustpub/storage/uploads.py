"""Questions that only an upload and the sweeper of blobs ask."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, literal, select

from trustpub.storage.statements import Prepared
from trustpub.storage.tables import blob_uses, files, releases

_SDIST = Prepared(
    select(files.c.filename)
    .join_from(releases, files, files.c.release_id == releases.c.id)
    .where(
        releases.c.project_id == bindparam("project"),
        releases.c.version == bindparam("wanted"),
        files.c.packagetype == "sdist",
    ),
)
_NAMED_BY_FILE = Prepared(select(literal(1)).where(files.c.sha256 == bindparam("wanted")).limit(1))
_NAMED_AS_METADATA = Prepared(select(literal(1)).where(files.c.metadata_sha256 == bindparam("wanted")).limit(1))
_IN_USE = Prepared(
    select(literal(1)).where(blob_uses.c.sha256 == bindparam("wanted"), blob_uses.c.created >= bindparam("since")).limit(1),
)


def sdist_of_release(connection: Connection, project_id: int, version: str) -> str | None:
    """The file name of the release's source distribution, if it has one."""
    row = _SDIST.one(connection, project=project_id, wanted=version)
    return None if row is None else str(row[0])


def is_blob_wanted(connection: Connection, sha256: str, since: float) -> bool:
    """Whether a file names this blob, or an upload said at `since` or later that it is about to.

    An older use is left over from an upload that died.
    """
    return (
        _NAMED_BY_FILE.one(connection, wanted=sha256) is not None
        or _NAMED_AS_METADATA.one(connection, wanted=sha256) is not None
        or _IN_USE.one(connection, wanted=sha256, since=since) is not None
    )
