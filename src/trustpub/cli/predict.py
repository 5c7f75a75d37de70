"""`trustpub predict`: which claims each publishing step will present, and what the index will answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from trustpub.usecases.predict import Predictions

_COLOURS = {"publishes": "green", "depends": "yellow", "refused": "red", "never": "red"}


@click.command("predict")
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--index", help="Only uploads to this index: pypi, testpypi, or one of trustpub.toml.")
@click.option("--workflow", help="Only this workflow file.")
@click.option("--job", help="Only this job.")
@click.option("--event", help="Only this event, for example push, release or workflow_dispatch.")
@click.option("--package", help="The package's folder, when there are several.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to report.")
def command(
    path: Path,
    index: str | None,
    workflow: str | None,
    job: str | None,
    event: str | None,
    package: str | None,
    form: str,
) -> int:
    """Predict the uploads of the repository at PATH (default: here).

    Reads the workflow files and says, for every step that uploads a package and every event that gets there: which claims the
    ID token will carry, what the index will answer, and what to fill in where the publisher is registered. Nothing is sent
    anywhere. Exit status 0 when every step has an event that may get through, else 1.
    """
    from platformdirs import user_cache_path

    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.usecases.predict import Options, run

    addresses = Addresses(user_cache_path("trustpub"))
    found = run(Checkout.open(path), Options(index, workflow, job, event, package), addresses)
    click.echo(_report(found, form), nl=False)
    return 0 if found.hopeful else 1


def _report(found: Predictions, form: str) -> str:
    if form == "json":
        from trustpub.cli.render.json import to_json

        return to_json({"predictions": [prediction.to_json() for prediction in found.predictions]})
    from trustpub.cli.render.predictions_text import render_text

    return render_text(found, lambda text, verdict: click.style(text, fg=_COLOURS.get(verdict), bold=True))
