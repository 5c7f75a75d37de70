"""Holding the files' bytes against what the index says about them, byte by byte."""

from __future__ import annotations

import hashlib
import json
from base64 import b64decode
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol

from trustpub.errors import Broken
from trustpub.storage.blob_uses import blobs_in_use
from trustpub.storage.consistency import contradictions
from trustpub.storage.files import all_files, find_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trustpub.storage.database import Database
    from trustpub.storage.files import File

BLOCK = 1024 * 1024
"""Bytes that are held in memory at once."""


class Bytes(Protocol):
    """Where blobs can be read and listed."""

    def open(self, sha256: str) -> BinaryIO:
        """Open a blob. Raises FileNotFoundError."""
        ...

    def names(self) -> Iterable[str]:
        """The SHA-256 (hex) of every blob."""
        ...


@dataclass(frozen=True, slots=True)
class Damage:
    """One file of the index whose bytes are not what it says; `file` is its name."""

    file: str
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: `files` were compared, `orphans` are blobs that no file names (a killed upload; the sweeper takes them)."""

    files: int
    damages: tuple[Damage, ...]
    orphans: tuple[str, ...]


def verify_data(database: Database, blobs: Bytes, metadata: Callable[[File], object]) -> Verified:
    """Read every blob of every file once, also under a running server. The database's own structure is checked too.

    So is whether provenance speaks of the file that it is served for. A file that is deleted meanwhile has no damage.

    `metadata` takes a wheel's metadata from the wheel, as `Sidecars.take` does, and raises Broken when they are not its row's.
    """
    there = frozenset(blobs.names())  # before the rows: an upload that is under way has its use row by now
    with database.read() as connection:
        files = all_files(connection)
        used = blobs_in_use(connection)
        damages = [Damage(what, why) for what, why in contradictions(connection)]
    damages += [Damage("the database", problem) for problem in database.problems()]
    read: dict[str, str | None] = {}
    for file in files:
        found = [Damage(file.filename, why) for why in _compare(file, blobs, metadata, read)]
        damages += found if found and _still_there(database, file) else []
    return Verified(len(files), tuple(damages), tuple(sorted(there - used)))


def _still_there(database: Database, file: File) -> bool:
    with database.read() as connection:
        now = find_file(connection, file.filename)
    return now is not None and now.sha256 == file.sha256


def _compare(file: File, blobs: Bytes, metadata: Callable[[File], object], read: dict[str, str | None]) -> Iterable[str]:
    key = f"{file.sha256} {file.size}"  # `read` remembers blobs that several files name
    if key not in read:
        read[key] = _read(blobs, file.sha256, file.size)
    if problem := read[key]:
        yield problem
        return
    if file.provenance is not None and (why := _unproven(file)):
        yield why
    if file.metadata_sha256 is not None:
        try:
            metadata(file)
        except Broken as broken:
            yield f"its metadata: {broken.why}"


def _read(blobs: Bytes, sha256: str, size: int) -> str | None:
    """What is wrong with this blob, or None."""
    try:
        with blobs.open(sha256) as blob:
            digest, length = hashlib.sha256(), 0
            while block := blob.read(BLOCK):
                digest.update(block)
                length += len(block)
    except OSError as problem:
        return (
            "its bytes are missing" if isinstance(problem, FileNotFoundError) else f"its bytes cannot be read: {problem.strerror}"
        )
    if length != size:
        return f"it has {length} bytes instead of {size}"
    found = digest.hexdigest()
    return None if found == sha256 else f"its bytes have the SHA-256 {found} instead of {sha256}"


def _unproven(file: File) -> str | None:
    """What is wrong with the provenance, or None: each statement in it names this file by its name and its SHA-256."""
    try:
        bundles = json.loads(file.provenance or "")["attestation_bundles"]
        told = [each["envelope"]["statement"] for bundle in bundles for each in bundle["attestations"]]
        subjects = [subject for text in told for subject in json.loads(b64decode(text, validate=True))["subject"]]
        proven = {(subject["name"], subject["digest"]["sha256"]) for subject in subjects}
    except (ValueError, KeyError, TypeError):
        return "its provenance cannot be read"
    return None if proven == {(file.filename, file.sha256)} else "its provenance speaks of another file"
