"""Wheels: the ZIP archive is sound, has one dist-info folder with what must be in it, and RECORD tells every file's true hash.

PyPI compares RECORD by names only and mails about a difference; here a wrong hash refuses the file.
"""

from __future__ import annotations

import csv
import hashlib
import re
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from typing import TYPE_CHECKING

from trustpub.domain.filenames import wheel_name
from trustpub.parties.archives.port import MIB, Unacceptable
from trustpub.parties.archives.zips import Zip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.parties.archives.port import Job
    from trustpub.parties.archives.zips import Member

RECORD_CAP = 16 * MIB
SMALL_CAP = MIB
ALGORITHMS = ("sha256", "sha384", "sha512")
_UNLISTED = ("RECORD", "RECORD.jws", "RECORD.p7s")
"""Files of the dist-info folder that RECORD does not vouch for."""
_NO_METADATA = "Wheel '{wheel}' does not contain the required METADATA file: {file}"
_ENTRY_NAME = re.compile(r"[\w.-]+")


class Wheel:
    """One wheel, opened and walked; `check` looks at the rest. Raises Unacceptable."""

    def __init__(self, data: memoryview, job: Job) -> None:
        parts = wheel_name(job.filename)
        if isinstance(parts, str):
            raise Unacceptable(parts)
        self._job = job
        self._zip = Zip(data, job.limits)
        self._info = f"{parts.folder}.dist-info"
        self._files = {member.name: member for member in self._zip.members if not member.folder}

    def check(self) -> bytes:
        """Check everything and return METADATA as it stands in the wheel."""
        self._check_folders()
        version = self._required("WHEEL", "Invalid distribution file. {file} not found")
        self._required("METADATA", _NO_METADATA)
        record = self._required("RECORD", "Wheel '{wheel}' does not contain the required RECORD file: {file}")
        _check_version(self._zip.read(version, SMALL_CAP))
        self._check_record(self._zip.read(record, RECORD_CAP))
        self._check_entry_points()
        return self.metadata()

    def metadata(self) -> bytes:
        """METADATA as it stands in the wheel, nothing else looked at."""
        return self._zip.read(self._required("METADATA", _NO_METADATA), self._job.limits.metadata)

    def licence_path(self, licence: str) -> str:
        """Where a file that METADATA names as `License-File` must lie."""
        return f"{self._info}/licenses/{licence}"

    def __contains__(self, name: str) -> bool:
        return name in self._files

    def _check_folders(self) -> None:
        """Refuse a second dist-info folder: which of the two an installer reads is its own choice."""
        tops = {member.name.partition("/")[0] for member in self._zip.members}
        others = sorted(top for top in tops if top.lower().endswith(".dist-info") and top != self._info)
        if others:
            raise Unacceptable(f"Invalid distribution file. It holds '{others[0]}' where only '{self._info}' may be")

    def _required(self, name: str, words: str) -> Member:
        path = f"{self._info}/{name}"
        if path not in self._files:
            raise Unacceptable(words.format(wheel=self._job.filename, file=path))
        return self._files[path]

    def _check_record(self, record: bytes) -> None:
        listed = dict(_rows(record))
        unlisted = {f"{self._info}/{name}" for name in _UNLISTED}
        for name, member in self._files.items():
            if name in unlisted:
                for _ in self._zip.chunks(member):  # its checksum is all that vouches for it
                    pass
            elif name not in listed:
                raise _record(f"'{name}' is not in it")
            else:
                self._check_hash(member, *listed[name])
        missing = sorted(set(listed) - set(self._files))
        if missing:
            raise _record(f"it lists '{missing[0]}', which is not in the wheel")

    def _check_hash(self, member: Member, said: str, size: str) -> None:
        algorithm, _, digest = said.partition("=")
        if algorithm not in ALGORITHMS:
            raise _record(f"it has no sha256 (or stronger) hash for '{member.name}'")
        if algorithm == "sha256":
            actual = self._zip.digest(member)
        else:
            hasher = hashlib.new(algorithm)
            for chunk in self._zip.chunks(member):
                hasher.update(chunk)
            actual = hasher.digest()
        if size and size != str(member.size):
            raise _record(f"it has another size for '{member.name}'")
        if _unbase64(digest) != actual:
            raise _record(f"it has another hash for '{member.name}'")

    def _check_entry_points(self) -> None:
        member = self._files.get(f"{self._info}/entry_points.txt")
        if member is None:
            return
        from configparser import ConfigParser
        from configparser import Error as NotIni

        points = ConfigParser(delimiters=("=",), strict=False, interpolation=None)
        points.optionxform = str  # type: ignore[assignment,method-assign]
        try:
            points.read_string(self._zip.read(member, SMALL_CAP).decode("utf-8"))
        except (NotIni, UnicodeDecodeError):
            raise Unacceptable(f"Wheel '{self._job.filename}' has an entry_points.txt that cannot be read") from None
        for section in ("console_scripts", "gui_scripts"):
            for name in points[section] if points.has_section(section) else ():
                if not _ENTRY_NAME.fullmatch(name):
                    raise Unacceptable(f"Wheel '{self._job.filename}' has an invalid entry point name: '{name[:100]}'")


def _rows(record: bytes) -> Iterator[tuple[str, tuple[str, str]]]:
    """The lines of RECORD: path, hash, size. A path that stands twice is refused."""
    seen: set[str] = set()
    try:
        for row in csv.reader(record.decode("utf-8").split("\n"), strict=True):
            if not row:
                continue
            if len(row) != 3 or row[0] in seen:
                raise _record("a line has not three fields, or a path stands twice")
            seen.add(row[0])
            yield row[0], (row[1], row[2])
    except (csv.Error, UnicodeDecodeError):
        raise _record("it cannot be read") from None


def _check_version(wheel: bytes) -> None:
    for line in wheel.decode("utf-8", "replace").split("\n"):
        name, _, value = line.partition(":")
        if name.strip().lower() == "wheel-version":
            if value.strip().partition(".")[0] != "1":
                break
            return
    raise Unacceptable("Invalid distribution file. WHEEL does not say Wheel-Version 1")


def _unbase64(text: str) -> bytes | None:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (NotBase64, ValueError):
        return None


def _record(why: str) -> Unacceptable:
    return Unacceptable(f"Invalid distribution file. RECORD does not match: {why}")
