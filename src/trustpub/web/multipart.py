"""The body of an upload, read as it comes: small fields into memory, the file in blocks to whoever stores it, within limits.

The form never lies in memory as a whole, and no limit is taken from a header. Of the fields only those are kept that somebody
reads: hatch sends every header of METADATA, a description can have a megabyte.
"""

from __future__ import annotations

import re
from hashlib import blake2b, md5, sha256
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from trustpub.errors import BadInput
from trustpub.usecases.upload import Received

if TYPE_CHECKING:
    from collections.abc import Callable

    from python_multipart.multipart import MultipartCallbacks

    from trustpub.storage.blobs import Temp

KEPT = frozenset(
    {
        ":action", "protocol_version", "metadata_version", "name", "version", "filetype", "pyversion", "comment", "md5_digest",
        "sha256_digest", "blake2_256_digest", "attestations",
    }
)  # fmt: skip
"""Fields whose values somebody reads; of all others only the size is counted."""

FILES = frozenset({"content", "gpg_signature"})
"""Fields that may be files; twine sends a signature, which nobody reads any more."""

MAX_PARTS = 5_000
MAX_FIELD = 2 * 1024 * 1024
"""Bytes of one field: twice what METADATA may have, so that no description is refused here."""
MAX_KEPT = 256 * 1024
"""Bytes of one field that somebody reads; attestations are the longest."""
MAX_FIELDS = 16 * 1024 * 1024
MAX_FILENAME = 1024

_DISPOSITION = re.compile(rb'form-data; name="([^"\\]*)"(?:; filename="([^"\\]*)")?', re.IGNORECASE)
_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,./:=? -]{0,199}[0-9A-Za-z'()+_,./:=?-]")


class Unreadable(BadInput):
    """The body is no form, or more than may be sent; the text goes to the client."""

    code = "unreadable-upload"


def boundary_of(content_type: bytes) -> bytes:
    """The boundary that a Content-Type names. Raises Unreadable for another type, or for none."""
    kind, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not _BOUNDARY.fullmatch(boundary):
        raise Unreadable("Upload payload is not a form: send multipart/form-data with a boundary.")
    return boundary


class UploadForm:
    """A form that is being read: feed it the body, take the file's blocks out of it, and `finish` it."""

    def __init__(self, boundary: bytes, file_limit: int) -> None:
        self.fields: list[tuple[str, str]] = []
        self.filename = ""
        self.content_type = ""
        self.file_size = 0
        self._file_limit = file_limit
        self._block = bytearray()
        self._parts = 0
        self._fields_size = 0
        self._complete = False
        self._begin_part()
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin_part,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        self._parser = MultipartParser(boundary, callbacks)

    def feed(self, chunk: bytes) -> int:
        """Read the next piece of the body; returns how many bytes of the file wait to be taken. Raises Unreadable."""
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise Unreadable("Upload payload is not a form that can be read.") from None
        return len(self._block)

    def take(self) -> bytearray:
        """The file's bytes that have come since the last time."""
        block, self._block = self._block, bytearray()
        return block

    def finish(self) -> None:
        """The body has ended. Raises Unreadable when the form has not."""
        if not self._complete:
            raise Unreadable("Upload payload ends before its form does.")

    def one(self, name: str) -> str:
        """The first value of a field that is kept, or nothing."""
        return next((value for field, value in self.fields if field == name), "")

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > MAX_PARTS + 1:
            raise Unreadable(f"Upload payload has more than {MAX_PARTS} fields.")
        self._name = ""
        self._type = ""
        self._disposition = b""
        self._header = b""
        self._raw = b""
        self._value: bytearray | None = None
        self._size = 0
        self._sink: Callable[[memoryview], None] = self._ignored

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._raw += data[start:end]

    def _end_header(self) -> None:
        kind = self._header.lower()
        if kind == b"content-disposition":
            self._disposition = self._raw
        elif kind == b"content-type":
            self._type = self._raw.decode("latin-1").strip()
        self._header = self._raw = b""

    def _end_headers(self) -> None:
        """Decide where the part's bytes go."""
        self._name, filename = _disposition(self._disposition)
        if filename is None:
            if self._name in KEPT:
                self._value = bytearray()
                self._sink = self._kept
            return
        if self._name not in FILES:
            raise Unreadable(f"{self._name[:100]}: Should not be a tuple.")
        if self._name == "content":
            if self.filename:
                raise Unreadable("Upload payload has more than one file.")
            self.filename, self.content_type = filename, self._type
            self._sink = self._file

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._sink(memoryview(data)[start:end])

    def _end_part(self) -> None:
        if self._value is not None:
            self.fields.append((self._name, self._value.decode("utf-8", "replace")))

    def _end(self) -> None:
        self._complete = True

    def _ignored(self, piece: memoryview) -> None:
        self._count(piece, MAX_FIELD)

    def _kept(self, piece: memoryview) -> None:
        self._count(piece, MAX_KEPT)
        if self._value is not None:
            self._value += piece

    def _count(self, piece: memoryview, most: int) -> None:
        self._size += len(piece)
        self._fields_size += len(piece)
        if self._size > most:
            raise Unreadable(f"Upload payload has more than {most} bytes in the field '{self._name[:100]}'.")
        if self._fields_size > MAX_FIELDS:
            raise Unreadable(f"Upload payload has more than {MAX_FIELDS} bytes beside its file.")

    def _file(self, piece: memoryview) -> None:
        self.file_size += len(piece)
        if self.file_size > self._file_limit:
            project = self.one("name")[:100] or "this project"
            raise Unreadable(f"File too large. Limit for project '{project}' is {self._file_limit // 1024**2} MB.")
        self._block += piece


class Spool:
    """Where the file's blocks go: written and hashed, in whatever thread; one block at a time."""

    __slots__ = ("_blake2", "_md5", "_sha256", "temp")

    def __init__(self, temp: Temp) -> None:
        self.temp = temp
        self._sha256 = sha256()
        self._md5 = md5(usedforsecurity=False)
        self._blake2 = blake2b(digest_size=32)

    def absorb(self, block: bytearray) -> None:
        """Write and hash one block. Raises OSError."""
        self.temp.write(block)
        self._sha256.update(block)
        self._blake2.update(block)
        self._md5.update(block)

    def received(self, form: UploadForm) -> Received:
        """The finished upload, with the last block taken from the form."""
        self.absorb(form.take())
        return Received(
            tuple(form.fields),
            form.filename,
            form.content_type,
            self.temp,
            self._sha256.hexdigest(),
            self._md5.hexdigest(),
            self._blake2.hexdigest(),
        )


def _disposition(raw: bytes) -> tuple[str, str | None]:
    """Name and file name of a part; the file name is None when the part is no file."""
    match = _DISPOSITION.fullmatch(raw)
    if match is not None:
        name, filename = match[1], match[2]
    else:
        kind, options = parse_options_header(raw)
        if kind != b"form-data" or b"name" not in options:
            raise Unreadable("Upload payload has a part without a name.")
        name, filename = options[b"name"], options.get(b"filename")
    if filename is not None and len(filename) > MAX_FILENAME:
        raise Unreadable("Upload payload has a file name that is too long.")
    return _text(name), None if filename is None else _text(filename)


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("Upload payload has a name that is not UTF-8.") from None
