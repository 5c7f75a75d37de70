"""`trustpub admin`: accounts, tokens and publishers of an index, at its data."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from trustpub.errors import BadInput

if TYPE_CHECKING:
    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Database
    from trustpub.usecases.manage import Listed, Manage, NewPublisher
    from trustpub.usecases.verify_data import Verified

Function = TypeVar("Function", bound=Callable[..., Any])
PROVIDERS = ["github", "gitlab", "google", "activestate", "oidc"]


def _format(function: Function) -> Function:
    """Give a command the option `--format`."""
    return click.option(
        "--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to answer."
    )(function)


class Admin(click.Group):
    """Commands that all need `--data`, except for somebody who only asks what they do."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take any folder for an answer when only help is asked for: nothing is opened then."""
        asks = {"-h", "--help"} & set(args)
        return super().parse_args(ctx, ["--data", ".", *args] if asks and "--data" not in args else args)


@click.group("admin", cls=Admin, short_help="Manage the data of an index: users, tokens, publishers.")
@click.option("--data", required=True, type=click.Path(path_type=Path), metavar="DIR", help="Where the index keeps everything.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Settings of the index (TOML).")
@click.pass_context
def command(context: click.Context, data: Path, config: Path | None) -> None:
    """Manage the data of an index, whether its server is running or not."""
    from trustpub.settings import load

    context.obj = load(data, config)


@contextmanager
def _database(settings: ServerSettings, *, existing: bool = False, migrate: bool = True) -> Iterator[Database]:
    """The index's database; with `existing` a data folder without one is refused instead of begun."""
    from trustpub.storage.database import Database
    from trustpub.storage.engine import embedded

    if existing and settings.database is None and not embedded(settings.data).exists():
        raise BadInput(f"data folder `{settings.data}`", why="there is no index in it", next_step="Name another with --data.")
    with Database.open(settings.data, settings.database, migrate=migrate) as database:
        yield database


@contextmanager
def _manage(settings: ServerSettings, *, existing: bool = False) -> Iterator[Manage]:
    import os
    import time

    from trustpub.usecases.manage import Manage

    with _database(settings, existing=existing) as database:
        yield Manage(database, time.time, os.urandom)


@command.group("user")
def user() -> None:
    """Accounts."""


@user.command("add")
@click.argument("name")
@click.option("--email", required=True, help="Where the person can be reached.")
@click.option("--password-stdin", is_flag=True, help="Read a password from the first line of standard input.")
@click.option("--admin", is_flag=True, help="Let this account manage the whole index.")
@_format
@click.pass_obj
def user_add(settings: ServerSettings, name: str, email: str, password_stdin: bool, admin: bool, output: str) -> None:
    """Create an account. Without a password it can hold tokens, but not sign in."""
    password = sys.stdin.readline().rstrip("\n") if password_stdin else None
    with _manage(settings) as manage:
        made = manage.add_user(name, email, password=password, admin=admin)
    _answer(output, {"user": made.name, "email": made.email, "admin": made.admin}, f"user `{made.name}` was added")


@command.group("token")
def token() -> None:
    """API tokens of accounts."""


@token.command("create")
@click.argument("user")
@click.option("--scope", required=True, type=click.Choice(["upload", "manage", "read"]), help="What it may be used for.")
@click.option("--project", metavar="P", help="The one project it is for. Without it: all of the user's.")
@_format
@click.pass_obj
def token_create(settings: ServerSettings, user: str, scope: str, project: str | None, output: str) -> None:
    """Create an API token and print it: it is not stored, and cannot be shown again."""
    with _manage(settings) as manage:
        made = manage.create_token(user, scope, project)
    _answer(output, {"token": made, "user": user, "scope": scope, "project": project}, made)


@command.group("publisher")
def publisher() -> None:
    """Who may upload without an account."""


@publisher.command("add")
@click.argument("project")
@click.option("--provider", required=True, type=click.Choice(PROVIDERS), help="Whose ID tokens.")
@click.option("--owner", default="", help="GitHub: user or organization. GitLab: namespace.")
@click.option("--owner-id", default="", help="GitHub: the owner's number, which no rename changes.")
@click.option("--repository", default="", help="GitHub: repository. GitLab: project.")
@click.option("--workflow", default="", help="GitHub: the workflow's file name. GitLab: the pipeline's path.")
@click.option("--environment", default="", help="The environment that the job must have. Without it: any.")
@click.option("--set", "more", multiple=True, metavar="FIELD=VALUE", help="Another field; oidc: a claim and its exact value.")
@click.option("--issuer", metavar="URL", help="The exact issuer, when it is not the provider's own.")
@click.option("--pending", is_flag=True, help="For a project that does not exist yet: its first exchange creates it.")
@click.option("--user", metavar="U", help="Who will own the project (with --pending).")
@_format
@click.pass_obj
def publisher_add(
    settings: ServerSettings, /, project: str, pending: bool, user: str | None, output: str, more: tuple[str, ...], **options: str
) -> None:
    """Let a publisher upload to PROJECT."""
    new = _new_publisher(more, **options)
    if pending and user is None:
        raise BadInput("--pending", why="somebody must own the project", next_step="Name an account with `--user`.")
    if user is not None and not pending:
        raise BadInput("--user", why="only a pending publisher has one", next_step="Leave it away, or add `--pending`.")
    gitlabs = tuple(dict.fromkeys(issuer.url for issuer in settings.issuers if issuer.kind == "gitlab"))
    with _manage(settings) as manage:
        added = manage.add_publisher(project, new, gitlabs) if user is None else manage.add_pending(project, new, user, gitlabs)
    if added.publisher.issuer not in {issuer.url for issuer in settings.issuers}:
        click.echo(f"note: `{added.publisher.issuer}` is no issuer of this index yet: add it as `[[issuers]]`", err=True)
    _answer(output, _listed(added), _line(added))


