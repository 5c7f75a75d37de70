"""Taking releases and files back: yanked ones stay and are not chosen, deleted ones go, and their names stay taken."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select, update

from trustpub.storage.tables import files, releases


def set_yanked(connection: Connection, release_id: int, yanked: bool, reason: str) -> None:
    """Yank a release with every file of it, or take that back."""
    values = {"yanked": yanked, "yanked_reason": reason}
    connection.execute(update(releases).where(releases.c.id == release_id).values(**values))
    connection.execute(update(files).where(files.c.release_id == release_id).values(**values))


def delete_file(connection: Connection, file_id: int) -> None:
    """Remove a file's row; the sweeper takes its bytes, and its name is never used again."""
    connection.execute(delete(files).where(files.c.id == file_id))


def delete_release(connection: Connection, release_id: int) -> None:
    """Remove a release with its files."""
    connection.execute(delete(releases).where(releases.c.id == release_id))


def filenames_of(connection: Connection, release_id: int) -> tuple[str, ...]:
    """The names of a release's files."""
    query = select(files.c.filename).where(files.c.release_id == release_id).order_by(files.c.filename)
    return tuple(connection.execute(query).scalars())
