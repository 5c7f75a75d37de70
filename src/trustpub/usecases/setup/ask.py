"""The person whom a setup asks: what is shown, what is asked, and what an answer is worth.

Two kinds of question are kept apart. Whether something *may be done* is the person's to allow, and `--yes` allows it beforehand.
Whether something *is so* only a person can say who looked: without one it counts as not stated, whatever options were given.
"""

from __future__ import annotations

from typing import Protocol

from trustpub.record import NamedTuple


class Field(NamedTuple):
    """One field of a form: its label as the form has it, the exact value to put there, and a word beside it.

    An empty value means that the field stays empty.
    """

    label: str
    value: str
    note: str = ""


class Card(NamedTuple):
    """A form that a person fills in: what it is for, the page it stands on, its fields in the form's order, and what to know.

    `filled` says that the page brings the values along, so that they are only compared.
    """

    title: str
    page: str
    fields: tuple[Field, ...] = ()
    notes: tuple[str, ...] = ()
    filled: bool = False


class Ask(Protocol):
    """Somebody at a terminal, or nobody."""

    def tell(self, text: str) -> None:
        """Say something."""
        ...

    def card(self, card: Card) -> None:
        """Show a card, and open its page for whoever wants that."""
        ...

    def allows(self, question: str) -> bool:
        """Ask whether something may be done; nobody allows nothing, unless everything was allowed beforehand."""
        ...

    def says(self, question: str) -> bool | None:
        """Ask whether something is so; None when there is nobody to ask."""
        ...
