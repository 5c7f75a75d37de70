"""A renderer that needs no process: it writes the text as it is into one paragraph, and cannot read `!`."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from trustpub.errors import Broken

if TYPE_CHECKING:
    from trustpub.parties.readme.port import Markup


class FakeRenderer:
    """Counts what it was asked; `broken` makes it raise as a machine without a free process would."""

    def __init__(self) -> None:
        self.asked: list[tuple[Markup, str]] = []
        self.broken = False
        self.closed = False

    def render(self, markup: Markup, text: str) -> str | None:
        """One paragraph; None for a text that begins with an exclamation mark."""
        self.asked.append((markup, text))
        if self.broken:
            raise Broken("no process that renders can be started", why="told so")
        return None if text.startswith("!") else f"<p>{escape(text)}</p>"

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
