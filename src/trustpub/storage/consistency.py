"""Rows that must agree with each other, and that no constraint of the database can hold together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from trustpub.storage.tables import counters, filenames, files, projects, releases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


def contradictions(connection: Connection) -> Iterator[tuple[str, str]]:
    """What a row is about, and what is wrong with it; nothing for a sound index."""
    forgotten = select(files.c.filename).where(files.c.filename.not_in(select(filenames.c.filename)))
    for name in connection.execute(forgotten).scalars():
        yield name, "its name is not kept, and could be used again"
    elsewhere = (
        select(files.c.filename)
        .join(releases, releases.c.id == files.c.release_id)
        .where(releases.c.project_id != files.c.project_id)
    )
    for name in connection.execute(elsewhere).scalars():
        yield name, "its release is another project's"
    newest = select(counters.c.value).where(counters.c.name == "serial").scalar_subquery()
    for name in connection.execute(select(projects.c.name).where(projects.c.serial > newest)).scalars():
        yield name, "its serial is higher than the index's"
    if connection.execute(select(func.count()).select_from(counters)).scalar_one() != 2:
        yield "the index", "its serials are missing"
