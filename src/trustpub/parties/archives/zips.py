"""ZIP files walked record by record from the first byte to the last: what two readers could see differently is refused.

A ZIP file can be read from its front (local headers) or from its end (central directory), and the two can tell different stories.
Here both are read, must say the same, and must fill the file without a gap. `zipfile` looks at the end only.
Mirrors: warehouse/utils/zipfiles.py @6b62157, and refuses more: see `_local` and `_central`.
"""

from __future__ import annotations

import stat
import struct
import zlib
from hashlib import sha256
from typing import TYPE_CHECKING

from trustpub.parties.archives.members import Members
from trustpub.parties.archives.port import MIB, Unacceptable
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.parties.archives.port import Limits

WHAT = "ZIP archive not accepted"
STORED, DEFLATED = 0, 8
UNIX, MACOS = 3, 19

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_END64 = struct.Struct("<IQHHIIQQQQ")
_LOCATOR64 = struct.Struct("<IIQI")
_LOCAL_MAGIC, _CENTRAL_MAGIC, _END_MAGIC = 0x04034B50, 0x02014B50, 0x06054B50
_END64_MAGIC, _LOCATOR64_MAGIC = 0x06064B50, 0x07064B50
_ALLOWED_FLAGS = 0x0806
"""Deflate's two speed bits and "the name is UTF-8"; not encrypted, no data descriptor, no patch, nothing reserved."""
_UTF8 = 0x0800
_MAX16, _MAX32 = 0xFFFF, 0xFFFFFFFF
_SLICE = 256 * 1024


class Member(NamedTuple):
    """One member as both of its headers tell it; `start` is where its (compressed) bytes begin."""

    name: str
    folder: bool
    method: int
    crc: int
    compressed: int
    size: int
    start: int


class _Header(NamedTuple):
    raw_name: bytes
    flags: int
    method: int
    crc: int
    compressed: int
    size: int


