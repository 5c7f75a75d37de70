"""How much an index holds, for the people who run it: a few sums over whole tables, asked now and then."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, text, update

from trustpub.storage.tables import counters, files, mails, projects, read_tokens, releases, users


@dataclass(frozen=True, slots=True)
class Totals:
    """Rows of the tables that grow, `file_bytes` of what was uploaded, `mails` that wait to be sent, `database_bytes`."""

    projects: int
    releases: int
    files: int
    file_bytes: int
    users: int
    mails: int
    database_bytes: int


def touch(connection: Connection) -> None:
    """Write what is there already: only a commit shows that there is room, and leave, for another one."""
    connection.execute(update(counters).where(counters.c.name == "serial").values(value=counters.c.value))


def sweep_read_tokens(connection: Connection, now: float) -> None:
    """Forget tokens for reading that have ended."""
    connection.execute(delete(read_tokens).where(read_tokens.c.expires <= now))


def totals(connection: Connection) -> Totals:
    """Count everything once."""
    counted = [
        int(connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in (projects, releases, files, users, mails)
    ]
    held = connection.execute(select(func.coalesce(func.sum(files.c.size), 0))).scalar_one()
    return Totals(counted[0], counted[1], counted[2], int(held), counted[3], counted[4], _size(connection))


def _size(connection: Connection) -> int:
    """Bytes of the database itself."""
    if connection.dialect.name == "postgresql":
        asked = "SELECT pg_database_size(current_database())"
    else:
        asked = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    return int(connection.execute(text(asked)).scalar_one())
