"""`trustpub rehearse`: the whole release flow on this machine."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from trustpub.errors import BadInput

if TYPE_CHECKING:
    from trustpub.usecases.legs import PlannedLeg
    from trustpub.usecases.predict import Options as Wanted
    from trustpub.usecases.rehearsal import Rehearsal
    from trustpub.usecases.rehearse import Troupe

FORMATS = ("text", "json", "html")


class Launcher(Protocol):
    """What this command is given to play with."""

    def troupe(self) -> Troupe:
        """The stage's launcher and the real clients."""


@click.command("rehearse")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--index", help="Only the leg to this index.")
@click.option("--workflow", help="Only this workflow file.")
@click.option("--job", help="Only this job.")
@click.option("--event", help="Only this event, for example push, release or workflow_dispatch.")
@click.option("--package", help="The package's folder, when there are several.")
@click.option("--dist", type=click.Path(path_type=Path), help="Take the built files of this folder instead of building.")
@click.option("--thorough", is_flag=True, help="Try more attacks.")
@click.option("--no-isolation", is_flag=True, help="Build with what is installed here; nothing is fetched from any index.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to report.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to this file.")
@click.pass_obj
def command(
    launchers: Launcher,
    path: Path,
    index: str | None,
    workflow: str | None,
    job: str | None,
    event: str | None,
    package: str | None,
    dist: Path | None,
    thorough: bool,
    no_isolation: bool,
    form: str,
    output: Path | None,
) -> int:
    """Rehearse the release of the project at PATH (default: here), with the real clients and a local index.

    Predicts what each publishing job will say, builds the package, and then plays every leg of the workflow on this machine: an
    ID token from an emulated GitHub, the exchange, the upload by uv and by twine, the download by pip, and attacks that must be
    refused. Nothing reaches a real index. Exit status 0 when all of it held, 1 when a leg failed or an attack was accepted.
    """
    from trustpub.usecases.predict import Options as Wanted
    from trustpub.usecases.rehearse import Options, rehearse

    if output is not None and not output.parent.is_dir():
        raise BadInput(f"--output `{output}`", why="there is no such folder")
    legs, root = _plan(path, Wanted(index, workflow, job, event, package))
    troupe = launchers.troupe()
    with tempfile.TemporaryDirectory(prefix="trustpub-rehearse-") as scratch:
        options = Options(Path(scratch), dist, thorough=thorough, isolated=not no_isolation, progress=_say)
        found = rehearse(legs, root, troupe, options)
    report = _render(found, form)
    if output is None:
        click.echo(report, nl=False)
    else:
        _write(output, report)
        _say(f"report in {output}")
    return 0 if found.ok else 1


def _plan(path: Path, wanted: Wanted) -> tuple[tuple[PlannedLeg, ...], Path]:
    """The legs of the checkout, and its root."""
    from trustpub.parties.cache import cache_folder
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.usecases.legs import plan_legs
    from trustpub.usecases.predict import run_for_one_package

    addresses = Addresses(cache_folder())
    found = run_for_one_package(Checkout.open(path), wanted, addresses)
    return plan_legs(found.predictions, found.declaration, addresses), Path(found.checkout.root)


def _render(found: Rehearsal, form: str) -> str:
    if form == "json":
        from trustpub.cli.render.rehearsal_json import render_json as render
    elif form == "html":
        from trustpub.cli.render.rehearsal_html import render_html as render
    else:
        from trustpub.cli.render.rehearsal_text import render_text as render
    return render(found)


def _write(output: Path, report: str) -> None:
    try:
        output.write_text(report, encoding="utf-8")
    except OSError as problem:
        raise BadInput(f"--output `{output}`", why=problem.strerror or str(problem)) from problem


def _say(line: str) -> None:
    """Progress goes to stderr: stdout belongs to the report."""
    click.echo(f"rehearse: {line}", err=True)
