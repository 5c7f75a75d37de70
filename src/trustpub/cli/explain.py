"""`trustpub explain`: why a release failed, from its log."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from trustpub.errors import BadInput, TrustpubError

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.failures import Found
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.rules.facts import Facts
    from trustpub.usecases.explain import Source
    from trustpub.usecases.failed_run import FailedRun
    from trustpub.usecases.outside import Outside

FORMATS = ("text", "json")


class Launcher(Protocol):
    """What this command is given to ask GitHub with."""

    def outside(self) -> Outside:
        """The world outside."""


@click.command("explain")
@click.argument("file", default="-", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--path", type=click.Path(path_type=Path), help="The checkout of the repository (default: here, if it has a workflow)."
)
@click.option("--run", metavar="ID|URL", help="Read the failed jobs of this run from GitHub.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to report.")
@click.pass_obj
def command(launchers: Launcher, file: Path, path: Path | None, run: str | None, form: str) -> int:
    """Explain a failed release from its log or error text (FILE, or stdin).

    Names the causes that it knows, the most likely first, each with the lines that show it, the field and what to do. With a
    checkout at hand it says which field of the publisher differs, both values and the side to change. Nothing secret is repeated.
    Exit status 0 when something was explained, 1 when nothing in the log is known.
    """
    from trustpub.cli.terminal import say
    from trustpub.parties.cache import cache_folder
    from trustpub.parties.index.addresses import Addresses

    addresses = Addresses(cache_folder())
    checkout = _checkout(path)
    facts = _facts(checkout, addresses, asked=path is not None) if checkout else None
    if run is None:
        causes = _explained((_read(file),), facts, addresses)
    else:
        if str(file) != "-":
            raise BadInput("--run", why=f"a log was given as well: `{file}`", next_step="Give one of the two")
        read = _run(run, facts, launchers)
        if facts is not None and read.slug.lower() != facts.repository.slug.lower():
            facts = None  # another repository's checkout says nothing about this run
        causes = (*read.states, *_explained(read.sources, facts, addresses))
        if not (causes or read.sources) and form == "text":
            return 1  # why there is no log to look at was said when it was looked for
    say(_render(causes, form))
    return 0 if causes else 1


def _explained(sources: tuple[Source, ...], facts: Facts | None, addresses: Addresses) -> tuple[Found, ...]:
    from trustpub.usecases.explain import explain

    return explain(sources, facts, _names(facts, addresses))


def _names(facts: Facts | None, addresses: Addresses) -> Callable[[str], str | None]:
    """Make what names the index of an address in a log: one of trustpub.toml, or PyPI's own."""
    declared = facts.declaration.indexes if facts else {}

    def name_of(address: str) -> str | None:
        for name, index in declared.items():
            if f"{address}/".startswith(f"{index.url.rstrip('/')}/"):
                return name
        return addresses.name_of(address)

    return name_of


def _read(file: Path) -> Source:
    from trustpub.usecases.explain import LONGEST_LOG, Source

    try:
        if str(file) != "-":
            with file.open("rb") as stream:
                return Source(_unpacked(stream.read(LONGEST_LOG + 1), f"the log `{file}`"))
        if sys.stdin is None:
            raise BadInput("the log", why="there is no standard input to read it from", next_step="Name a file")
        if sys.stdin.isatty():
            click.echo("explain: paste the log, then end with Ctrl-D", err=True)
        return Source(_unpacked(sys.stdin.buffer.read(LONGEST_LOG + 1), "the log"))
    except OSError as problem:
        raise BadInput(
            f"the log `{file}`", why=(problem.strerror or str(problem)).lower(), next_step="Name a file, or `-` for stdin"
        ) from None


def _unpacked(log: bytes, what: str) -> bytes:
    """Return a log that can be read. Raises `BadInput` for an archive: GitHub packs the logs that are downloaded."""
    if log.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise BadInput(what, why="it is packed", next_step="Unpack it, and name the file of the failed job; or use `--run`")
    return log


def _checkout(path: Path | None) -> Checkout | None:
    """Open the checkout that was asked for, else the one here when it has a workflow."""
    from trustpub.parties.git import Checkout

    if path is not None:
        return Checkout.open(path)
    try:
        here = Checkout.open(".")
    except TrustpubError:
        return None
    return here if here.files else None


def _facts(checkout: Checkout, addresses: Addresses, *, asked: bool) -> Facts | None:
    """Read the checkout. One that nobody asked for and that cannot be read is left out, and that is said."""
    from trustpub.usecases.gather import gather
    from trustpub.workflows.predict import Wanted

    try:
        return gather(checkout, addresses, Wanted(), whole=True)
    except TrustpubError as problem:
        if asked:
            raise
        click.echo(f"explain: the checkout here is left out: {problem}", err=True)
        return None


def _run(text: str, facts: Facts | None, launchers: Launcher) -> FailedRun:
    """Read the run from GitHub. A host that is not known to be a GitHub is never sent a token."""
    from trustpub.parties.github.api import api_of, is_github
    from trustpub.parties.github.client import Client
    from trustpub.parties.github.token import find_token
    from trustpub.usecases.failed_run import named, read_failed_run

    run = named(text)
    slug = run.slug or (facts.repository.slug if facts else "")
    host = run.host or (facts.host if facts else "") or "github.com"
    if not slug:
        raise BadInput(
            "--run", why="a number alone says no repository", next_step="Give the address of the run's page, or --path"
        )
    outside = launchers.outside()
    if not is_github(host, outside.environment):
        raise BadInput("--run", why=f"`{host}` is not known to be a GitHub", next_step="Name it in the variable GH_HOST")
    token = find_token(host, outside.environment, outside.run)
    api = api_of(host, outside.environment)
    client = Client(host, outside.send, token, api=api, clock=outside.clock, sleep=outside.sleep, say=outside.say)
    read = read_failed_run(client, slug, run.run, outside.say)
    for gap in read.gaps:
        outside.say(f"explain: could not be read: {gap}")
    return read


def _render(causes: tuple[Found, ...], form: str) -> str:
    if form == "json":
        from trustpub.cli.render.explain_json import render_json

        return render_json(causes)
    from trustpub.cli.render.explain_text import render_text
    from trustpub.cli.terminal import coloured, styled

    if coloured(sys.stdout):
        return render_text(causes, lambda text, colour: styled(text, colour, bold=True))
    return render_text(causes)
