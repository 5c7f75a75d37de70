"""`trustpub admin publisher`: who may upload without an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from trustpub.cli.admin.identity import gitlab_issuers, identity_options, note_unknown_issuer, typed_identity
from trustpub.cli.admin.opened import answer, managing, output_format
from trustpub.errors import BadInput

if TYPE_CHECKING:
    from typing import Unpack

    from trustpub.cli.admin.identity import Identity
    from trustpub.domain.claims import JSON
    from trustpub.settings import ServerSettings
    from trustpub.usecases.manage import Listed


@click.group("publisher")
def publisher() -> None:
    """Who may upload without an account."""


@publisher.command("add")
@click.argument("project")
@identity_options("publish")
@click.option("--pending", is_flag=True, help="For a project that does not exist yet: its first exchange creates it.")
@click.option("--user", metavar="U", help="Who will own the project (with --pending).")
@output_format
@click.pass_obj
def publisher_add(
    settings: ServerSettings,
    /,
    project: str,
    pending: bool,
    user: str | None,
    output: str,
    **identity: Unpack[Identity],
) -> None:
    """Let a publisher upload to PROJECT."""
    new = typed_identity(identity)
    if pending and user is None:
        raise BadInput("--pending", why="somebody must own the project", next_step="Name an account with `--user`.")
    if user is not None and not pending:
        raise BadInput("--user", why="only a pending publisher has one", next_step="Leave it away, or add `--pending`.")
    gitlabs = gitlab_issuers(settings)
    with managing(settings) as manage:
        added = manage.add_publisher(project, new, gitlabs) if user is None else manage.add_pending(project, new, user, gitlabs)
    note_unknown_issuer(settings, added.publisher)
    answer(output, _listed(added), _line(added))


@publisher.command("list")
@output_format
@click.pass_obj
def publisher_list(settings: ServerSettings, output: str) -> None:
    """List every publisher with its project, and the pending ones."""
    with managing(settings, existing=True) as manage:
        found = manage.publishers()
    answer(output, {"publishers": [_listed(each) for each in found]}, "\n".join(map(_line, found)))


@publisher.command("remove")
@click.argument("project")
@click.argument("number", type=int)
@click.option("--pending", is_flag=True, help="NUMBER is that of a pending publisher.")
@output_format
@click.pass_obj
def publisher_remove(settings: ServerSettings, project: str, number: int, pending: bool, output: str) -> None:
    """Take PROJECT from the publisher NUMBER (see `list`); its tokens are worth nothing there from now on."""
    with managing(settings, existing=True) as manage:
        gone = manage.remove_pending(project, number) if pending else manage.remove_publisher(project, number)
    answer(
        output,
        {"removed": number, "project": project, "pending": pending, "publisher": {**gone.row()}},
        f"removed from `{project}`: {gone.specifier}",
    )


def _listed(each: Listed) -> dict[str, JSON]:
    row: dict[str, JSON] = {"id": each.id, "project": each.project, "pending": each.pending}
    if each.user is not None:
        row["user"] = each.user
    publisher = each.publisher
    if publisher.refs:
        row["refs"] = [*publisher.refs]
    if publisher.allowed_events:
        row["allowed_events"] = [*publisher.allowed_events]
    return {**row, "provider": str(publisher.provider), "issuer": publisher.issuer, "publisher": {**publisher.row()}}


def _line(each: Listed) -> str:
    pending = f"  (pending, for {each.user})" if each.pending else ""
    return f"{each.project}  {each.id}  {each.publisher.specifier}{pending}"
