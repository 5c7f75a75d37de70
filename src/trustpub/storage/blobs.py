"""Bytes under their own SHA-256: written once, durable before anybody may name them, never changed.

The order is the promise: fsync(file), link to its content address, fsync of the folder that holds the name, and only then may a
row name the blob. A process killed anywhere in between leaves a temp file or a blob without a row, which `sweep` takes away.

A wheel's METADATA lies beside it once somebody has asked for it. Such a sidecar is a copy of what the durable wheel holds: it is
never synced, wanted for as long as its blob is, and deleted with it. Why so: docs/adr/0006-blobs-layout.md.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import re
import secrets
import struct
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from trustpub.errors import Broken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Fsync = Callable[[int], None]
    Guard = Callable[[str, Callable[[], None]], None]

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_FOLDER = re.compile(r"[0-9a-f]{2}", re.ASCII)

BLOCK = 1024 * 1024
"""Bytes of one piece of a blob."""
SIDECAR = ".metadata"
"""What the name of a sidecar has behind its blob's."""
_GET_FLAGS, _SET_FLAGS, _TOP_OF_HIERARCHIES = 0x80086601, 0x40086602, 0x00020000
"""Linux' FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and FS_TOPDIR_FL (linux/fs.h), as most 64-bit processors number them."""
_TEMP = "."
"""What the name of a temp file has in front."""


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
            self.forget()

    def forget(self) -> None:
        """Take the temp name away; the descriptor stays."""
        if self.path:
            path, self.path = self.path, ""
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)  # noqa: PTH108 - a Path costs more than the call


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep found: temp files removed, blobs old enough to be looked at."""

    temps: int
    candidates: int


class Blobs(Protocol):
    """Where the bytes of files live. Create-only: a content address never changes what it holds."""

    @property
    def removes_at_once(self) -> bool:
        """Whether nothing is removed after `delete` has ended, however it ended."""
        ...

    def prepare(self) -> None:
        """Do now, in the background, what the first uploads would have to wait for."""
        ...

    def temp(self, sha256: str = "") -> Temp:
        """Open an empty temp file in the same file system; cheaper to adopt when its `sha256` is known already."""
        ...

    def adopt(self, temp: Temp, sha256: str) -> None:
        """Make the temp file with this SHA-256 a durable blob; one that is there already is fine. Raises OSError."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading, as a file that has a descriptor. Raises FileNotFoundError."""
        ...

    def path(self, sha256: str) -> Path | None:
        """Where the blob lies on this machine, or None when it does not."""
        ...

    def blocks(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to `end`, piece by piece; each piece may be waited for. Raises FileNotFoundError."""
        ...

    def address(self, sha256: str) -> str | None:
        """Where anybody can have the blob from the store itself for some minutes; None when the store serves nobody."""
        ...

    def sidecar(self, sha256: str) -> bytes | None:
        """The sidecar of the blob with this SHA-256, or None when it has none (yet)."""
        ...

    def keep_sidecar(self, sha256: str, data: bytes) -> None:
        """Put these bytes beside the blob with this SHA-256, whole or not at all. Raises OSError."""
        ...

    def names(self) -> Iterator[str]:
        """The SHA-256 of every blob that is there."""
        ...

    def delete(self, sha256: str) -> None:
        """Take a blob and its sidecar away; one that is not there is fine.

        Raises Unreachable when nobody knows whether it was done or will be, and Denied when it was not and will not be.
        """
        ...

    def sweep(self, before: float, guard: Guard) -> Swept:
        """Remove what no upload finished (see `LocalBlobs.sweep`)."""
        ...


class LocalBlobs:
    """Blobs in a local folder: `blobs/aa/<sha256>`, and `tmp/` for what is received before its hash is known.

    `fsync` is an argument so that a test can count the calls or let one fail.
    """

    removes_at_once = True

    def __init__(self, root: Path, fsync: Fsync = os.fsync) -> None:
        # Plain text: making a Path costs more than the system call that it is for, and an upload names several.
        self._root = str(root / "blobs")
        self._tmp = str(root / "tmp")
        self._fsync = fsync
        self._mine, self._numbers = f"{secrets.token_hex(16)}-", itertools.count()
        # Folders whose fsync failed. The kernel may have given up what was new in them, and would answer "done" to a second
        # question: so they are written anew before it is asked.
        self._suspect: set[str] = set()
        for folder in (self._root, self._tmp):
            Path(folder).mkdir(parents=True, exist_ok=True)
        _spread(self._root)
        # Folders whose own name this process has made durable. That a folder exists proves nothing: another thread, or a process
        # killed since, may have made it a moment ago. What is there now becomes durable here, all at once.
        there = [name for name in os.listdir(self._root) if _FOLDER.fullmatch(name)]  # noqa: PTH208 - names, not paths
        self._fsync_folder(self._root)
        self._fsync_folder(str(root))
        self._durable = {f"{self._root}/{name}" for name in there}

    def prepare(self) -> None:
        """Make every folder now, so that no upload has to. Takes a moment in a new store; uploads may go on meanwhile."""
        missing = [folder for folder in (f"{self._root}/{number:02x}" for number in range(256)) if folder not in self._durable]
        for folder in missing:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - see __init__
        if missing:
            self._fsync_folder(self._root)
            self._durable.update(missing)

    def temp(self, sha256: str = "") -> Temp:
        """Open an empty temp file; its name begins with what this process drew, so processes may share the folder.

        With `sha256` it lies in the folder of that blob: its name comes and goes in the one folder that an upload writes.
        """
        folder = self._folder(sha256) if sha256 else self._tmp
        path = f"{folder}/{_TEMP}{self._mine}{next(self._numbers)}"
        return Temp(path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644), self._fsync)

    def adopt(self, temp: Temp, sha256: str) -> None:
        """Make the temp file a durable blob, then close it.

        The temp name goes before the folder is synced: what the disk then holds is one file with one name, also where no journal
        would put a second one right.
        """
        temp.sync()
        folder = self._folder(sha256)
        place = f"{folder}/{sha256}"
        try:
            os.link(temp.path, place)
        except FileExistsError:
            if os.stat(place).st_size != temp.size:  # noqa: PTH116 - see __init__
                raise OSError(errno.EIO, "a stored blob does not have the size of its content", place) from None
        temp.forget()
        # Also when the blob was there: its name may be as new as ours.
        self._fsync_folder(folder)
        temp.discard()

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob for reading. Raises FileNotFoundError."""
        return Path(self._place(sha256)).open("rb")

    def path(self, sha256: str) -> Path | None:
        """Where the blob lies, or None when there is none."""
        return _file(self._place(sha256))

    def blocks(self, sha256: str, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` up to `end`, piece by piece. Raises FileNotFoundError."""
        with self.open(sha256) as blob:
            blob.seek(start)
            while start < end and (block := blob.read(min(BLOCK, end - start))):
                start += len(block)
                yield block

    def address(self, _sha256: str) -> None:
        """Nowhere: a folder serves nobody."""
        return

    def sidecar(self, sha256: str) -> bytes | None:
        """The sidecar of a blob, or None when it has none (yet)."""
        try:
            return Path(self._place(sha256) + SIDECAR).read_bytes()
        except FileNotFoundError:
            return None

    def keep_sidecar(self, sha256: str, data: bytes) -> None:
        """Put these bytes beside a blob, over what was there. Not synced: after a crash they may be anything."""
        temp = self.temp(sha256)
        try:
            temp.write(data)
            Path(temp.path).replace(self._place(sha256) + SIDECAR)
            temp.path = ""
        finally:
            temp.discard()

    def names(self) -> Iterator[str]:
        """The SHA-256 of every blob that is there."""
        return (entry.name for entry in self._entries() if _SHA256.fullmatch(entry.name))

    def delete(self, sha256: str) -> None:
        """Take a blob and its sidecar away, the blob last: while it is there, its sidecar can be missed and swept."""
        place = Path(self._place(sha256))
        Path(f"{place}{SIDECAR}").unlink(missing_ok=True)
        place.unlink(missing_ok=True)

    def sweep(self, before: float, guard: Guard) -> Swept:
        """Remove temp files and blobs that nobody touched since `before` (epoch seconds) and nobody names.

        `guard(sha256, remove)` must call `remove` only when neither a file row nor a use row names the blob, and see to it that
        no use row is committed meanwhile: else the sweeper could take a blob that an upload is about to name. Folders stay:
        removing one would race with the upload that is about to link into it.
        """
        temps, candidates = 0, 0
        for entry in self._entries():
            if not _older(entry, before):
                continue
            name = entry.name
            if name.startswith(_TEMP):
                Path(entry).unlink(missing_ok=True)
                temps += 1
            elif _SHA256.fullmatch(name):
                candidates += 1
                guard(name, partial(self.delete, name))
            elif _SHA256.fullmatch(name.removesuffix(SIDECAR)) and not os.path.exists(entry.path.removesuffix(SIDECAR)):  # noqa: PTH110
                # Its blob was deleted while it was written.
                guard(name.removesuffix(SIDECAR), partial(self.delete, name.removesuffix(SIDECAR)))
        return Swept(temps, candidates)

    def _entries(self) -> Iterator[os.DirEntry[str]]:
        """Every file below our folders, folder by folder, without holding the whole list."""
        with os.scandir(self._root) as folders:
            names = sorted(folder.name for folder in folders if _FOLDER.fullmatch(folder.name))
        for folder in (self._tmp, *(f"{self._root}/{name}" for name in names)):
            with os.scandir(folder) as entries:
                yield from entries

    def _place(self, sha256: str) -> str:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("a blob is named by 64 lower-case hexadecimal digits")
        return f"{self._root}/{sha256[:2]}/{sha256}"

    def _folder(self, sha256: str) -> str:
        """The folder of a blob, made when it is not there, and durable itself."""
        folder = self._place(sha256)[:-65]
        if folder not in self._durable:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103 - see __init__
            self._fsync_folder(self._root)
            self._durable.add(folder)
        return folder

    def _fsync_folder(self, folder: str) -> None:
        if folder in self._suspect:
            # A folder here is one block of the disk: a new entry makes the kernel write that block again, with all its names.
            mark = Path(folder, f"{_TEMP}{secrets.token_hex(8)}")
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


def _spread(folder: str) -> None:
    """Tell the file system that the folders in this one are unrelated, as `chattr +T` does; where it cannot be told, no matter.

    Else ext4 puts them all into the group of blocks of their parent. There every new file of an upload looks for a free inode
    among everything that is and was in that group: we have seen this take longer than writing the file.
    """
    with contextlib.suppress(OSError, ImportError):
        import fcntl

        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            flags = bytearray(fcntl.ioctl(fd, _GET_FLAGS, bytes(8)))
            (now,) = struct.unpack_from("=I", flags)
            if not now & _TOP_OF_HIERARCHIES:
                struct.pack_into("=I", flags, 0, now | _TOP_OF_HIERARCHIES)
                fcntl.ioctl(fd, _SET_FLAGS, bytes(flags))
        finally:
            os.close(fd)


def _file(place: str) -> Path | None:
    return Path(place) if os.path.isfile(place) else None  # noqa: PTH113 - see LocalBlobs.__init__


def _older(entry: os.DirEntry[str], before: float) -> bool:
    """Whether the file's last change is older; one that went away meanwhile is nobody's business."""
    try:
        return entry.stat(follow_symlinks=False).st_ctime < before
    except FileNotFoundError:
        return False
