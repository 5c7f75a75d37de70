"""`trustpub admin token`: API tokens of accounts."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from trustpub.cli.admin.opened import answer, managing, operating, output_format
from trustpub.errors import BadInput

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.settings import ServerSettings
    from trustpub.storage.accounts import ApiTokenRow


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


@token.command("list")
@click.argument("user")
@output_format
@click.pass_obj
def list_tokens(settings: ServerSettings, user: str, output: str) -> None:
    """List USER's API tokens; never the tokens themselves, which are not stored."""
    with operating(settings) as operate:
        found = operate.tokens(user)
    answer(output, {"tokens": [_row(each) for each in found]}, "\n".join(map(_line, found)))


@token.command("revoke")
@click.argument("user", required=False)
@click.argument("number", required=False, type=int)
@click.option("--stdin", "piped", is_flag=True, help="Read the token itself from the first line of standard input.")
@output_format
@click.pass_obj
def revoke(settings: ServerSettings, user: str | None, number: int | None, piped: bool, output: str) -> None:
    """Make a token worthless at once: USER's token NUMBER (see `list`), or one that was found where it should not be."""
    if piped == (user is not None) or (user is None) != (number is None):
        step = "Give USER and NUMBER, or pipe the token in with `--stdin`: on the command line others could read it."
        raise BadInput("which token", why="it is not said, or said twice", next_step=step)
    with operating(settings) as operate:
        if user is None or number is None:
            gone = operate.revoke_found_token(sys.stdin.readline())
        else:
            gone = operate.revoke_token(user, number)
    answer(output, {"revoked": _row(gone)}, f"revoked: {_line(gone)}")


def _row(each: ApiTokenRow) -> dict[str, JSON]:
    return {
        "id": each.id,
        "description": each.description,
        "scope": each.scope,
        "project": each.project,
        "created": each.created,
        "expires": each.expires,
        "used": each.used_at,
    }


def _line(each: ApiTokenRow) -> str:
    used = "never used" if each.used_at is None else f"used {_day(each.used_at)}"
    ends = [] if each.expires is None else [f"until {_day(each.expires)}"]
    named = [each.description] if each.description else []
    return "  ".join(
        [str(each.id), each.scope, each.project or "all projects", f"since {_day(each.created)}", used, *ends, *named]
    )


def _day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d")
