"""Where a job runs, by the labels that its file writes down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.workflows.source import Map, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.model import Job
    from trustpub.workflows.source import Node

_ONE_OF = r"\$\{\{\s*matrix\.([A-Za-z0-9_-]+)\s*\}\}"


def labels(job: Job) -> Iterator[Scalar]:
    """Yield the labels that are written down, those of a plain list in the matrix included."""
    for node in _words(job.runs_on):
        if match := re.fullmatch(_ONE_OF, node.value.strip()):
            if isinstance(job.matrix, Map):
                yield from _words(job.matrix.get(match[1]))
        else:
            yield node


def _words(node: Node | None) -> Iterator[Scalar]:
    if isinstance(node, Map):
        node = node.get("labels")
    for item in node.items if isinstance(node, Sequence) else (node,):
        if isinstance(item, Scalar):
            yield item
