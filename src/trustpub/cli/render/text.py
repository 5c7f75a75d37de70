"""Small shared pieces of text reports: labelled lines that wrap, and columns of names and values."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

WIDTH = 110
"""How wide a report is at most, in characters."""


def labelled(label: str, text: str, indent: int) -> Iterator[str]:
    """Yield a text with its label in front, wrapped so that all of it stands right of the label. Long words are not broken."""
    first, *others = wrapped(text, max(WIDTH - indent, 20))
    yield f"{label:<{indent}}{first}".rstrip()
    for line in others:
        yield " " * indent + line


def wrapped(text: str, room: int) -> list[str]:
    """Break a text between its words into lines of at most `room` characters; a longer word gets a line of its own."""
    lines = [""]
    for word in text.split():
        if not lines[-1]:
            lines[-1] = word
        elif len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def columns(label: str, pairs: Iterable[tuple[str, str]], indent: int) -> Iterator[str]:
    """Yield names and values as two columns right of a label."""
    rows = list(pairs)
    width = max((len(name) for name, _ in rows), default=0)
    for number, (name, value) in enumerate(rows):
        yield f"{label if number == 0 else '':<{indent}}{name:<{width}}  {value}".rstrip()
