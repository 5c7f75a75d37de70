"""Copy cards: a form's fields in its order, each value alone on its line, so that one click selects it and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.frames import calm
from trustpub.cli.render.text import WIDTH, wrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustpub.usecases.setup.ask import Card, Field

EMPTY = "(leave it empty)"


def render_card(card: Card, strong: Callable[[str], str] = str) -> str:
    """Draw a card. `strong` marks what is copied, for a terminal that shows it. Nothing in it can drive a terminal."""
    return "".join(f"{line}\n" for line in _lines(card, strong))


def _lines(card: Card, strong: Callable[[str], str]) -> Iterator[str]:
    yield calm(card.title)
    if card.page:
        yield f"  {calm(card.page)}"
    for number, field in enumerate(card.fields, 1):
        yield ""
        yield from _field(f"{number} of {len(card.fields)}", field, strong)
    if card.notes:
        yield ""
    for note in card.notes:
        first, *others = wrapped(calm(note), WIDTH - 4)
        yield f"  - {first}"
        yield from (f"    {line}" for line in others)


def _field(place: str, field: Field, strong: Callable[[str], str]) -> Iterator[str]:
    note = f" ({calm(field.note)})" if field.note else ""
    yield f"  {place}  {calm(field.label)}{note}"
    yield f"    {strong(calm(field.value)) if field.value else EMPTY}"