class Zip:
    """One ZIP file, walked once when it is made. Raises Unacceptable."""

    def __init__(self, data: memoryview, limits: Limits) -> None:
        self._data = data
        self._left = limits.inflated_for(len(data))
        self._at = 0
        members = Members(WHAT, limits)
        locals_: dict[int, tuple[_Header, Member]] = {}
        while self._magic() == _LOCAL_MAGIC:
            offset = self._at
            locals_[offset] = self._local(members)
        members.finish()
        self._directory(locals_)
        self.members = tuple(member for _, member in locals_.values())

    def read(self, member: Member, cap: int) -> bytes:
        """The bytes of one member, checked; refused when they are more than `cap`."""
        if member.size > cap:
            raise Unacceptable(f"{WHAT}: '{member.name}' has more than {cap} bytes")
        return b"".join(self.chunks(member))

    def digest(self, member: Member) -> bytes:
        """The SHA-256 of one member's bytes, checked as they are inflated."""
        hasher = sha256()
        for chunk in self.chunks(member):
            hasher.update(chunk)
        return hasher.digest()

    def chunks(self, member: Member) -> Iterator[bytes | memoryview]:
        """The bytes of one member piece by piece; after the last one size, checksum and end of the stream were right."""
        total = crc = 0
        pieces = self._stored(member) if member.method == STORED else self._inflated(member)
        for piece in pieces:
            total += len(piece)
            self._left -= len(piece)
            if total > member.size:
                raise Unacceptable(f"{WHAT}: '{member.name}' is larger than it says")
            if self._left < 0:
                raise Unacceptable("Invalid distribution file. File exceeds compression ratio of 50")
            crc = zlib.crc32(piece, crc)
            yield piece
        if total != member.size or crc != member.crc:
            raise Unacceptable(f"{WHAT}: '{member.name}' does not have the size or the checksum that it says")

    def _stored(self, member: Member) -> Iterator[memoryview]:
        for at in range(member.start, member.start + member.compressed, MIB):
            yield self._data[at : min(at + MIB, member.start + member.compressed)]

    def _inflated(self, member: Member) -> Iterator[bytes]:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        end = member.start + member.compressed
        # At most one byte more than it says is inflated at a time: a bomb is seen at its first byte too many.
        room = min(member.size + 1, MIB)
        try:
            for at in range(member.start, end, _SLICE):
                pending: bytes | memoryview = self._data[at : min(at + _SLICE, end)]
                while pending and not stream.eof:
                    yield stream.decompress(pending, room)
                    pending = stream.unconsumed_tail
                if stream.eof and (stream.unused_data or at + _SLICE < end):
                    raise Unacceptable(f"{WHAT}: '{member.name}' has bytes behind the end of its stream")
            while not stream.eof:
                more = stream.decompress(b"", room)
                if not more:
                    break
                yield more
        except zlib.error:
            raise Unacceptable(f"{WHAT}: '{member.name}' cannot be inflated") from None
        if not stream.eof:
            raise Unacceptable(f"{WHAT}: the stream of '{member.name}' does not end")

    def _magic(self) -> int:
        raw = bytes(self._data[self._at : self._at + 4])
        if len(raw) < 4:
            raise Unacceptable(f"{WHAT}: it ends too early")
        return int.from_bytes(raw, "little")

    def _unpack(self, layout: struct.Struct) -> tuple[int, ...]:
        start = self._at
        self._at += layout.size
        if self._at > len(self._data):
            raise Unacceptable(f"{WHAT}: it ends too early")
        return layout.unpack_from(self._data, start)

    def _bytes(self, length: int) -> bytes:
        start = self._at
        self._at += length
        if self._at > len(self._data):
            raise Unacceptable(f"{WHAT}: it ends too early")
        return bytes(self._data[start : self._at])

    def _local(self, members: Members) -> tuple[_Header, Member]:
        _, _, flags, method, _, _, crc, compressed, size, name_length, extra_length = self._unpack(_LOCAL)
        raw = self._bytes(name_length)
        size, compressed = _zip64(_extras(self._bytes(extra_length), raw), size, compressed)
        if flags & ~_ALLOWED_FLAGS:
            raise Unacceptable(f"{WHAT}: a member is encrypted, has a data descriptor, or another flag that is not allowed")
        if method not in (STORED, DEFLATED):
            raise Unacceptable("Invalid distribution file. A member is compressed by another method than deflate")
        if method == STORED and compressed != size:
            raise Unacceptable(f"{WHAT}: a stored member has two sizes")
        if not raw.isascii() and not flags & _UTF8:
            raise Unacceptable(f"{WHAT}: a member's name has letters beyond ASCII without saying that it is UTF-8")
        folder = raw.endswith(b"/")
        name = members.add(raw.removesuffix(b"/"), folder=folder)
        if folder and size:
            raise Unacceptable(f"{WHAT}: the folder '{name}' has content")
        start = self._at
        self._at += compressed
        if self._at > len(self._data):
            raise Unacceptable(f"{WHAT}: it ends too early")
        header = _Header(raw, flags, method, crc, compressed, size)
        return header, Member(name, folder, method, crc, compressed, size, start)

    def _directory(self, locals_: dict[int, tuple[_Header, Member]]) -> None:
        """Read the central directory and the end records; they must tell what the local headers told, and nothing may follow."""
        start = self._at
        told: set[int] = set()
        while self._magic() == _CENTRAL_MAGIC:
            offset, header = self._central()
            if offset in told or offset not in locals_ or locals_[offset][0] != header:
                raise Unacceptable(f"{WHAT}: its central directory does not tell what its local headers tell")
            told.add(offset)
        if len(told) != len(locals_):
            raise Unacceptable(f"{WHAT}: its central directory leaves members out")
        self._end(len(told), start, self._at - start)

    def _central(self) -> tuple[int, _Header]:
        record = self._unpack(_CENTRAL)
        made_by, flags, method, crc, compressed, size = record[1], record[3], record[4], *record[7:10]
        name_length, extra_length, comment_length, disk, _, attributes, offset = record[10:]
        raw = self._bytes(name_length)
        extras = _extras(self._bytes(extra_length), raw)
        size, compressed, offset = _zip64(extras, size, compressed, offset)
        if comment_length or disk:
            raise Unacceptable(f"{WHAT}: a member has a comment or lies on another disk")
        mode = attributes >> 16
        if made_by >> 8 in (UNIX, MACOS) and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Unacceptable(f"{WHAT}: a member is neither a file nor a folder, but a link or a device")
        if stat.S_ISDIR(mode) and not raw.endswith(b"/"):
            raise Unacceptable(f"{WHAT}: a member says that it is a folder and is none")
        return offset, _Header(raw, flags, method, crc, compressed, size)

    def _end(self, count: int, start: int, length: int) -> None:
        actual = (count, length, start)
        long = self._magic() == _END64_MAGIC
        if long:
            self._end64(actual)
        magic, disk, first, here, total, said_length, said_start, comment = self._unpack(_END)
        if magic != _END_MAGIC:
            raise Unacceptable(f"{WHAT}: it holds a record that is none of a ZIP archive's")
        said = ((here, _MAX16), (total, _MAX16), (said_length, _MAX32), (said_start, _MAX32))
        expected = (count, count, length, start)
        fits = all(value == real or (long and value == most) for (value, most), real in zip(said, expected, strict=True))
        if disk or first or not fits:
            raise Unacceptable(f"{WHAT}: its end does not tell the count, size or place of its central directory")
        self._bytes(comment)
        if self._at != len(self._data):
            raise Unacceptable(f"{WHAT}: bytes follow its end")

    def _end64(self, actual: tuple[int, int, int]) -> None:
        count, length, start = actual
        place = self._at
        _, rest, _, _, disk, first, here, total, said_length, said_start = self._unpack(_END64)
        if rest != _END64.size - 12 or disk or first or (here, total, said_length, said_start) != (count, count, length, start):
            raise Unacceptable(f"{WHAT}: its 64-bit end does not tell the count, size or place of its central directory")
        magic, disk, offset, disks = self._unpack(_LOCATOR64)
        if magic != _LOCATOR64_MAGIC or disk or offset != place or disks > 1:
            raise Unacceptable(f"{WHAT}: the locator of its 64-bit end is missing or wrong")


def _extras(raw: bytes, name: bytes) -> dict[int, bytes]:
    """The extra fields of one header by id; only whole ones, and none of those that change a meaning twice."""
    found: dict[int, bytes] = {}
    at = 0
    while at < len(raw):
        if at + 4 > len(raw):
            raise Unacceptable(f"{WHAT}: a member's extra fields are malformed")
        kind, length = struct.unpack_from("<HH", raw, at)
        at += 4 + length
        if at > len(raw) or (kind in found and kind in (0x0001, 0x7075)):
            raise Unacceptable(f"{WHAT}: a member's extra fields are malformed")
        found[kind] = raw[at - length : at]
    if 0x7075 in found and found[0x7075][5:] != name:
        raise Unacceptable(f"{WHAT}: a member has two names")
    return found


def _zip64(extras: dict[int, bytes], *values: int) -> tuple[int, ...]:
    """Replace each 32-bit value that says "see the 64-bit field"; the field must hold exactly those and nothing more."""
    missing = sum(value == _MAX32 for value in values)
    field = extras.get(0x0001, b"")
    if len(field) != 8 * missing:
        raise Unacceptable(f"{WHAT}: a member's 64-bit sizes are malformed")
    long = iter(struct.unpack(f"<{missing}Q", field))
    return tuple(next(long) if value == _MAX32 else value for value in values)
