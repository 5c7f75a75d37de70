"""An identity typed as options: of a publisher, which may upload, and of a reader, which may read."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, TypeVar

import click

from trustpub.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.publishers import Publisher
    from trustpub.settings import ServerSettings
    from trustpub.usecases.manage import NewPublisher

Command = TypeVar("Command", bound="Callable[..., None]")

PROVIDERS = ["github", "gitlab", "google", "activestate", "oidc"]


class Identity(TypedDict):
    """The options as they were typed."""

    provider: str
    owner: str
    owner_id: str
    repository: str
    workflow: str
    environment: str
    issuer: str | None
    more: tuple[str, ...]
    refs: tuple[str, ...]
    events: tuple[str, ...]


def identity_options(verb: str) -> Callable[[Command], Command]:
    """The options that make an `Identity`; `verb` is what the identity may do here."""
    options = [
        click.option("--provider", required=True, type=click.Choice(PROVIDERS), help="Whose ID tokens."),
        click.option("--owner", default="", help="GitHub: user or organization. GitLab: namespace."),
        click.option("--owner-id", default="", help="GitHub: the owner's number, which no rename changes."),
        click.option("--repository", default="", help="GitHub: repository. GitLab: project."),
        click.option("--workflow", default="", help="GitHub: the workflow's file name. GitLab: the pipeline's path."),
        click.option("--environment", default="", help="The environment that the job must have. Without it: any."),
        click.option(
            "--set", "more", multiple=True, metavar="FIELD=VALUE", help="Another field; oidc: a claim and its exact value."
        ),
        click.option("--issuer", metavar="URL", help="The exact issuer, when it is not the provider's own."),
        click.option(
            "--ref", "refs", multiple=True, metavar="PATTERN", help="Only from refs like this one, such as `refs/tags/v*`."
        ),
        click.option("--allow-event", "events", multiple=True, metavar="EVENT", help=f"GitHub: let this risky event {verb} too."),
    ]

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def typed_identity(typed: Identity) -> NewPublisher:
    """The identity that was typed. Raises `BadInput` for a field that is written wrongly."""
    from trustpub.domain.publishers import Provider
    from trustpub.usecases.manage import NewPublisher

    return NewPublisher(
        Provider(typed["provider"]),
        typed["owner"],
        typed["owner_id"],
        typed["repository"],
        typed["workflow"],
        typed["environment"],
        typed["issuer"],
        tuple(map(_pair, typed["more"])),
        typed["refs"],
        typed["events"],
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise BadInput(f"--set `{text}`", why="it must be FIELD=VALUE")
    return name, value


def gitlab_issuers(settings: ServerSettings) -> tuple[str, ...]:
    """The addresses of every GitLab that this index trusts, each once."""
    return tuple(dict.fromkeys(issuer.url for issuer in settings.issuers if issuer.kind == "gitlab"))


def note_unknown_issuer(settings: ServerSettings, publisher: Publisher) -> None:
    """Say that nobody can come as this publisher yet, because the index does not know its issuer."""
    if publisher.issuer not in {issuer.url for issuer in settings.issuers}:
        click.echo(f"note: `{publisher.issuer}` is no issuer of this index yet: add it as `[[issuers]]`", err=True)
