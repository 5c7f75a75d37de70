"""`trustpub predict`: which claims each publishing step will present, and what the index will answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.options import ASKED, Option, Table

if TYPE_CHECKING:
    from trustpub.usecases.predict import Predictions

_COLOURS = {"publishes": "green", "depends": "yellow", "refused": "red", "never": "red"}

TABLE = Table(
    "predict",
    """Predict the uploads of the repository at PATH (default: here).

    Reads the workflow files and says, for every step that uploads a package and every event that gets there: which claims the
    ID token will carry, what the index will answer, and what to fill in where the publisher is registered. Nothing is sent
    anywhere. Exit status 0 when every step has an event that may get through, else 1.
    """,
    argument="path",
    argument_default=".",
    options=(
        *ASKED,
        Option("form", "--format", "How to report.", ("text", "json"), "text"),
    ),
)


def run(
    path: str, index: str | None, workflow: str | None, job: str | None, event: str | None, package: str | None, form: str
) -> int:
    """Predict, report, and say by the exit status whether every step has an event that may get through."""
    from trustpub.cli.terminal import say
    from trustpub.parties.cache import cache_folder
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.usecases.predict import Options
    from trustpub.usecases.predict import run as predict

    found = predict(Checkout.open(path), Options(index, workflow, job, event, package), Addresses(cache_folder()))
    say(_report(found, form))
    return 0 if found.hopeful else 1


def _report(found: Predictions, form: str) -> str:
    if form == "json":
        from trustpub.cli.render.json import to_json

        return to_json({"predictions": [prediction.to_json() for prediction in found.predictions]})
    import sys

    from trustpub.cli.render.predictions_text import render_text
    from trustpub.cli.terminal import coloured, styled

    if not coloured(sys.stdout):
        return render_text(found)
    return render_text(found, lambda text, verdict: styled(text, _COLOURS.get(verdict), bold=True))
