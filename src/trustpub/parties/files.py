"""The files of a checkout on this disk, for the pure rings that ask by path."""

from __future__ import annotations

import os
import stat

from trustpub.parties import seen

MAX_FILE = 1 << 20
"""How large a file may be that is read as configuration or as a script."""


class CheckoutFiles:
    """Gives the files below one root. Links that leave it, pipes and devices are not there; what was read once is kept."""

    def __init__(self, root: str) -> None:
        self._root = os.path.realpath(root)
        self._read: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, None when it is not there, not readable, not regular or too large."""
        if path not in self._read:
            seen.file(f"{self._root}/{path}")
            self._read[path] = self._bytes(path)
        return self._read[path]

    def names(self, folder: str) -> tuple[str, ...]:
        """List the names in a folder in order, folders with a `/` at their end; empty when there is no such folder."""
        inside = self._inside(folder)
        seen.folder(f"{self._root}/{folder}")
        try:
            with os.scandir(inside or "") as entries:
                return tuple(sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in entries))
        except (OSError, ValueError):
            return ()

    def _inside(self, path: str) -> str | None:
        """Resolve a path; None when it leaves the checkout, or is none (it may be anything that stands in a stranger's file)."""
        try:
            whole = os.path.realpath(f"{self._root}/{path}")
        except ValueError:
            return None
        return whole if whole == self._root or whole.startswith(f"{self._root}{os.sep}") else None

    def _bytes(self, path: str) -> bytes | None:
        whole = self._inside(path)
        if whole is None:
            return None
        try:
            if not stat.S_ISREG(os.stat(whole).st_mode):
                return None
            with open(whole, "rb") as stream:
                data = stream.read(MAX_FILE + 1)
        except (OSError, ValueError):
            return None
        return data if len(data) <= MAX_FILE else None
