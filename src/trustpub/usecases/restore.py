"""Putting a backup into an empty index, on the same kind of database and store or on another.

Bytes go first, each compared with its name; then all rows in one transaction. So a restore that is killed has changed nothing
that anybody sees: the index is as empty as before, and the next restore finds the bytes there already. As an upload does, it
says which bytes it is about to name before it puts them there: a server that runs on the empty index would sweep them.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from trustpub.errors import BadInput, Broken, Unreachable
from trustpub.storage import dump
from trustpub.storage.blob_uses import blob_use_add, blob_use_remove
from trustpub.storage.events import Event, record
from trustpub.storage.schema import REVISION
from trustpub.usecases.backup import FORMAT, MANIFEST, Made, copied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from trustpub.domain.claims import JSON
    from trustpub.storage.blob_uses import BlobUse
    from trustpub.storage.blobs import Temp
    from trustpub.storage.database import Connection, Database


class Kept(Protocol):
    """Where the bytes of files are put."""

    def temp(self, sha256: str = "") -> Temp:
        """Open an empty temp file."""
        ...

    def adopt(self, temp: Temp, sha256: str) -> None:
        """Make the temp file a durable blob."""
        ...


@dataclass(frozen=True, slots=True)
class _Manifest:
    tables: Mapping[str, tuple[int, str]]
    last_ids: Mapping[str, int]
    files: int
    blobs: int
    bytes: int


def restore(folder: Path, database: Database, blobs: Kept, clock: Callable[[], float]) -> Made:
    """Put everything back and say how much it was.

    Raises `BadInput` for a folder that is no backup of this release and for an index that is not empty, `Broken` for a backup
    that is damaged, `Unreachable` for bytes that a store may still be removing: whatever it is, nothing is there afterwards.
    """
    with database.read() as connection:
        _refuse_used(connection)
    manifest = _read_manifest(folder)
    for name, (_, sha256) in manifest.tables.items():
        if _hash(folder / "tables" / f"{name}.jsonl") != sha256:
            raise _damaged(f"tables/{name}.jsonl")
    held = {str(row["sha256"]): row["size"] for row in _rows(folder, "files")}
    uses = _announce(database, held, clock())
    for sha256, size in held.items():
        _put_blob(folder, blobs, sha256, size)
    database.write(partial(_put_rows, folder=folder, manifest=manifest, uses=uses, now=clock())).result()
    return Made(sum(rows for rows, _ in manifest.tables.values()), manifest.files, manifest.blobs, manifest.bytes)


def _announce(database: Database, held: Iterable[str], now: float) -> list[BlobUse]:
    """Say that these blobs will be named; some at a time, because others may want to write."""
    uses: list[BlobUse] = []
    names = iter(held)
    while some := list(islice(names, dump.BATCH)):
        for use in database.write(partial(blob_use_add, sha256s=some, now=now)).result():
            if use is None:
                why = "bytes that the backup holds are being removed from it"
                raise Unreachable("the store of files", why=why, next_step="Try again in an hour")
            uses.append(use)
    return uses


def _put_rows(connection: Connection, folder: Path, manifest: _Manifest, uses: Iterable[BlobUse], now: float) -> None:
    _refuse_used(connection)  # again: somebody may have begun to use it meanwhile
    if not blob_use_remove(connection, uses):
        raise Broken("the restore", why="it took more than a day, and its bytes may have been swept", next_step="Run it again.")
    for name, (rows, _) in manifest.tables.items():
        try:
            put = dump.put_rows(connection, name, _rows(folder, name))
        except ValueError:
            raise _damaged(f"tables/{name}.jsonl") from None
        if put != rows:
            raise _damaged(f"tables/{name}.jsonl")
    dump.put_last_ids(connection, manifest.last_ids)
    record(connection, Event("index:restored", "operator", now, {"rows": sum(rows for rows, _ in manifest.tables.values())}))


def _put_blob(folder: Path, blobs: Kept, sha256: str, size: JSON) -> None:
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise _damaged("tables/files.jsonl")
    temp = blobs.temp(sha256)
    try:
        with (folder / "blobs" / sha256[:2] / sha256).open("rb") as source:
            found = copied(source, temp.write)
        if found != sha256 or temp.size != size:
            raise _damaged(f"blobs/{sha256[:2]}/{sha256}")
        blobs.adopt(temp, sha256)
    except FileNotFoundError:
        raise _damaged(f"blobs/{sha256[:2]}/{sha256}") from None
    finally:
        temp.discard()


def _refuse_used(connection: Connection) -> None:
    if not dump.is_empty(connection):
        step = "Name an empty data folder with `--data` (and an empty database in the settings)."
        raise BadInput("the index", why="it is not empty", next_step=step)


def _rows(folder: Path, name: str) -> Iterator[Mapping[str, JSON]]:
    with (folder / "tables" / f"{name}.jsonl").open("rb") as file:
        for line in file:
            row = json.loads(line)
            if not isinstance(row, dict):
                raise _damaged(f"tables/{name}.jsonl")
            yield row


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _read_manifest(folder: Path) -> _Manifest:
    try:
        found = json.loads((folder / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        step = "Name a folder that `trustpub admin backup` wrote."
        raise BadInput(f"`{folder}`", why=f"there is no `{MANIFEST}` that can be read", next_step=step) from None
    if not isinstance(found, dict) or found.get("format") != FORMAT or found.get("revision") != REVISION:
        revision = found.get("revision") if isinstance(found, dict) else None
        step = "Restore it with the release that wrote it, then upgrade with `trustpub admin migrate`."
        why = f"it was written at revision `{revision}`, and this release is at `{REVISION}`"
        raise BadInput(f"`{folder}`", why=why, next_step=step)
    try:
        tables = {str(name): (int(each["rows"]), str(each["sha256"])) for name, each in found["tables"].items()}
        last = {str(name): int(value) for name, value in found["last_ids"].items()}
        manifest = _Manifest(tables, last, int(found["files"]), int(found["blobs"]), int(found["bytes"]))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _damaged(MANIFEST) from None
    if tuple(tables) != dump.table_names():
        raise _damaged(MANIFEST)
    return manifest


def _damaged(name: str) -> Broken:
    return Broken("the backup", why=f"`{name}` is damaged", next_step="Take another backup.")
