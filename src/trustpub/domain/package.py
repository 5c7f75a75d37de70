"""A package as a checkout describes it, before anything is built."""

from __future__ import annotations

from typing import NamedTuple


class Package(NamedTuple):
    """A folder that can be built. `path` is relative to the root (`.` for the root).

    `name` and `version` are known only when they are static; `side`: it lies in a folder of tests, examples or documents.
    `indexes` are the names and upload addresses that its `[[tool.uv.index]]` gives to `uv publish --index`.
    """

    path: str
    name: str | None
    version: str | None
    side: bool = False
    indexes: tuple[tuple[str, str], ...] = ()
