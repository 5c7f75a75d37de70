"""Say in which order tasks can run, and which of them can run together."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["CycleError", "waves"]


def waves(needs: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Sort tasks into waves: each needs nothing but the waves before it. Raises `CycleError` when tasks wait for each other."""
    sorter = TopologicalSorter(needs)
    sorter.prepare()
    result: list[list[str]] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        result.append(ready)
        sorter.done(*ready)
    return result
