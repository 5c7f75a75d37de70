"""A package as a checkout describes it, before anything is built."""

from __future__ import annotations

import re

from trustpub.record import NamedTuple

EXAMPLE_VERSION = "1.2.3"
"""The version in example tags when a package does not say its own."""


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

    @property
    def label(self) -> str:
        """What to call it in a sentence: its name, else its folder."""
        return self.name or self.path


def release_of(version: str | None) -> str:
    """Return the version that an example tag names: the release part of the package's own, `3.2.0` of `3.2.0.dev1`."""
    match = re.match(r"v?([0-9]+(?:\.[0-9]+)*)", version or "")
    return match[1] if match else EXAMPLE_VERSION
