"""Files of another index that are kept on this host: by their SHA-256, in one folder, up to a number of bytes.

A file is there whole and proven, or not at all: it is written under another name, hashed by its writer, and renamed. What was not
read for the longest time goes first. Any number of processes may share the folder; who reads a file that goes keeps reading it.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LIMIT = 10 << 30
"""Bytes that are kept."""
TOUCH = 60.0
"""Seconds after which a file that is read is marked as read again."""
ABANDONED = 6 * 3600.0
"""Seconds after which a file that nobody finished is taken away."""
_COMING = ".coming"


class Coming:
    """A file that is being written. `path` may be read meanwhile; `drop` unless it was adopted."""

    def __init__(self, folder: Path) -> None:
        self._file = NamedTemporaryFile(dir=folder, suffix=_COMING, delete=False)  # noqa: SIM115 - it lives as long as its download
        self.path = Path(self._file.name)

    def write(self, chunk: bytes) -> None:
        """Add bytes, which readers of `path` see at once."""
        self._file.write(chunk)
        self._file.flush()

    def finish(self) -> None:
        """Make what was written durable: a name that promises a hash must never stand for less."""
        os.fsync(self._file.fileno())
        self._file.close()

    def drop(self) -> None:
        """Take it away."""
        self._file.close()
        self.path.unlink(missing_ok=True)


class KeptFiles:
    """The folder. Its methods may be called from any thread."""

    def __init__(self, folder: Path, limit: int = LIMIT, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._weight: int | None = None
        self._lock = threading.Lock()
        self.limit = limit

    def path(self, sha256: str) -> Path | None:
        """Where the file with these bytes lies; it counts as read now."""
        path = self._folder / sha256[:2] / sha256
        try:
            read = path.stat().st_mtime
        except OSError:
            return None
        if abs(self._clock() - read) > TOUCH:
            now = self._clock()
            os.utime(path, (now, now))
        return path

    def begin(self) -> Coming:
        """Begin to write one."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Coming(self._folder)

    def adopt(self, coming: Coming, sha256: str) -> Path:
        """Keep a file whose bytes the caller has hashed, and let others go that have no more room beside it."""
        coming.finish()
        path = self._folder / sha256[:2] / sha256
        path.parent.mkdir(mode=0o700, exist_ok=True)
        now = self._clock()
        os.utime(coming.path, (now, now))
        coming.path.rename(path)
        with self._lock:
            if self._weight is not None:
                self._weight += path.stat().st_size
            if self._weight is None or self._weight > self.limit:
                self._weight = self._sweep(path)
        return path

    def _sweep(self, newest: Path) -> int:
        """Count what is there, and take away the longest unread until a tenth of the room is free; the bytes that are left."""
        found: list[tuple[float, int, Path]] = []
        for path in self._folder.glob("*/*"):
            try:
                told = path.stat()
            except OSError:  # another process was quicker
                continue
            found.append((told.st_mtime, told.st_size, path))
        for path in self._folder.glob(f"*{_COMING}"):
            try:
                if self._clock() - path.stat().st_mtime > ABANDONED:
                    path.unlink()
            except OSError:
                continue
        total = sum(size for _, size, _ in found)
        if total <= self.limit:
            return total
        for _, size, path in sorted(found):
            if total <= self.limit * 9 // 10:
                break
            if path != newest:
                path.unlink(missing_ok=True)
                total -= size
        return total
