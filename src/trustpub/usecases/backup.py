"""Copying a whole index into a folder while it serves: every row as one moment had it, and every file's bytes.

    manifest.json      what is here: the tables' revision, each table's rows and SHA-256, files and bytes
    tables/NAME.jsonl  the rows, one JSON object a line
    blobs/AA/SHA256    the bytes of files

The folder appears under its name when it is whole and on the disk; until then it is `NAME.partial`, which the next backup of that
name clears away. It knows nothing of the kind of database or store it came from, so `restore` may put it into another.

The rows come first. Bytes that they name are there, because an upload stores them before it commits; and they stay, because
nothing is swept meanwhile.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from trustpub.errors import BadInput, Broken
from trustpub.storage import dump
from trustpub.storage.files import all_files
from trustpub.storage.schema import REVISION
from trustpub.usecases.collect_garbage import keeping_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from trustpub.domain.claims import JSON
    from trustpub.storage.database import Connection, Database

FORMAT = 1
MANIFEST = "manifest.json"
BLOCK = 1024 * 1024


class Stored(Protocol):
    """Where the bytes of files are read."""

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob. Raises FileNotFoundError."""
        ...

    def path(self, sha256: str) -> Path | None:
        """Where a blob lies on this machine, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup, or what was restored, holds."""

    rows: int
    files: int
    blobs: int
    bytes: int


class Backup:
    """Makes one backup of one index."""

    def __init__(self, database: Database, blobs: Stored, clock: Callable[[], float]) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock

    def make(self, target: Path) -> Made:
        """Write it to `target`, which must not be there. Raises `BadInput` for that, `Broken` for bytes that are missing."""
        if target.exists():
            raise BadInput(f"`{target}`", why="it is there already", next_step="Name a new folder for each backup.")
        partly = target.with_name(target.name + ".partial")
        with _alone(partly), keeping_bytes(self._database, self._clock) as renew:
            made = self._write(partly, renew)
            durable(partly)
            partly.rename(target)
            durable_name(target.parent)
        return made

    def _write(self, folder: Path, renew: Callable[[], object]) -> Made:
        (folder / "tables").mkdir()
        with self._database.read() as connection:
            tables = {name: _write_table(connection, folder, name, renew) for name in dump.table_names()}
            files = [(file.sha256, file.size) for file in all_files(connection)]
            last = dump.last_ids(connection)
        held = dict(files)
        for sha256 in sorted(held):
            renew()
            self._keep(folder, sha256)
        made = Made(sum(rows for rows, _ in tables.values()), len(files), len(held), sum(held.values()))
        manifest: dict[str, JSON] = {
            "format": FORMAT,
            "revision": REVISION,
            "made": self._clock(),
            "tables": {name: {"rows": rows, "sha256": sha256} for name, (rows, sha256) in tables.items()},
            "last_ids": {**last},
            "files": made.files,
            "blobs": made.blobs,
            "bytes": made.bytes,
        }
        (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
        return made

    def _keep(self, folder: Path, sha256: str) -> None:
        """A second name for the same bytes where that can be, else a copy whose hash is looked at: blobs never change."""
        place = folder / "blobs" / sha256[:2] / sha256
        place.parent.mkdir(parents=True, exist_ok=True)
        here = self._blobs.path(sha256)
        if here is not None:
            with contextlib.suppress(OSError):  # another file system, or one without second names
                place.hardlink_to(here)
                return
        try:
            with self._blobs.open(sha256) as source, place.open("wb") as copy:
                found = copied(source, copy.write)
        except FileNotFoundError:
            found = "missing"
        if found != sha256:
            step = "`trustpub admin verify-data` names the file; restore it, or delete it."
            raise Broken(f"the bytes `{sha256}`", why="they are missing or damaged", next_step=step)


def copied(source: BinaryIO, write: Callable[[bytes], object]) -> str:
    """Copy everything, and say its SHA-256 (hex)."""
    digest = hashlib.sha256()
    while block := source.read(BLOCK):
        digest.update(block)
        write(block)
    return digest.hexdigest()


def _write_table(connection: Connection, folder: Path, name: str, renew: Callable[[], object]) -> tuple[int, str]:
    """How many rows, and the file's SHA-256."""
    digest, count = hashlib.sha256(), 0
    with (folder / "tables" / f"{name}.jsonl").open("wb") as file:
        for row in dump.rows_of(connection, name):
            line = json.dumps(row, separators=(",", ":")).encode("ascii") + b"\n"
            digest.update(line)
            file.write(line)
            count += 1
            if count % 10_000 == 0:
                renew()
    return count, digest.hexdigest()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Make this folder, empty, for this process alone; what a killed one left is cleared away, and ours if we fail."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as problem:
        raise BadInput(f"`{folder}`", why=problem.strerror or str(problem), next_step="Name a folder you may write.") from problem
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadInput(f"`{folder}`", why="another backup writes there now", next_step="Wait for it.") from None
        _clear(folder)
        try:
            yield
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    finally:
        os.close(lock)


def _clear(folder: Path) -> None:
    for each in folder.iterdir():
        shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()


def durable(folder: Path) -> None:
    """Everything below is on the disk, bytes and names."""
    for where, _, names in os.walk(folder):
        for name in names:
            _sync(os.path.join(where, name))  # noqa: PTH118 - as os.walk gives it
        _sync(where)


def durable_name(folder: Path) -> None:
    """The names in this folder are on the disk."""
    _sync(str(folder))


def _sync(path: str) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
