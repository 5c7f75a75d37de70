"""Changes to a workflow file as splices at spans: whatever is not named stays as it is, comments and quotes included.

Every builder returns an `Edit`, or None where the file is written in a way that cannot be changed safely (an alias or what it
repeats, a flow map over several lines): then the finding has no fix, and says in words what to do. Values are given as they
stand in a file (`write`, `"3.12"`, `|` and its lines), lines end in a line feed and are written as the file ends its lines.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Edit
from trustpub.workflows import splices
from trustpub.workflows.source import Map, Scalar, Sequence, plain_value
from trustpub.workflows.splices import Site, site_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.workflows.source import Source


def replaced(source: Source, scalar: Scalar, text: str) -> Edit | None:
    """Change a word, its quotes kept; a missing value gets one.

    None for block scalars and for text that would need other quotes.
    """
    site = site_of(source, scalar)
    if site is None or scalar.tag is not None:
        return None
    written = _written(site, scalar, text)
    if written is None:
        return None
    if scalar.start == scalar.end:
        return Edit(source.path, scalar.start, scalar.end, f" {written}") if splices.is_missing(site) else None
    return Edit(source.path, scalar.start, scalar.end, written)


def replaced_span(source: Source, start: int, end: int, text: str) -> Edit | None:
    """Change a piece of the file whatever it is, such as a part of a script. None inside what an alias repeats."""
    if splices.repeated(source, start, end):
        return None
    return Edit(source.path, start, end, _own_breaks(source, text))


def removed(source: Source, node: Map, key: str) -> Edit | None:
    """Take one `key: value` out of a map, with its lines and the comment behind it; the last one takes its map too."""
    site = site_of(source, node)
    position = _position(node, key)
    return splices.cut(site, position) if site is not None and position is not None else None


def removed_item(source: Source, sequence: Sequence, position: int) -> Edit | None:
    """Take one item (from 0) out of a list, with its lines and the comment behind it; the last one takes its list too."""
    site = site_of(source, sequence)
    return splices.cut(site, position) if site is not None and 0 <= position < len(sequence.items) else None


def inserted(source: Source, node: Map | Scalar, key: str, value: str, after: str | None = None) -> Edit | None:
    """Add `key: value` to a map (`value` may have several lines, indented relative to the key); after a key, else at its end.

    A `value` that begins with a line feed stands below its key. `node` may be the missing value of a key (`permissions:`), which
    becomes a map. None when the key is there already.
    """
    site = site_of(source, node)
    if site is None:
        return None
    if isinstance(node, Scalar):
        return splices.filled(site, _entry(key, value))
    if _position(node, key, exact=False) is not None:
        return None
    position = _position(node, after) if after is not None else None
    return splices.put_after(site, len(node.entries) - 1 if position is None else position, _entry(key, value))


def prepended(source: Source, node: Map, key: str, value: str) -> Edit | None:
    """Add `key: value` before the first key of a map. None when the key is there already."""
    site = site_of(source, node)
    if site is None or _position(node, key, exact=False) is not None:
        return None
    return splices.put_first(site, _entry(key, value))


def inserted_item(source: Source, sequence: Sequence, text: str, before: int | None = None) -> Edit | None:
    """Add an item to a list, before another (from 0), else at its end.

    Later lines of `text` are indented relative to its first.
    """
    site = site_of(source, sequence)
    if site is None:
        return None
    if before == 0 and sequence.items:
        return splices.put_first(site, text)
    last = len(sequence.items) if before is None else min(before, len(sequence.items))
    return splices.put_after(site, last - 1, text)


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Make the changes of one file. Raises `ValueError` when two of them overlap."""
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    parts, index = [], 0
    for edit in ordered:
        if edit.start < index:
            raise ValueError("two changes overlap")
        parts += [text[index : edit.start], edit.text]
        index = edit.end
    return "".join([*parts, text[index:]])


def _entry(key: str, value: str) -> str:
    return f"{key}:{'' if not value or value.startswith(chr(10)) else ' '}{value}"


def _position(node: Map, key: str, *, exact: bool = True) -> int | None:
    """Find a key. GitHub takes keys that differ in case only for the same."""
    for position, entry in enumerate(node.entries):
        if entry.key.value == key or (not exact and entry.key.value.upper() == key.upper()):
            return position
    return None


def _own_breaks(source: Source, text: str) -> str:
    return text.replace("\n", splices.line_break(source))


def _written(site: Site, scalar: Scalar, text: str) -> str | None:
    """Write a text in the quotes that a word has, or None when it does not fit into them."""
    if scalar.style == "'":
        return f"'{text.replace(chr(39), chr(39) * 2)}'" if text.isprintable() else None
    if scalar.style == '"':
        return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"' if text.isprintable() else None
    if scalar.style or not text.isprintable() or not _stays_plain(text, site.flow):
        return None
    word = isinstance(plain_value(scalar), str)
    return text if not word or isinstance(plain_value(Scalar(text, "", 0, 0)), str) else None


def _stays_plain(text: str, flow: bool) -> bool:
    """Say whether a text without quotes is read as itself: no comment, no sign of YAML's own, no other type of node."""
    if flow and text in ("-", "?", ":"):
        return False
    node = splices.parsed(f"[{text}, {text}]" if flow else f"- {text}")
    if not isinstance(node, Sequence) or len(node.items) != 1 + flow:
        return False
    item = node.items[0]
    return isinstance(item, Scalar) and not item.style and item.tag is None and item.value == text
