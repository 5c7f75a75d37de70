"""Whether a changed file says the same as before wherever it was not changed.

A splice keeps every character outside of it, but YAML may read the same characters otherwise: a quote that is never closed, a
line that is indented too little. So both texts are read, and every word and comment that no change touches has to stand at its
place, below the same keys, with the same value.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.workflows.comments import comments
from trustpub.workflows.source import Map, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustpub.domain.findings import Edit
    from trustpub.workflows.source import Document, Node, Source

_NOTHING = lazy_pattern(r"(?:[ \t\r\n]|(?<![^\s])#[^\n]*)*")


class Leaf(NamedTuple):
    """A word (or an alias, or empty brackets): where it stands, below which keys, and what it says."""

    start: int
    end: int
    keys: tuple[str | None, ...]
    value: str
    style: str
    tag: str | None


class Touched(NamedTuple):
    """The pieces of one text that changes touch, in order, and by how much what follows each of them has moved."""

    pieces: tuple[tuple[int, int], ...]
    moved: tuple[int, ...]

    def touches(self, start: int, end: int) -> bool:
        """Say whether a piece of text is changed; what is only beside a change is not."""
        return any(first < end and start < last if start < end else first <= start <= last for first, last in self.pieces)

    def by(self, start: int) -> int:
        """Say by how much an untouched piece of text has moved."""
        return self.moved[bisect_right([last for _, last in self.pieces], start)]


Item = tuple[int, int, tuple[str, ...]]
"""A piece of text: where it starts, how long it is, and what it says."""


def difference(before: Document, after: Document, edits: Sequence[Edit]) -> str:
    """Say what differs outside the changes; empty when nothing does."""
    old, new = touched(edits)
    return _differs("a value", _leaves(before, old), old, _leaves(after, new), after) or _differs(
        "a comment", _comments(before, old), old, _comments(after, new), after
    )


def _differs(what: str, kept: list[Item], old: Touched, found: list[Item], after: Document) -> str:
    moved = [(start + old.by(start), length, words) for start, length, words in kept]
    other = set(moved) ^ set(found)
    if not other and len(moved) == len(found):
        return ""
    start = min(other, default=(0, 0, ()))[0]
    line = after.source.place(min(start, len(after.source.text))).line
    return f"{what} outside the change would be read otherwise (line {line})"


def touched(edits: Sequence[Edit]) -> tuple[Touched, Touched]:
    """Say which pieces of the text before and after are changed ones."""
    old: list[tuple[int, int]] = []
    new: list[tuple[int, int]] = []
    moved = [0]
    for edit in sorted(edits, key=lambda each: (each.start, each.end)):
        start = edit.start + moved[-1]
        old.append((edit.start, edit.end))
        new.append((start, start + len(edit.text)))
        moved.append(moved[-1] + len(edit.text) - (edit.end - edit.start))
    return Touched(tuple(old), tuple(moved)), Touched(tuple(new), (0,) * len(moved))


def _leaves(document: Document, changed: Touched) -> list[Item]:
    """List the words that are not changed: place, length, and the keys above with the value as texts."""
    found: list[Item] = []
    text = document.source.text
    for leaf in _walk(document.source, document.root, (), changed):
        if changed.touches(leaf.start, leaf.end):
            continue
        if leaf.start == leaf.end and _fills(text, leaf.start, changed):
            continue
        keys = tuple("" if key is None else f"={key}" for key in leaf.keys)
        found.append((leaf.start, leaf.end - leaf.start, (*keys, leaf.style, leaf.tag or "", leaf.value)))
    return found


def _fills(text: str, index: int, changed: Touched) -> bool:
    """Say whether a missing value is one that a change fills: nothing but space and comments lies between."""
    match = _NOTHING.match(text, index)
    end = match.end() if match is not None else index
    return any(index <= first <= end for first, _ in changed.pieces)


def _comments(document: Document, changed: Touched) -> list[Item]:
    text = document.source.text
    places = comments(document.source, document.root)
    return [(start, end - start, (text[start:end],)) for start, end in places if not changed.touches(start, end)]


def _walk(source: Source, node: Node | None, keys: tuple[str | None, ...], changed: Touched) -> Iterator[Leaf]:
    waiting = [(node, keys)] if node is not None else []
    while waiting:
        node, keys = waiting.pop()
        if isinstance(node, Scalar):
            yield Leaf(node.start, node.end, keys, node.value, node.style, node.tag)
        elif source.text[node.start : node.start + 1] == "*":
            yield Leaf(node.start, node.end, keys, source.text[node.start : node.end], "*", None)
        elif isinstance(node, Map):
            for key, value in node.entries:
                below = (*keys, None if changed.touches(key.start, key.end) else key.value)
                waiting += [(key, keys), (value, below)]
            if not node.entries:
                yield Leaf(node.start, node.end, keys, "", "{}", None)
        else:
            waiting += [(item, (*keys, "-")) for item in node.items]
            if not node.items:
                yield Leaf(node.start, node.end, keys, "", "[]", None)
