"""Bringing a database to the tables of this release: at once when it is new or current, by alembic when it is older."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import inspect, text

from trustpub.errors import Broken
from trustpub.storage.tables import counters, metadata

if TYPE_CHECKING:
    from sqlalchemy import Connection

REVISION = "0002"
"""The newest migration. Alembic takes long to import, so it is only asked when this is not what the database holds."""

SCRIPTS = Path(__file__).parent / "migrations"


def revision_of(connection: Connection) -> str | None:
    """The migration this database is at; None when it holds no table yet."""
    there = set(inspect(connection).get_table_names())
    if "alembic_version" not in there:
        if there:
            raise Broken("the database", why="its tables are not trustpub's", next_step="Give a data folder of its own.")
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def upgrade(connection: Connection) -> str | None:
    """Bring the database to `REVISION`, in the transaction the caller began, and say which revision it was at before.

    A new database gets its tables as they are now; a test holds them equal to what the migrations make. Raises `Broken` for a
    database of a newer release.
    """
    before = revision_of(connection)
    if before == REVISION:
        return before
    if before is None:
        _create(connection)
    else:
        migrate_from(connection, before)
    return before


def _create(connection: Connection) -> None:
    metadata.create_all(connection, checkfirst=False)
    connection.execute(counters.insert(), [{"name": "serial", "value": 0}, {"name": "index", "value": 0}])
    connection.execute(
        text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY)")
    )
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:now)"), {"now": REVISION})


def migrate_from(connection: Connection, before: str | None) -> None:
    """Run every migration after `before` (None: all of them), in the transaction the caller began."""
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    try:
        ScriptDirectory.from_config(config).get_revision(before or REVISION)
    except CommandError:
        why = f"it was written by a newer trustpub (revision `{before}`)"
        raise Broken("the database", why=why, next_step="Upgrade trustpub.") from None
    if not connection.in_transaction():
        # SQLAlchemy has not seen our BEGIN yet, and alembic would begin and commit one of its own.
        connection.begin()
    command.upgrade(config, REVISION)
