"""`trustpub admin`: the data of an index, at its data. One file a group of commands."""

from __future__ import annotations

from pathlib import Path

import click

from trustpub.cli.admin import bytes as bytes_
from trustpub.cli.admin import project, publisher, reader, tables, token, user


class Admin(click.Group):
    """Commands that all need `--data`, except for somebody who only asks what they do."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take any folder for an answer when only help is asked for: nothing is opened then."""
        asks = {"-h", "--help"} & set(args)
        return super().parse_args(ctx, ["--data", ".", *args] if asks and "--data" not in args else args)


@click.group("admin", cls=Admin, short_help="Manage the data of an index: users, tokens, publishers.")
@click.option("--data", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where the index keeps everything.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings of the index (TOML).")
@click.option("--index", metavar="PATH", help="Which index of the settings, by its `path`. Without it: the one at the root.")
@click.pass_context
def command(context: click.Context, data: Path, config: Path | None, index: str | None) -> None:
    """Manage the data of an index, whether its server is running or not."""
    from trustpub.settings import index_at, load

    settings = load(data, config)
    context.obj = settings if index is None else index_at(settings, index)


for each in (user.user, token.token, publisher.publisher, project.project, reader.reader):
    command.add_command(each)
for one in (tables.migrate, tables.backup, tables.restore, bytes_.verify_data, bytes_.gc):
    command.add_command(one)
