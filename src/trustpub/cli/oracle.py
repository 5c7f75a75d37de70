"""`trustpub oracle`: decide exchanges and forms given as JSON lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from trustpub.usecases.oracle import Answer


@click.command("oracle")
@click.option(
    "--profile",
    type=click.Choice(["pypi", "trustpub"]),
    default="pypi",
    show_default=True,
    help="Whose rules decide: PyPI's as they are, or those of a trustpub index.",
)
@click.option("--format", "output", type=click.Choice(["json", "text"]), default="json", show_default=True, help="How to answer.")
@click.argument("file", type=click.File("rb"), default="-")
def command(profile: str, output: str, file: BinaryIO) -> int:
    """Decide exchanges and forms, one JSON object a line, as an index would.

    Reads FILE (standard input without it) and answers every line with one line, in order. Nothing is looked up and no
    signature is checked: the claims are taken as verified. Exit status 0 when every line was decided, else 2.
    """
    from trustpub.domain.matching import Profile
    from trustpub.usecases.oracle import answer

    undecided = 0
    for line in file:
        said = answer(line, Profile(profile))
        undecided += not said.decided
        click.echo(said.line if output == "json" else _in_words(said))
    return 2 if undecided else 0


def _in_words(said: Answer) -> str:
    """One line for a person: the decision, its reason, and the fields that differ."""
    values = said.values
    if not said.decided:
        return f"error: {values['error']}"
    if "valid" in values:
        return "valid" if values["valid"] else f"invalid: {json.dumps(values['errors'], ensure_ascii=True)}"
    if values["decision"] == "accept":
        return f"accept: publisher {values['publisher']}"
    told = f"reject: {values['code']}: {values.get('reason', values['description'])}"
    differences = values["differences"]
    for difference in differences if isinstance(differences, list) else []:
        if isinstance(difference, dict):
            expected, got = json.dumps(difference["expected"]), json.dumps(difference["got"])
            told += f"; {difference['field']}: expected {expected}, got {got}"
    return told
