"""Distributions written byte by byte, so that a test can make exactly one thing of a good one wrong."""

from __future__ import annotations

import base64
import functools
import gzip
import hashlib
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

INFO = "tiny_demo-1.0.dist-info"
WHEEL_NAME = "tiny_demo-1.0-py3-none-any.whl"
SDIST_NAME = "tiny_demo-1.0.tar.gz"
METADATA = (
    b"Metadata-Version: 2.4\nName: tiny-demo\nVersion: 1.0\nSummary: tiny\nRequires-Python: >=3.9\n"
    b"Description-Content-Type: text/plain\n\nHello.\n"
)
WHEEL = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@dataclass(frozen=True)
class Entry:
    """One member of a ZIP file: what its headers say is what its data is, unless a field here says otherwise."""

    name: bytes
    data: bytes
    deflated: bool = True
    flags: int = 0
    method: int | None = None
    crc: int | None = None
    size: int | None = None
    compressed: int | None = None
    raw: bytes | None = None
    extra: bytes = b""
    central: dict[str, object] = field(default_factory=dict)
    """Overrides for the central header alone: any of the above, and `attributes`, `comment`, `offset`, `made_by`."""

    @functools.cached_property
    def stream(self) -> bytes:
        """The bytes between the headers."""
        if self.raw is not None:
            return self.raw
        if not self.deflated:
            return self.data
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        return deflate.compress(self.data) + deflate.flush()

    def header(self) -> tuple[int, ...]:
        """Flags, method, time, date, checksum and the two sizes."""
        method = self.method if self.method is not None else (8 if self.deflated else 0)
        crc = zlib.crc32(self.data) if self.crc is None else self.crc
        compressed = len(self.stream) if self.compressed is None else self.compressed
        size = len(self.data) if self.size is None else self.size
        return self.flags, method, 0, 33, crc, compressed, size


def zip_bytes(
    entries: Sequence[Entry],
    *,
    prefix: bytes = b"",
    suffix: bytes = b"",
    comment: bytes = b"",
    leave_out: Iterable[bytes] = (),
    count: int | None = None,
    end_offset: int = 0,
    between: bytes = b"",
) -> bytes:
    """A ZIP file of these members; `leave_out` are names that the central directory does not tell."""
    body, central = bytearray(prefix), bytearray()
    told = 0
    for entry in entries:
        offset = len(body)
        body += struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, *entry.header(), len(entry.name), len(entry.extra))
        body += entry.name + entry.extra + entry.stream
        if entry.name in leave_out:
            continue
        told += 1
        attributes = {
            name: value for name, value in entry.central.items() if name not in ("attributes", "comment", "offset", "made_by")
        }
        twin = replace(entry, raw=entry.stream, central={}, **attributes)  # type: ignore[arg-type]
        said = bytes(entry.central.get("comment", b""))  # type: ignore[call-overload]
        central += struct.pack(
            "<IHHHHHHIIIHHHHHII",
            0x02014B50,
            entry.central.get("made_by", 0x0314),
            20,
            *twin.header(),
            len(twin.name),
            len(twin.extra),
            len(said),
            0,
            0,
            entry.central.get("attributes", 0),
            entry.central.get("offset", offset),
        )
        central += twin.name + twin.extra + said
    start = len(body) + len(between)
    total = told if count is None else count
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, total, total, len(central), start + end_offset, len(comment))
    return bytes(body) + between + bytes(central) + end + comment + suffix


def record_line(name: str, data: bytes) -> str:
    """One line of RECORD."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"


def record(files: dict[str, bytes], info: str = INFO) -> bytes:
    """RECORD for these files."""
    return ("".join(record_line(name, data) for name, data in files.items()) + f"{info}/RECORD,,\n").encode()


def wheel_files(metadata: bytes = METADATA, extra: dict[str, bytes] | None = None, info: str = INFO) -> dict[str, bytes]:
    """What is in a good wheel, RECORD last."""
    files = {
        "tiny_demo/__init__.py": b"VALUE = 1\n",
        **(extra or {}),
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": WHEEL,
    }
    return {**files, f"{info}/RECORD": record(files, info)}


def entries_of(files: dict[str, bytes]) -> list[Entry]:
    """ZIP members for these files."""
    return [Entry(name.encode(), data) for name, data in files.items()]


def wheel(metadata: bytes = METADATA, extra: dict[str, bytes] | None = None, info: str = INFO) -> bytes:
    """A good wheel."""
    return zip_bytes(entries_of(wheel_files(metadata, extra, info)))


def wheel_of(project: str, version: str, extra: dict[str, bytes] | None = None) -> tuple[str, bytes]:
    """The file name and the bytes of a good wheel of this project."""
    name = project.replace("-", "_").replace(".", "_").lower()
    metadata = f"Metadata-Version: 2.4\nName: {project}\nVersion: {version}\n\n".encode()
    return f"{name}-{version}-py3-none-any.whl", wheel(metadata, extra, f"{name}-{version}.dist-info")


def tar_header(
    name: bytes,
    size: int = 0,
    kind: bytes = b"0",
    *,
    magic: bytes = b"ustar\x0000",
    prefix: bytes = b"",
    link: bytes = b"",
    checksum: int | None = None,
    size_field: bytes | None = None,
) -> bytes:
    """One header of a tar archive."""
    written = size_field if size_field is not None else f"{size:011o}\x00".encode()
    block = bytearray(512)
    block[:100] = name[:100].ljust(100, b"\x00")
    block[100:108], block[108:116], block[116:124] = b"0000644\x00", b"0000000\x00", b"0000000\x00"
    block[124:136] = written.ljust(12, b"\x00")
    block[136:148] = b"00000000000\x00"
    block[148:156] = b" " * 8
    block[156:157] = kind
    block[157:257] = link.ljust(100, b"\x00")
    block[257:265] = magic
    block[345:500] = prefix.ljust(155, b"\x00")
    total = sum(block) if checksum is None else checksum
    block[148:156] = f"{total:06o}\x00 ".encode()
    return bytes(block)


def tar_member(name: bytes, data: bytes = b"", kind: bytes = b"0", **header: object) -> bytes:
    """A header, its data, and the padding."""
    return tar_header(name, len(data), kind, **header) + data + bytes(-len(data) % 512)  # type: ignore[arg-type]


def pax(records: dict[str, bytes], kind: bytes = b"x") -> bytes:
    """A pax header with these records."""
    content = b""
    for keyword, value in records.items():
        rest = b" " + keyword.encode() + b"=" + value + b"\n"
        length = len(rest)
        while len(str(length)) + len(rest) != length:
            length = len(str(length)) + len(rest)
        content += str(length).encode() + rest
    return tar_member(b"PaxHeader", content, kind)


TAR_END = bytes(1024)


def sdist_members(metadata: bytes = METADATA) -> bytes:
    """The members of a good source distribution, without the end."""
    return tar_member(b"tiny_demo-1.0/", kind=b"5") + tar_member(b"tiny_demo-1.0/PKG-INFO", metadata)


def gz(tar: bytes) -> bytes:
    """One gzip member."""
    return gzip.compress(tar, mtime=0)


def sdist(metadata: bytes = METADATA, more: bytes = b"") -> bytes:
    """A good source distribution, with these further members."""
    return gz(sdist_members(metadata) + more + TAR_END)
