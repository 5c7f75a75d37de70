"""`trustpub admin token`: API tokens of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trustpub.cli.admin.opened import answer, managing, output_format

if TYPE_CHECKING:
    from trustpub.settings import ServerSettings


@click.group("token")
def token() -> None:
    """API tokens of accounts."""


@token.command("create")
@click.argument("user")
@click.option("--scope", required=True, type=click.Choice(["upload", "manage", "read"]), help="What it may be used for.")
@click.option("--project", metavar="P", help="The one project it is for. Without it: all of the user's.")
@output_format
@click.pass_obj
def create(settings: ServerSettings, user: str, scope: str, project: str | None, output: str) -> None:
    """Create an API token and print it: it is not stored, and cannot be shown again."""
    with managing(settings) as manage:
        made = manage.create_token(user, scope, project)
    answer(output, {"token": made, "user": user, "scope": scope, "project": project}, made)
