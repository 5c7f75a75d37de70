"""Bytes under their own SHA-256: written once, durable before anybody may name them, never changed.

The order is the promise: fsync(file), link to its content address, fsync of every folder that the name needs, and only then may a
row name the blob. A process killed anywhere in between leaves a temp file or a blob without a row, which `sweep` takes away.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from trustpub.errors import Broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Fsync = Callable[[int], None]
    Guard = Callable[[str, Callable[[], None]], None]

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class Temp:
    """A file that is being received: one descriptor for writing, hashing, checking and storing it.

    It lies in the file system of the blobs, so that adopting it is a link and never a copy. Close it by `discard`, always.
    """

    __slots__ = ("_fsync", "_synced", "fd", "path", "size")

    def __init__(self, path: str, fd: int, fsync: Fsync) -> None:
        self.path = path
        self.fd = fd
        self.size = 0
        self._fsync = fsync
        self._synced: bool | None = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append all of `data`. Raises OSError (no space, I/O)."""
        view = memoryview(data)
        while view:
            view = view[os.write(self.fd, view) :]
        self.size += len(data)

    def sync(self) -> None:
        """Make the bytes durable, once.

        After an fsync error the kernel may have dropped the dirty pages and a second fsync would lie: so it is never repeated,
        and this file can only be discarded.
        """
        if self._synced is None:
            raise Broken("an upload could not be stored", why="the disk refused to make its bytes durable")
        if not self._synced:
            self._synced = None
            self._fsync(self.fd)
            self._synced = True

    def discard(self) -> None:
        """Close the descriptor and take the temp name away; a blob that was made from it stays."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self.path)  # noqa: PTH108 - a Path costs more than the call


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep found: temp files removed, blobs old enough to be looked at."""

    temps: int
    candidates: int


class Blobs(Protocol):
    """Where the bytes of files live. Create-only: a content address never changes what it holds."""

    def temp(self) -> Temp:
        """Open an empty temp file in the same file system."""
        ...

    def adopt(self, *received: tuple[Temp, str]) -> None:
        """Make each (temp file, SHA-256 of its bytes) a durable blob; one that is there already is fine. Raises OSError."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading. Raises FileNotFoundError."""
        ...

    def path(self, sha256: str) -> Path | None:
        """Where the blob lies on this machine, or None when there is none."""
        ...

    def delete(self, sha256: str) -> None:
        """Take a blob away; one that is not there is fine."""
        ...

    def sweep(self, before: float, guard: Guard) -> Swept:
        """Remove what no upload finished (see `LocalBlobs.sweep`)."""
        ...


class LocalBlobs:
    """Blobs in a local folder: `blobs/aa/bb/<sha256>` and `tmp/`.

    `fsync` is an argument so that a test can count the calls or let one fail.
    """

    def __init__(self, root: Path, fsync: Fsync = os.fsync) -> None:
        # Plain text: making a Path costs more than the system call that it is for, and an upload names a dozen.
        self._root = str(root / "blobs")
        self._tmp = str(root / "tmp")
        self._fsync = fsync
        # Folders whose own name this process has made durable. That a folder exists proves nothing: another thread, or a process
        # killed since, may have made it a moment ago without its parent's fsync.
        self._durable: set[str] = set()
        # Folders whose fsync failed. The kernel may have given up what was new in them, and would answer "done" to a second
        # question: so they are written anew before it is asked.
        self._suspect: set[str] = set()
        for folder in (self._root, self._tmp):
            Path(folder).mkdir(parents=True, exist_ok=True)
        self._fsync_folder(str(root))

    def temp(self) -> Temp:
        """Open an empty temp file; its name is random, so processes may share the folder."""
        path = f"{self._tmp}/{secrets.token_hex(16)}"
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        return Temp(path, fd, self._fsync)

    def adopt(self, *received: tuple[Temp, str]) -> None:
        """Make each temp file a durable blob, then drop the temp names.

        All files are synced before the first link and all links made before the first folder is synced: the file system then
        writes one journal record for the folders of one call.
        """
        for temp, _ in received:
            temp.sync()
        folders = [self._link(temp, self._place(sha256)) for temp, sha256 in received]
        for folder in dict.fromkeys(folders):
            self._make_durable(folder)
        for temp, _ in received:
            temp.discard()

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading. Raises FileNotFoundError."""
        return Path(self._place(sha256)).open("rb")

    def path(self, sha256: str) -> Path | None:
        """Where the blob lies, or None when there is none."""
        place = self._place(sha256)
        return Path(place) if os.path.isfile(place) else None  # noqa: PTH113 - see __init__

    def names(self) -> Iterator[str]:
        """The SHA-256 of every blob that is there."""
        return (place.name for place in self._places())

    def delete(self, sha256: str) -> None:
        """Take a blob away; one that is not there is fine."""
        Path(self._place(sha256)).unlink(missing_ok=True)

    def sweep(self, before: float, guard: Guard) -> Swept:
        """Remove temp files and blobs that nobody touched since `before` (epoch seconds) and nobody names.

        `guard(sha256, remove)` must call `remove` only when neither a file row nor a use row names the blob, and inside a
        transaction that keeps a use row from being committed meanwhile: else the sweeper could take a blob that an upload is
        about to name. Folders stay: removing one would race with the upload that is about to link into it.
        """
        temps = [path for path in Path(self._tmp).iterdir() if _older(path, before)]
        for path in temps:
            path.unlink(missing_ok=True)
        candidates = 0
        for place in self._places():
            if _older(place, before):
                candidates += 1
                guard(place.name, lambda place=place: place.unlink(missing_ok=True))  # type: ignore[misc]
        return Swept(len(temps), candidates)

    def _places(self) -> Iterator[Path]:
        """Every blob, folder by folder, without holding the whole list."""
        for first in sorted(Path(self._root).glob("[0-9a-f][0-9a-f]")):
            for second in sorted(first.glob("[0-9a-f][0-9a-f]")):
                yield from (place for place in second.iterdir() if _SHA256.fullmatch(place.name))

    def _place(self, sha256: str) -> str:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("a blob is named by 64 lower-case hexadecimal digits")
        return f"{self._root}/{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def _link(self, temp: Temp, target: str) -> str:
        """Give the temp file its content address; returns the folder that must become durable."""
        folder = _parent(target)
        if folder not in self._durable:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - see __init__
        try:
            os.link(temp.path, target)
        except FileExistsError:
            if Path(target).stat().st_size != temp.size:
                raise OSError(errno.EIO, "a stored blob does not have the size of its content", target) from None
        return folder

    def _make_durable(self, folder: str) -> None:
        """Sync the folder (also one that was there: the name in it may be new), then upwards to the first known one."""
        self._fsync_folder(folder)
        new = []
        while folder != self._root and folder not in self._durable:
            new.append(folder)
            folder = _parent(folder)
            self._fsync_folder(folder)
        self._durable.update(new)

    def _fsync_folder(self, folder: str) -> None:
        if folder in self._suspect:
            # A folder here is one block of the disk: a new entry makes the kernel write that block again, with all its names.
            mark = Path(folder, f".{secrets.token_hex(8)}")
            mark.touch()
            mark.unlink()
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            self._fsync(fd)
        except OSError:
            self._suspect.add(folder)
            raise
        finally:
            os.close(fd)
        self._suspect.discard(folder)


def _parent(place: str) -> str:
    return place.rpartition("/")[0]


def _older(path: Path, before: float) -> bool:
    """Whether the file's last change is older; one that went away meanwhile is nobody's business."""
    try:
        return path.stat().st_ctime < before
    except FileNotFoundError:
        return False
