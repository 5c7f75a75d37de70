"""`trustpub admin migrate`, `backup` and `restore`: an index as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from trustpub.cli.admin.opened import answer, opened_blobs, opened_database, output_format

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.settings import ServerSettings
    from trustpub.usecases.backup import Made


@click.command("migrate")
@output_format
@click.pass_obj
def migrate(settings: ServerSettings, output: str) -> None:
    """Bring the data of an older release to this one. A new or current index is left as it is."""
    with opened_database(settings, migrate=False) as database:
        before = database.migrate()
        after = database.revision()
    was = "they are new" if before is None else "they were already" if before == after else f"they were at {before}"
    answer(output, {"before": before, "after": after}, f"the tables are at {after}: {was}")


@click.command("backup")
@click.argument("folder", type=click.Path(path_type=Path))
@output_format
@click.pass_obj
def backup(settings: ServerSettings, folder: Path, output: str) -> None:
    """Copy the whole index into the new FOLDER, also while it serves. Keep it as secret as the index itself.

    Files are linked rather than copied where that can be; so put FOLDER, or a copy of it, on another disk.
    """
    import time

    from trustpub.usecases.backup import Backup

    with opened_database(settings, existing=True) as database:
        made = Backup(database, opened_blobs(settings), time.time).make(folder)
    answer(output, {"backup": str(folder), **_counted(made)}, f"`{folder}`: {_words(made)}")


@click.command("restore")
@click.argument("folder", type=click.Path(path_type=Path))
@output_format
@click.pass_obj
def restore(settings: ServerSettings, folder: Path, output: str) -> None:
    """Put the backup in FOLDER into this index, which must be empty. Everything is compared with its SHA-256 first.

    The index may be of the other kind: a backup from SQLite and files goes into PostgreSQL and S3, and back.
    """
    import time

    from trustpub.usecases.restore import restore as put_back

    with opened_database(settings) as database:
        made = put_back(folder, database, opened_blobs(settings), time.time)
    answer(output, {"restored": str(folder), **_counted(made)}, f"restored: {_words(made)}")


def _counted(made: Made) -> dict[str, JSON]:
    return {"rows": made.rows, "files": made.files, "blobs": made.blobs, "bytes": made.bytes}


def _words(made: Made) -> str:
    return f"{made.rows} rows, {made.files} files, {made.bytes} bytes"
