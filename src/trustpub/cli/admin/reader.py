"""`trustpub admin reader`: whose ID tokens are exchanged for tokens that read a private index."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from trustpub.cli.admin.identity import gitlab_issuers, identity_options, note_unknown_issuer, typed_identity
from trustpub.cli.admin.opened import answer, opened_database, output_format
from trustpub.errors import BadInput

if TYPE_CHECKING:
    from typing import Unpack

    from trustpub.cli.admin.identity import Identity
    from trustpub.domain.claims import JSON
    from trustpub.settings import ServerSettings
    from trustpub.storage.readers import Reader


@click.group("reader")
def reader() -> None:
    """Whose ID tokens are exchanged for tokens that read a private index."""


@reader.command("add")
@identity_options("read")
@output_format
@click.pass_obj
def reader_add(
    settings: ServerSettings,
    /,
    output: str,
    **identity: Unpack[Identity],
) -> None:
    """Let an identity read: its jobs exchange their ID tokens at `/_/oidc/read-token`."""
    from trustpub.usecases.manage import checked
    from trustpub.usecases.not_done import NotDone
    from trustpub.usecases.readers import Readers

    publisher = checked(typed_identity(identity), gitlab_issuers(settings))
    with opened_database(settings) as database:
        added = Readers(database, time.time).add(None, publisher)
    if isinstance(added, NotDone):
        raise BadInput("the reader", why=added.problems[0].description)
    note_unknown_issuer(settings, publisher)
    answer(output, _row(added), _line(added))


@reader.command("list")
@output_format
@click.pass_obj
def reader_list(settings: ServerSettings, output: str) -> None:
    """List every identity that may read."""
    from trustpub.storage.readers import all_readers

    with opened_database(settings, existing=True) as database, database.read() as connection:
        found = all_readers(connection)
    answer(output, {"readers": [_row(each) for each in found]}, "\n".join(map(_line, found)))


@reader.command("remove")
@click.argument("number", type=int)
@output_format
@click.pass_obj
def reader_remove(settings: ServerSettings, number: int, output: str) -> None:
    """Let the reader NUMBER (see `list`) read no more; tokens that it holds are worth nothing from now on."""
    from trustpub.usecases.not_done import NotDone
    from trustpub.usecases.readers import Readers

    with opened_database(settings, existing=True) as database:
        gone = Readers(database, time.time).remove(None, number)
    if isinstance(gone, NotDone):
        step = "`trustpub admin reader list` names all."
        raise BadInput(f"reader {number}", why="there is none of this number", next_step=step)
    answer(output, {"removed": number}, f"may read no more: {gone.publisher.specifier}")


def _row(each: Reader) -> dict[str, JSON]:
    publisher = each.publisher
    held: dict[str, JSON] = {"refs": [*publisher.refs], "allowed_events": [*publisher.allowed_events]}
    row: dict[str, JSON] = {"id": each.id, "provider": str(publisher.provider), "issuer": publisher.issuer}
    return {**row, "publisher": {**publisher.row()}, **held}


def _line(each: Reader) -> str:
    return f"{each.id}  {each.publisher.specifier}"
