"""Changes to a workflow file as splices at spans: whatever is not named stays as it is, comments and quotes included.

Every builder returns an `Edit`, or None where the file is written in a way that cannot be changed safely (an alias, a flow map
over several lines): then the finding has no fix, and says in words what to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Edit
from trustpub.workflows.source import Map, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.workflows.source import Source


def replaced(source: Source, scalar: Scalar, text: str) -> Edit | None:
    """Change a word, its quotes kept. None for block scalars and for text that would need other quotes."""
    raise NotImplementedError


def removed(source: Source, node: Map, key: str) -> Edit | None:
    """Take one `key: value` out of a block map, with its lines and the comment behind it; the last one takes its map too."""
    raise NotImplementedError


def inserted(source: Source, node: Map, key: str, value: str, after: str | None = None) -> Edit | None:
    """Add `key: value` to a map (`value` may have several lines, indented relative to the key); after a key, else at its end."""
    raise NotImplementedError


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
