"""Taking releases and files back: yanked ones stay and are not chosen, deleted ones go, and their names stay taken."""

from __future__ import annotations

import json

from sqlalchemy import Connection, delete, exists, select, update

from trustpub.storage.tables import files, projects, releases


def set_yanked(connection: Connection, release_id: int, yanked: bool, reason: str) -> None:
    """Yank a release with every file of it, or take that back."""
    values = {"yanked": yanked, "yanked_reason": reason}
    changed = update(releases).where(releases.c.id == release_id).values(**values).returning(releases.c.project_id)
    project = connection.execute(changed).scalar_one_or_none()
    connection.execute(update(files).where(files.c.release_id == release_id).values(**values))
    _sum_up(connection, project)


def delete_file(connection: Connection, file_id: int) -> None:
    """Remove a file's row; the sweeper takes its bytes, and its name is never used again."""
    project = connection.execute(delete(files).where(files.c.id == file_id).returning(files.c.project_id)).scalar_one_or_none()
    _sum_up(connection, project)


def delete_release(connection: Connection, release_id: int) -> None:
    """Remove a release with its files."""
    gone = delete(releases).where(releases.c.id == release_id).returning(releases.c.project_id)
    _sum_up(connection, connection.execute(gone).scalar_one_or_none())


def _sum_up(connection: Connection, project_id: int | None) -> None:
    """Give the project the summary of its newest release that has files and is not yanked, else of a yanked one, else none.

    So no search finds a project by what it does not say any more.
    """
    newest = (
        select(releases.c.metadata)
        .where(releases.c.project_id == project_id, exists().where(files.c.release_id == releases.c.id))
        .order_by(releases.c.yanked, releases.c.id.desc())
        .limit(1)
    )
    metadata = connection.execute(newest).scalar_one_or_none()
    summary = None if metadata is None else json.loads(metadata).get("summary")
    text = summary if isinstance(summary, str) else ""
    connection.execute(update(projects).where(projects.c.id == project_id).values(summary=text))
