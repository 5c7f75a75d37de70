"""The files of a checkout as the pure rings see them: asked for by path, answered as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Files(Protocol):
    """Gives the files of one checkout. Paths are relative to its root, with `/`; nothing outside of it is ever given."""

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes; None when there is no such regular file, or when it is too large to be configuration."""

    def names(self, folder: str) -> tuple[str, ...]:
        """List the names in a folder in order, folders with a `/` at their end; empty when there is no such folder."""


class FilesInMemory:
    """Files that are given as a map from path to bytes."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = dict(files)

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or None."""
        return self._files.get(path)

    def names(self, folder: str) -> tuple[str, ...]:
        """List what lies in a folder."""
        prefix = "" if folder in ("", ".") else f"{folder.rstrip('/')}/"
        below = [path.removeprefix(prefix) for path in self._files if path.startswith(prefix)]
        return tuple(sorted({name.partition("/")[0] + ("/" if "/" in name else "") for name in below}))


NO_FILES = FilesInMemory({})
"""A checkout without any file."""
