"""Where in the file a character of a word's value stands: through indentation, folded lines and doubled quotes.

A value's lines stand in the file in their order, each as it is, with other white space around it. So they are looked for one
after the other, once for each word; every question after that is a search in a short list.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.workflows.source import Scalar, Source

Alignment = tuple[tuple[int, ...], tuple[int, ...]]
"""The offsets in the value at which a piece begins, and the index in the file of each."""


def place_in(source: Source, node: Scalar, offset: int) -> int:
    """Find the index in the file of a character of a scalar's value.

    Exact for plain words, single quotes, blocks (`|`, `>`) and double quotes without escapes; else the scalar's own start.
    """
    if node.style not in ("|", ">"):
        start = node.start + (1 if node.style else 0)
        if source.text.startswith(node.value, start):
            return start + offset
    known = source.alignments.get(node.start)
    if known is None:
        known = source.alignments[node.start] = _aligned(source.text[node.start : node.end], node)
    starts, places = known
    piece = bisect_right(starts, offset) - 1
    return min(node.start + places[piece] + offset - starts[piece], node.end) if piece >= 0 else node.start


def _aligned(raw: str, node: Scalar) -> Alignment:
    """Find each piece of the file's text in the value; nothing when they do not fit together."""
    if node.style == '"' and "\\" in raw:
        return (), ()
    first = raw.find("\n") + 1 if node.style in ("|", ">") else 1 if node.style else 0
    starts: list[int] = []
    places: list[int] = []
    at = 0
    for place, piece in _pieces(raw, first, node.style):
        found = node.value.find(piece, at)
        if found < 0 or node.value[at:found].strip():
            return (), ()
        starts.append(found)
        places.append(place)
        at = found + len(piece)
    return tuple(starts), tuple(places)


def _pieces(raw: str, first: int, style: str) -> list[tuple[int, str]]:
    """Cut the file's text into pieces that stand in the value as they are: lines without the space around them."""
    pieces: list[tuple[int, str]] = []
    index = first
    for line in raw[first:].split("\n"):
        text = line.strip()
        if text:
            start = index + line.index(text)
            if style == "'":
                pieces += _unquoted(text, start)
            else:
                pieces.append((start, text.removesuffix('"') if style == '"' else text))
        index += len(line) + 1
    return pieces


def _unquoted(text: str, start: int) -> list[tuple[int, str]]:
    """Cut a line of a single-quoted text after every `''`, which stands for one quote."""
    pieces: list[tuple[int, str]] = []
    for part in text.split("''"):
        pieces.append((start, part + "'"))
        start += len(part) + 2
    last, rest = pieces.pop()
    rest = rest[:-1].removesuffix("'")
    return [*pieces, (last, rest)] if rest else pieces