@publisher.command("list")
@_format
@click.pass_obj
def publisher_list(settings: ServerSettings, output: str) -> None:
    """List every publisher with its project, and the pending ones."""
    with _manage(settings, existing=True) as manage:
        found = manage.publishers()
    _answer(output, {"publishers": [_listed(each) for each in found]}, "\n".join(map(_line, found)))


@publisher.command("remove")
@click.argument("project")
@click.argument("number", type=int)
@click.option("--pending", is_flag=True, help="NUMBER is that of a pending publisher.")
@_format
@click.pass_obj
def publisher_remove(settings: ServerSettings, project: str, number: int, pending: bool, output: str) -> None:
    """Take PROJECT from the publisher NUMBER (see `list`); its tokens are worth nothing there from now on."""
    with _manage(settings, existing=True) as manage:
        gone = manage.remove_pending(project, number) if pending else manage.remove_publisher(project, number)
    _answer(
        output,
        {"removed": number, "project": project, "pending": pending, "publisher": gone.row()},
        f"removed from `{project}`: {gone.specifier}",
    )


@command.group("project")
def project() -> None:
    """Projects."""


@project.command("list")
@_format
@click.pass_obj
def project_list(settings: ServerSettings, output: str) -> None:
    """List every project with its owners."""
    with _manage(settings, existing=True) as manage:
        found = manage.projects()
    rows = [{"name": each.name, "state": each.state, "serial": each.serial, "owners": list(owners)} for each, owners in found]
    text = "\n".join(f"{each.name}  {each.state}  {', '.join(owners) or 'no owner'}" for each, owners in found)
    _answer(output, {"projects": rows}, text)


@command.command("migrate")
@_format
@click.pass_obj
def migrate(settings: ServerSettings, output: str) -> None:
    """Bring the data of an older release to this one. A new or current index is left as it is."""
    with _database(settings, migrate=False) as database:
        before = database.migrate()
        after = database.revision()
    was = "they are new" if before is None else "they were already" if before == after else f"they were at {before}"
    _answer(output, {"before": before, "after": after}, f"the tables are at {after}: {was}")


@command.command("verify-data")
@_format
@click.pass_obj
def verify_data(settings: ServerSettings, output: str) -> int:
    """Read every file of the index and compare it with its row. Exit status 1 when one is damaged."""
    from trustpub.parties.archives.pool import ChildValidators
    from trustpub.settings import blobs_folder
    from trustpub.storage.blobs import LocalBlobs
    from trustpub.usecases.sidecars import Sidecars
    from trustpub.usecases.verify_data import verify_data as verify

    with _database(settings, existing=True) as database, closing(ChildValidators(1)) as validators:
        blobs = LocalBlobs(blobs_folder(settings))
        found = verify(database, blobs, Sidecars(blobs, validators).take)
    damages = [{"file": each.file, "why": each.why} for each in found.damages]
    answer = {"ok": not damages, "files": found.files, "damages": damages, "orphans": list(found.orphans)}
    _answer(output, answer, _verified(found))
    return 1 if damages else 0


def _new_publisher(more: tuple[str, ...], provider: str, issuer: str | None = None, **fields: str) -> NewPublisher:
    from trustpub.domain.publishers import Provider
    from trustpub.usecases.manage import NewPublisher

    pairs = []
    for pair in more:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput(f"--set `{pair}`", why="it must be FIELD=VALUE")
        pairs.append((name, value))
    return NewPublisher(Provider(provider), issuer=issuer, more=tuple(pairs), **fields)


def _listed(each: Listed) -> dict[str, object]:
    row: dict[str, object] = {"id": each.id, "project": each.project, "pending": each.pending}
    if each.user is not None:
        row["user"] = each.user
    publisher = each.publisher
    return {**row, "provider": str(publisher.provider), "issuer": publisher.issuer, "publisher": publisher.row()}


def _line(each: Listed) -> str:
    pending = f"  (pending, for {each.user})" if each.pending else ""
    return f"{each.project}  {each.id}  {each.publisher.specifier}{pending}"


def _verified(found: Verified) -> str:
    lines = [f"{each.file}: {each.why}" for each in found.damages]
    lines += [f"orphan {sha256}: no file names it; the sweeper will remove it" for sha256 in found.orphans]
    good = "every file has its bytes" if not found.damages else f"damaged: {len(found.damages)}"
    return "\n".join([*lines, f"{found.files} files, {good}"])


def _answer(output: str, values: dict[str, Any], text: str) -> None:
    if output == "json":
        click.echo(json.dumps(values, ensure_ascii=True))
    elif text:
        click.echo(text)
