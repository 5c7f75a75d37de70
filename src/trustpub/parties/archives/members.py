"""Names of archive members: only plain relative paths that mean the same to every program that will ever unpack them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.parties.archives.port import Unacceptable

if TYPE_CHECKING:
    from trustpub.parties.archives.port import Limits


class Members:
    """The names seen so far; each `add` refuses one that is unsafe, too long, or there already."""

    __slots__ = ("_files", "_folders", "_limits", "_what", "count")

    def __init__(self, what: str, limits: Limits) -> None:
        self._what = what
        self._limits = limits
        self._files: set[str] = set()
        self._folders: set[str] = set()
        self.count = 0

    @property
    def files(self) -> frozenset[str]:
        """Every file's name."""
        return frozenset(self._files)

    def add(self, raw: bytes, *, folder: bool) -> str:
        """Take one member's name, without the slash that ends a folder's; returns it as text."""
        self.count += 1
        if self.count > self._limits.members:
            raise Unacceptable(f"{self._what}: it has more than {self._limits.members} members")
        name = self._text(raw)
        self._check_path(name)
        if name in self._files or (not folder and name in self._folders):
            raise Unacceptable(f"{self._what}: the name '{name}' stands more than once")
        (self._folders if folder else self._files).add(name)
        return name

    def finish(self) -> None:
        """Refuse an archive in which one name is both a file and a folder."""
        for name in self._files | self._folders:
            parent = name
            while "/" in parent:
                parent = parent.rpartition("/")[0]
                if parent in self._files:
                    raise Unacceptable(f"{self._what}: '{parent}' is both a file and a folder")

    def _text(self, raw: bytes) -> str:
        if len(raw) > self._limits.name:
            raise Unacceptable(f"{self._what}: a member's name is longer than {self._limits.name} bytes")
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError:
            raise Unacceptable(f"{self._what}: a member's name is not UTF-8") from None
        if not name.isprintable():
            raise Unacceptable(f"{self._what}: a member's name holds characters that cannot be printed")
        return name

    def _check_path(self, name: str) -> None:
        if "\\" in name or ":" in name:
            raise Unacceptable(f"{self._what}: the name '{name}' holds a backslash or a colon")
        parts = name.split("/")
        if not name or name.startswith("/") or any(part in ("", ".", "..") for part in parts):
            raise Unacceptable(f"{self._what}: the name '{name}' is not a plain relative path")
        if len(parts) > self._limits.depth:
            raise Unacceptable(f"{self._what}: the name '{name[:100]}' is deeper than {self._limits.depth} folders")
