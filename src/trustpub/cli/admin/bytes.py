"""`trustpub admin verify-data` and `gc`: the bytes of an index's files."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from trustpub.cli.admin.opened import answer, opened_blobs, opened_database, output_format
from trustpub.errors import BadInput

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.settings import ServerSettings
    from trustpub.usecases.verify_data import Verified


@click.command("verify-data")
@output_format
@click.pass_obj
def verify_data(settings: ServerSettings, output: str) -> int:
    """Read every file of the index and compare it with its row. Exit status 1 when one is damaged."""
    from trustpub.parties.archives.pool import ChildValidators
    from trustpub.usecases.sidecars import Sidecars
    from trustpub.usecases.verify_data import verify_data as verify

    with opened_database(settings, existing=True) as database, closing(ChildValidators(1)) as validators:
        blobs = opened_blobs(settings)
        found = verify(database, blobs, Sidecars(blobs, validators).take)
    damages: list[JSON] = [{"file": each.file, "why": each.why} for each in found.damages]
    values: dict[str, JSON] = {"ok": not damages, "files": found.files, "damages": damages, "orphans": [*found.orphans]}
    answer(output, values, _verified(found))
    return 1 if damages else 0


@click.command("gc")
@click.option("--dry-run", is_flag=True, help="Name what nobody names, and take nothing away.")
@output_format
@click.pass_obj
def gc(settings: ServerSettings, dry_run: bool, output: str) -> None:
    """Take away the bytes that no file names, a day after they were last touched. The server does it every hour."""
    import time

    from trustpub.usecases.collect_garbage import collect_garbage, garbage

    with opened_database(settings, existing=True) as database:
        blobs = opened_blobs(settings)
        if dry_run:
            orphans = garbage(database, blobs)
            text = "\n".join([*orphans, f"{len(orphans)} blobs that no file names"])
            answer(output, {"orphans": [*orphans]}, text)
            return
        done = collect_garbage(database, blobs, time.time)
    if done is None:
        raise BadInput("the index", why="a sweep or a backup is under way", next_step="Try again when it has ended.")
    text = f"removed {done.blobs} blobs and {done.temps} temporary files"
    answer(output, {"removed": done.blobs, "temporary_files": done.temps}, text)


def _verified(found: Verified) -> str:
    lines = [f"{each.file}: {each.why}" for each in found.damages]
    lines += [f"orphan {sha256}: no file names it; the sweeper will remove it" for sha256 in found.orphans]
    good = "every file has its bytes" if not found.damages else f"damaged: {len(found.damages)}"
    return "\n".join([*lines, f"{found.files} files, {good}"])
