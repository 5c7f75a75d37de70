"""Gzipped tar archives walked header by header: one gzip member, plain files and folders, one story about every name and size.

`tarfile` reads what it can, ends quietly at what it cannot, and raises ValueError for some sparse members. Here whatever two
readers could take differently is refused, and nothing is held in memory but what was asked for.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from trustpub.parties.archives.members import Members
from trustpub.parties.archives.port import MIB, Unacceptable

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.parties.archives.port import Limits

WHAT = "Invalid distribution file. Tar archive not accepted"
BLOCK = 512
MAX_EXTENSION = 64 * 1024
"""Bytes of one pax header: real ones hold a name and a time."""

_ZEROS = bytes(BLOCK)
_USTAR = b"ustar\x0000"
_GNU = b"ustar  \x00"
_OCTAL = re.compile(rb" *([0-7]+)[ \x00]*")
_PAX = re.compile(rb"([0-9]{1,6}) ([^=\n]+)=")
_SLICE = 256 * 1024
_REFUSED_GLOBALLY = ("path", "size", "linkpath")


class _Inflated:
    """The inside of one gzip member as a stream. Raises Unacceptable."""

    __slots__ = ("_at", "_chunk", "_data", "_fed", "_left", "_stream")

    def __init__(self, data: memoryview, left: int) -> None:
        self._data = data
        self._left = left
        self._fed = 0
        self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._chunk = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        """Exactly this many bytes; the caller has bounded `count`."""
        pieces = []
        while count:
            piece = self._chunk[self._at : self._at + count]
            if piece:
                self._at += len(piece)
                count -= len(piece)
                pieces.append(piece)
            elif not self._fill():
                raise Unacceptable(f"{WHAT}: it ends too early")
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def skip(self, count: int) -> None:
        """Pass over this many bytes."""
        while count:
            step = min(count, len(self._chunk) - self._at)
            self._at += step
            count -= step
            if count and not self._fill():
                raise Unacceptable(f"{WHAT}: it ends too early")

    def finish(self) -> None:
        """Everything that is left must be zeros, and nothing may follow the gzip member."""
        while True:
            if self._chunk.count(0, self._at) != len(self._chunk) - self._at:
                raise Unacceptable(f"{WHAT}: bytes follow its end")
            if not self._fill():
                break

    def _fill(self) -> bool:
        """Inflate the next piece; False after the last, when the gzip checksum and length were right and nothing followed."""
        self._at = 0
        self._chunk = self._next()
        self._left -= len(self._chunk)
        if self._left < 0:
            raise Unacceptable("Invalid distribution file. File exceeds compression ratio of 50")
        return bool(self._chunk)

    def _next(self) -> bytes:
        while not self._stream.eof:
            source: bytes | memoryview = self._stream.unconsumed_tail
            if not source:
                source = self._data[self._fed : self._fed + _SLICE]
                self._fed += len(source)
            try:
                chunk = self._stream.decompress(source, MIB)
            except zlib.error:
                raise Unacceptable(f"{WHAT}: it is not a gzip member that can be inflated") from None
            if chunk:
                return chunk
            if not source and not self._stream.eof:
                raise Unacceptable(f"{WHAT}: its gzip member does not end")
        if self._stream.unused_data or self._fed < len(self._data):
            raise Unacceptable(f"{WHAT}: bytes follow its gzip member")
        return b""


class Tar:
    """One .tar.gz, walked once when it is made; `wanted` says which files to keep, with their names and most bytes."""

    def __init__(self, data: memoryview, limits: Limits, wanted: Callable[[str], int]) -> None:
        self._stream = _Inflated(data, limits.inflated_for(len(data)))
        self._limits = limits
        self._members = Members(WHAT, limits)
        self._wanted = wanted
        self._long_name: bytes | None = None
        self._folders: set[str] = set()
        self.kept: dict[str, bytes] = {}
        while True:
            header = self._stream.take(BLOCK)
            if header == _ZEROS:
                break
            self._entry(header)
        if self._long_name is not None:
            raise Unacceptable(f"{WHAT}: it ends with the name of a member that is not there")
        self._stream.finish()
        self._members.finish()
        self.files = self._members.files

    @property
    def tops(self) -> frozenset[str]:
        """The first parts of all names."""
        return frozenset(name.partition("/")[0] for name in self.files | self._folders)

    def _entry(self, header: bytes) -> None:
        kind, size = header[156:157], _size(header)
        _check_header(header)
        if kind in (b"x", b"g"):
            self._extended(kind, size)
        elif kind == b"L":
            self._set_long_name(self._extension(size).removesuffix(b"\x00"))
        elif kind in (b"0", b"\x00", b"5"):
            self._member(header, size, folder=kind == b"5")
        else:
            raise Unacceptable(f"{WHAT}: it may hold only files and folders, not links, devices or sparse files")

    def _member(self, header: bytes, size: int, *, folder: bool) -> None:
        raw = self._long_name if self._long_name is not None else _short_name(header)
        self._long_name = None
        if not folder and raw.endswith(b"/"):
            raise Unacceptable(f"{WHAT}: a file's name ends like a folder's")
        name = self._members.add(raw.removesuffix(b"/"), folder=folder)
        if folder:
            if size:
                raise Unacceptable(f"{WHAT}: the folder '{name}' has content")
            self._folders.add(name)
            return
        cap = self._wanted(name)
        if cap and size > cap:
            raise Unacceptable(f"{WHAT}: '{name}' has more than {cap} bytes")
        if cap:
            self.kept[name] = self._stream.take(size)
        else:
            self._stream.skip(size)
        self._stream.skip(-size % BLOCK)

    def _extension(self, size: int) -> bytes:
        if size > MAX_EXTENSION:
            raise Unacceptable(f"{WHAT}: a header has more than {MAX_EXTENSION} bytes")
        content = self._stream.take(size)
        self._stream.skip(-size % BLOCK)
        return content

    def _extended(self, kind: bytes, size: int) -> None:
        """A pax header: names of the next member are taken, another size or another kind of file refused, all else ignored."""
        for keyword, value in _pax(self._extension(size)):
            if keyword.startswith("GNU.sparse") or keyword in ("size", "linkpath", "hdrcharset"):
                raise Unacceptable(f"{WHAT}: a pax header says '{keyword}', which is not allowed")
            if kind == b"g" and keyword in _REFUSED_GLOBALLY:
                raise Unacceptable(f"{WHAT}: a pax header says '{keyword}' for all members, which is not allowed")
            if keyword == "path":
                self._set_long_name(value)

    def _set_long_name(self, name: bytes) -> None:
        if self._long_name is not None:
            raise Unacceptable(f"{WHAT}: a member has two names")
        self._long_name = name


def _check_header(header: bytes) -> None:
    """Only POSIX and GNU headers with the right checksum. GNU keeps times where POSIX keeps the prefix that `tarfile` reads."""
    magic = header[257:265]
    if magic not in (_USTAR, _GNU) or (magic == _GNU and header[345:500].strip(b"\x00")):
        raise Unacceptable(f"{WHAT}: a header is neither POSIX's nor GNU's")
    if _number(header[148:156]) != sum(header) - sum(header[148:156]) + 8 * 0x20:
        raise Unacceptable(f"{WHAT}: a header's checksum is wrong")


def _size(header: bytes) -> int:
    return _number(header[124:136])


def _number(raw: bytes) -> int:
    match = _OCTAL.fullmatch(raw)
    if match is None:
        raise Unacceptable(f"{WHAT}: a header's number cannot be read")
    return int(match[1], 8)


def _short_name(header: bytes) -> bytes:
    name = header[:100].partition(b"\x00")[0]
    prefix = header[345:500].partition(b"\x00")[0]
    return prefix + b"/" + name if prefix else name


def _pax(content: bytes) -> list[tuple[str, bytes]]:
    """The records of a pax header, each `LENGTH KEYWORD=VALUE` and a line end; a keyword that stands twice is refused."""
    records: dict[str, bytes] = {}
    at = 0
    while at < len(content):
        match = _PAX.match(content, at)
        end = at + int(match[1]) if match else 0
        if match is None or end > len(content) or end <= match.end() or content[end - 1] != 0x0A:
            raise Unacceptable(f"{WHAT}: a pax header is malformed")
        keyword = match[2].decode("utf-8", "replace")
        if keyword in records:
            raise Unacceptable(f"{WHAT}: a pax header says '{keyword}' twice")
        records[keyword] = content[match.end() : end - 1]
        at = end
    return list(records.items())
