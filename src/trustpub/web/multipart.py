"""The body of an upload, read as it comes: small fields into memory, the file in blocks to whoever stores it, within limits.

The form never lies in memory as a whole, and no limit is taken from a header. Of the fields only those are kept that somebody
reads: hatch sends every header of METADATA, a description can have a megabyte.

The reading is our own because it is on the hot path of every upload and has one meaning only (RFC 7578 without its options): no
preamble, no padding behind a boundary, no folded header, no second name of a part. A general parser costs four times as much.
"""

from __future__ import annotations

import re
from hashlib import blake2b, md5, sha256
from typing import TYPE_CHECKING

from trustpub.errors import BadInput
from trustpub.usecases.upload_received import Received

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.storage.blobs import Temp

KEPT = frozenset(
    {
        ":action", "protocol_version", "metadata_version", "name", "version", "filetype", "pyversion", "comment", "md5_digest",
        "sha256_digest", "blake2_256_digest", "attestations", "requires_python", "requires_dist",
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
MAX_HEAD = 8 * 1024
"""Bytes of one part's headers."""
MAX_HEADERS = 8

_DISPOSITION = re.compile(rb'form-data; name="([^"\\\r\n]*)"(?:; filename="([^"\\\r\n]*)")?', re.IGNORECASE)
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00\r\n]*)")
_OPTION = re.compile(rb'[ \t]*;[ \t]*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=("(?:[^"\\\r\n]|\\[^\r\n])*"|[^\s;"]*)')
_BOUNDARY = re.compile(rb"[0-9A-Za-z'()+_,./:=? -]{0,199}[0-9A-Za-z'()+_,./:=?-]")


class Unreadable(BadInput):
    """The body is no form, or more than may be sent; the text goes to the client."""

    code = "unreadable-upload"


def boundary_of(content_type: bytes) -> bytes:
    """The boundary that a Content-Type names. Raises Unreadable for another type, or for none."""
    kind, options = _options(content_type)
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
        self._delimiter = b"\r\n--" + boundary
        self._buffer = bytearray(b"\r\n")  # so that the first boundary is a delimiter like the others
        self._at = 0
        self._step: Callable[[], bool] = self._start
        self._name = ""
        self._value: bytearray | None = None
        self._size = 0
        self._sink: Callable[[bytearray], None] = self._ignored

    def feed(self, chunk: bytes) -> int:
        """Read the next piece of the body; returns how many bytes of the file wait to be taken. Raises Unreadable."""
        self._buffer += chunk
        while self._step():
            pass
        del self._buffer[: self._at]
        self._at = 0
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

    # The steps: each reads from `_at` on, moves it, and says whether the next step can begin with what is there.

    def _start(self) -> bool:
        """The body begins with a boundary."""
        length = len(self._delimiter)
        if self._buffer[:length] != self._delimiter[: len(self._buffer)]:
            raise _not_a_form()
        if len(self._buffer) < length:
            return False
        self._at = length
        self._step = self._after_boundary
        return True

    def _after_boundary(self) -> bool:
        """A line end, and another part begins; two hyphens, and the form has ended."""
        mark = self._buffer[self._at : self._at + 2]
        if len(mark) < 2:
            return False
        self._at += 2
        if mark == b"--":
            self._complete = True
            self._step = self._after_form
        elif mark == b"\r\n":
            self._step = self._head
        else:
            raise _not_a_form()
        return True

    def _head(self) -> bool:
        """The headers of a part, up to the empty line."""
        if self._buffer.startswith(b"\r\n", self._at):
            raise _nameless()
        end = self._buffer.find(b"\r\n\r\n", self._at)
        if (len(self._buffer) if end < 0 else end) - self._at > MAX_HEAD:
            raise _not_a_form()
        if end < 0:
            return False
        self._begin_part(bytes(self._buffer[self._at : end]))
        self._at = end + 4
        self._step = self._data
        return True

    def _data(self) -> bool:
        """The bytes of a part, up to the next delimiter; what could be the start of one waits for more."""
        end = self._buffer.find(self._delimiter, self._at)
        until = end if end >= 0 else len(self._buffer) - len(self._delimiter) + 1
        if until > self._at:
            self._sink(self._buffer[self._at : until])
            self._at = until
        if end < 0:
            return False
        if self._value is not None:
            self.fields.append((self._name, self._value.decode("utf-8", "replace")))
        self._at = end + len(self._delimiter)
        self._step = self._after_boundary
        return True

    def _after_form(self) -> bool:
        """What follows a form means nothing."""
        self._at = len(self._buffer)
        return False

    def _begin_part(self, head: bytes) -> None:
        """Decide where the part's bytes go."""
        self._parts += 1
        if self._parts > MAX_PARTS:
            raise Unreadable(f"Upload payload has more than {MAX_PARTS} fields.")
        disposition, content_type = _part_headers(head)
        self._name, filename = _disposition(disposition)
        self._size = 0
        self._value = None
        self._sink = self._ignored
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
            self.filename, self.content_type = filename, content_type
            self._sink = self._file

    def _ignored(self, piece: bytearray) -> None:
        self._count(piece, MAX_FIELD)

    def _kept(self, piece: bytearray) -> None:
        self._count(piece, MAX_KEPT)
        if self._value is not None:
            self._value += piece

    def _count(self, piece: bytearray, most: int) -> None:
        self._size += len(piece)
        self._fields_size += len(piece)
        if self._size > most:
            raise Unreadable(f"Upload payload has more than {most} bytes in the field '{self._name[:100]}'.")
        if self._fields_size > MAX_FIELDS:
            raise Unreadable(f"Upload payload has more than {MAX_FIELDS} bytes beside its file.")

    def _file(self, piece: bytearray) -> None:
        self.file_size += len(piece)
        if self.file_size > self._file_limit:
            project = self.one("name")[:100] or "this project"
            raise Unreadable(f"File too large. Limit for project '{project}' is {self._file_limit // 1024**2} MB.")
        self._block += piece


