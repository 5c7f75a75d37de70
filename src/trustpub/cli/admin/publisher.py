"""`trustpub admin publisher`: who may upload without an account."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from trustpub.cli.admin.opened import answer, managing, output_format
from trustpub.errors import BadInput

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON
    from trustpub.settings import ServerSettings
    from trustpub.usecases.manage import Listed, NewPublisher

PROVIDERS = ["github", "gitlab", "google", "activestate", "oidc"]


@click.group("publisher")
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
@click.option("--ref", "refs", multiple=True, metavar="PATTERN", help="Only from refs like this one, such as `refs/tags/v*`.")
@click.option("--allow-event", "events", multiple=True, metavar="EVENT", help="GitHub: let this risky event publish too.")
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
    more: tuple[str, ...],
    refs: tuple[str, ...],
    events: tuple[str, ...],
    **options: str,
) -> None:
    """Let a publisher upload to PROJECT."""
    new = replace(new_publisher(more, **options), refs=refs, allowed_events=events)
    if pending and user is None:
        raise BadInput("--pending", why="somebody must own the project", next_step="Name an account with `--user`.")
    if user is not None and not pending:
        raise BadInput("--user", why="only a pending publisher has one", next_step="Leave it away, or add `--pending`.")
    gitlabs = tuple(dict.fromkeys(issuer.url for issuer in settings.issuers if issuer.kind == "gitlab"))
    with managing(settings) as manage:
        added = manage.add_publisher(project, new, gitlabs) if user is None else manage.add_pending(project, new, user, gitlabs)
    if added.publisher.issuer not in {issuer.url for issuer in settings.issuers}:
        click.echo(f"note: `{added.publisher.issuer}` is no issuer of this index yet: add it as `[[issuers]]`", err=True)
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


def new_publisher(
    more: tuple[str, ...],
    provider: str,
    owner: str,
    owner_id: str,
    repository: str,
    workflow: str,
    environment: str,
    issuer: str | None = None,
) -> NewPublisher:
    """The publisher that was typed. Raises `BadInput` for a field that is written wrongly."""
    from trustpub.domain.publishers import Provider
    from trustpub.usecases.manage import NewPublisher

    pairs = []
    for pair in more:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput(f"--set `{pair}`", why="it must be FIELD=VALUE")
        pairs.append((name, value))
    return NewPublisher(Provider(provider), owner, owner_id, repository, workflow, environment, issuer, tuple(pairs))


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
