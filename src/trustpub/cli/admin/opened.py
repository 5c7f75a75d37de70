"""What the commands of `trustpub admin` share: the option `--format`, the opened stores, and how they answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trustpub.errors import BadInput

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.settings import ServerSettings
    from trustpub.storage.blobs import LocalBlobs
    from trustpub.storage.database import Database
    from trustpub.storage.s3_blobs import S3Blobs
    from trustpub.usecases.manage import Manage
    from trustpub.usecases.operate import Operate

Function = TypeVar("Function", bound=Callable[..., Any])


def output_format(function: Function) -> Function:
    """Give a command the option `--format`."""
    return click.option(
        "--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to answer."
    )(function)


@contextmanager
def opened_database(settings: ServerSettings, *, existing: bool = False, migrate: bool = True) -> Iterator[Database]:
    """The index's database; with `existing` a data folder without one is refused instead of begun."""
    from trustpub.storage.database import Database
    from trustpub.storage.engine import embedded

    if existing and settings.database is None and not embedded(settings.data).exists():
        raise BadInput(f"data folder `{settings.data}`", why="there is no index in it", next_step="Name another with --data.")
    with Database.open(settings.data, settings.database, migrate=migrate) as database:
        yield database


def opened_blobs(settings: ServerSettings) -> LocalBlobs | S3Blobs:
    """Where the index's bytes are."""
    from trustpub.settings import blobs_folder
    from trustpub.storage.store import store_of

    return store_of(blobs_folder(settings), settings.bucket, settings.s3.endpoint, settings.s3.region)


@contextmanager
def managing(settings: ServerSettings, *, existing: bool = False) -> Iterator[Manage]:
    """The use cases of accounts, tokens and publishers."""
    import os
    import time

    from trustpub.usecases.manage import Manage

    with opened_database(settings, existing=existing) as database:
        yield Manage(database, time.time, os.urandom, settings.pending_days)


@contextmanager
def operating(settings: ServerSettings) -> Iterator[Operate]:
    """The use cases of whoever runs the index."""
    import time

    from trustpub.usecases.operate import Operate

    with opened_database(settings, existing=True) as database:
        yield Operate(database, time.time)


def answer(output: str, values: dict[str, JSON], text: str) -> None:
    """Print what came of it."""
    if output == "json":
        click.echo(json.dumps(values, ensure_ascii=True))
    elif text:
        click.echo(text)