class Digests:
    """The digests of a file whose bytes come by and by."""

    __slots__ = ("blake2_256", "md5", "sha256")

    def __init__(self) -> None:
        self.sha256 = sha256()
        self.md5 = md5(usedforsecurity=False)
        self.blake2_256 = blake2b(digest_size=32)

    def update(self, block: bytearray) -> None:
        """Hash the next bytes."""
        self.sha256.update(block)
        self.blake2_256.update(block)
        self.md5.update(block)


class Spool:
    """Where a large file's blocks go: written and hashed, in whatever thread; one block at a time."""

    __slots__ = ("_digests", "temp")

    def __init__(self, temp: Temp) -> None:
        self.temp = temp
        self._digests = Digests()

    def absorb(self, block: bytearray) -> None:
        """Write and hash one block. Raises OSError."""
        self.temp.write(block)
        self._digests.update(block)

    def received(self, form: UploadForm) -> Received:
        """The finished upload, with the last block taken from the form."""
        self.absorb(form.take())
        return received(form, self.temp, self._digests)


def received(form: UploadForm, temp: Temp, digests: Digests) -> Received:
    """What the form says, and the file that it came with."""
    return Received(
        tuple(form.fields),
        form.filename,
        form.content_type,
        temp,
        digests.sha256.hexdigest(),
        digests.md5.hexdigest(),
        digests.blake2_256.hexdigest(),
    )


def _part_headers(head: bytes) -> tuple[bytes, str]:
    """The disposition and the media type of a part; other headers must be headers, and mean nothing."""
    lines = head.split(b"\r\n")
    if len(lines) > MAX_HEADERS:
        raise _not_a_form()
    found: dict[bytes, bytes] = {}
    for line in lines:
        match = _HEADER.fullmatch(line)
        if match is None:
            raise _not_a_form()
        name = match[1].lower()
        if name in found:
            raise _not_a_form()
        found[name] = match[2]
    return found.get(b"content-disposition", b""), found.get(b"content-type", b"").decode("latin-1").strip()


def _disposition(raw: bytes) -> tuple[str, str | None]:
    """Name and file name of a part; the file name is None when the part is no file."""
    match = _DISPOSITION.fullmatch(raw)
    if match is not None:
        name, filename = match[1], match[2]
    else:
        kind, options = _options(raw)
        if kind != b"form-data" or b"name" not in options:
            raise _nameless()
        name, filename = options[b"name"], options.get(b"filename")
    if filename is not None and len(filename) > MAX_FILENAME:
        raise Unreadable("Upload payload has a file name that is too long.")
    return _text(name), None if filename is None else _text(filename)


def _options(raw: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """A header's value and its options, whole or not at all; `filename*` and its like mean nothing in a form (RFC 7578 4.2)."""
    kind = raw.partition(b";")[0]
    at = len(kind)
    options: dict[bytes, bytes] = {}
    while at < len(raw.rstrip(b" \t;")):
        match = _OPTION.match(raw, at)
        if match is None or match[1].lower() in options:
            return b"", {}
        value = match[2]
        if value.startswith(b'"'):
            value = re.sub(rb'\\(["\\])', rb"\1", value[1:-1])
        options[match[1].lower()] = value
        at = match.end()
    return kind.strip(b" \t").lower(), options


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("Upload payload has a name that is not UTF-8.") from None


def _not_a_form() -> Unreadable:
    return Unreadable("Upload payload is not a form that can be read.")


def _nameless() -> Unreadable:
    return Unreadable("Upload payload has a part without a name.")
