"""Small shared pieces of text reports: labelled lines that wrap, and columns of names and values."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTH = 110
"""How wide a report is at most, in characters."""


def labelled(label: str, text: str, indent: int) -> Iterator[str]:
    """Yield a text with its label in front, wrapped so that all of it stands right of the label. Long words are not broken."""
    room = max(WIDTH - indent, 20)
    lines = textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]
    yield f"{label:<{indent}}{lines[0]}".rstrip()
    for line in lines[1:]:
        yield " " * indent + line


def columns(label: str, pairs: Iterable[tuple[str, str]], indent: int) -> Iterator[str]:
    """Yield names and values as two columns right of a label."""
    rows = list(pairs)
    width = max((len(name) for name, _ in rows), default=0)
    for number, (name, value) in enumerate(rows):
        yield f"{label if number == 0 else '':<{indent}}{name:<{width}}  {value}".rstrip()
