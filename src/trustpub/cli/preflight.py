"""`trustpub preflight`: what the index will answer to this very job, before anything is built."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from trustpub.errors import BadInput

if TYPE_CHECKING:
    from trustpub.usecases.outside import Outside
    from trustpub.usecases.preflight import Preflight

FORMATS = ("text", "json", "github")


class Launcher(Protocol):
    """What this command is given."""

    def outside(self) -> Outside:
        """The world outside."""


@click.command("preflight")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--index", help="Only this index: pypi, testpypi, or one of trustpub.toml.")
@click.option("--exchange", is_flag=True, help="Exchange the ID token for real, and give the upload token back.")
@click.option("--create", is_flag=True, help="With --exchange: also where that may create a project.")
@click.option("--strict", is_flag=True, help="Exit 1 also when the answer is unknown.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to report.")
@click.pass_obj
def command(launchers: Launcher, path: Path, index: str | None, exchange: bool, create: bool, strict: bool, form: str) -> int:
    """Say, inside a CI job, what the index will answer to this job, before anything is built.

    Asks for the job's own ID token, and holds its claims against the publisher on record: the index's own list where it shows
    one, else what trustpub.toml states. It speaks of the job it runs in; for another one it says unknown. Without --exchange
    nothing is written anywhere. Exit status 0 when nothing is refused, 1 when an index will refuse, 3 when one cannot be reached.
    """
    from trustpub.cli.terminal import say
    from trustpub.parties.cache import cache_folder
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.usecases.preflight import Wishes, run

    if create and not exchange:
        raise BadInput("--create", why="it is about an exchange, and none is asked for", next_step="Add `--exchange`.")
    done = run(Checkout.open(path), Addresses(cache_folder()), launchers.outside(), Wishes(index, exchange, create))
    say(_report(done, form))
    unknown = any(leg.verdict == "unknown" for leg in done.legs)
    return 0 if done.ok and not (strict and unknown) else 1


def _report(done: Preflight, form: str) -> str:
    from trustpub.cli.render import preflight as render

    if form == "json":
        return render.render_json(done)
    if form == "github":
        from trustpub.cli.terminal import summarise

        summarise(render.render_summary(done))
        return render.render_github(done)
    return render.render_text(done)
