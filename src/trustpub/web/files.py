"""`/files/...`: the bytes of files and of their metadata, as fast as a Python process can push them.

The address holds the hash, so the bytes under it never change; whether the file is still *listed* is asked for every request, by
its project's serial. Small files come from memory, large ones in blocks of 1 MiB that are read without blocking the loop, or by
way of whoever can do it better: the proxy in front (`X-Accel-Redirect`), or the store itself (a redirect to a signed address).
"""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote

from trustpub.errors import Broken
from trustpub.web.answers import not_found
from trustpub.web.cache import Cache
from trustpub.web.conditional import Part, matches, requested_part
from trustpub.web.protocol import WHOLE, Whole, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor
    from pathlib import Path

    from starlette.types import Message, Receive, Scope, Send

    from trustpub.settings import Sending
    from trustpub.storage.blobs import Blobs
    from trustpub.storage.files import File
    from trustpub.usecases.browse import Browse
    from trustpub.usecases.sidecars import Sidecars
    from trustpub.web.fast import SerialAndState, Serials

SMALL = 64 * 1024
"""Bytes up to which a file is answered from memory in one piece."""
BLOCK = 1024 * 1024
"""Bytes of one read of a large file."""
BYTES_LIMIT = 32 * 1024 * 1024
"""Bytes of small files that are kept."""
KNOWN_LIMIT = 8192
"""Addresses that are remembered (about 2 KB each)."""

METADATA = ".metadata"
FOREVER = b"public, max-age=31536000, immutable"
FOR_ITS_READER = b"private, max-age=31536000, immutable"
"""On a private index no cache on the way may keep a file."""

Result = TypeVar("Result")

_ADDRESS = re.compile(r"/files/([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})/([^/]{1,255})", re.ASCII)
_NO_WAIT = getattr(os, "RWF_NOWAIT", 0)


@dataclass(frozen=True, slots=True)
class Known:
    """One address that was found: what it names, and the project whose serial and state say whether it still does.

    `place` is where the bytes lie on this machine, if they do; `wheel` is set when they are that file's metadata.
    """

    project: str
    at: SerialAndState
    sha256: str
    size: int
    etag: bytes
    place: Path | None
    wheel: File | None
    start: Message
    head: bytes


def start_of(filename: str, content_type: bytes, size: int, etag: bytes, kept: bytes = FOREVER) -> Message:
    """The head of a whole file's answer.

    Nothing in an archive may ever run in a reader's browser under this host: no type but bytes, no sniffing, no rendering.
    """
    headers = [
        (b"content-type", content_type),
        (b"content-length", str(size).encode()),
        (b"etag", etag),
        (b"cache-control", kept),
        (b"accept-ranges", b"bytes"),
        (b"content-disposition", f"attachment; filename*=UTF-8''{quote(filename)}".encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; sandbox"),
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    return {"type": "http.response.start", "status": 200, "headers": headers}


def partial(start: Message, part: Part, size: int) -> Message:
    """The head of an answer that holds one part of the file, or none of it (416)."""
    covered = f"{part.start}-{part.end - 1}" if part.end > part.start else "*"
    headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    headers += [
        (b"content-length", str(part.end - part.start).encode()),
        (b"content-range", f"bytes {covered}/{size}".encode()),
    ]
    return {**start, "status": 416 if covered == "*" else 206, "headers": headers}


def sent_by_proxy(start: Message, place: str) -> Message:
    """The head that tells a proxy in front which of its own files to send; it sees to ranges itself."""
    headers = [(name, value) for name, value in start["headers"] if name != b"content-length"]
    return {**start, "headers": [*headers, (b"content-length", b"0"), (b"x-accel-redirect", place.encode())]}


def sent_by_store(address: str) -> Message:
    """The head that sends a client to the store; its address is good for some minutes, so nobody keeps it."""
    headers = [(b"location", address.encode()), (b"content-length", b"0"), (b"cache-control", b"no-store")]
    return {"type": "http.response.start", "status": 302, "headers": [*headers, (b"referrer-policy", b"no-referrer")]}


class Files:
    """Answers `/files/AA/BB/SHA256/FILENAME` and the same with `.metadata` behind it."""

    def __init__(
        self,
        browse: Browse,
        blobs: Blobs,
        sidecars: Sidecars,
        serials: Callable[[], Serials],
        pool: Executor,
        *,
        private: bool = False,
        sending: Sending | None = None,
    ) -> None:
        self._browse = browse
        self._blobs = blobs
        self._sidecars = sidecars
        self._serials = serials
        self._pool = pool
        self._kept = FOR_ITS_READER if private else FOREVER
        self._accel = sending.accel if sending is not None and sending.send == "accel" else ""
        self._redirect = sending is not None and sending.send == "redirect"
        self._known: Cache[str, Known] = Cache(KNOWN_LIMIT)
        self._small: Cache[str, Message] = Cache(BYTES_LIMIT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one GET or HEAD of a file."""
        path: str = scope["path"]
        known = self._known.get(path)
        at = None if known is None else self._serials().project(known.project)
        if isinstance(at, asyncio.Future):
            at = await at
        if known is None or at != known.at:
            known = await self._in_thread(self._find, path)
            if known is None:
                self._known.drop(path)
                await not_found()(scope, receive, send)
                return
            self._known.put(path, known)
        wished, if_none_match, if_range = b"", b"", b""
        for header, value in scope["headers"]:
            if header == b"range":
                wished = value
            elif header == b"if-none-match":
                if_none_match = value
            elif header == b"if-range":
                if_range = value
        if if_none_match and matches(if_none_match, known.etag):
            await send({"type": "http.response.start", "status": 304, "headers": known.start["headers"][2:]})
            await send({"type": "http.response.body"})
            return
        if not wished and (ready := self._small.get(path)) is not None:
            await send(ready)
            await send({"type": "http.response.body", "body": ready[WHOLE].body})
            return
        start, part = known.start, Part(0, known.size)
        if wished and (not if_range or if_range == known.etag) and (asked := requested_part(wished, known.size)) is not None:
            start, part = partial(start, asked, known.size), asked
        await self._send(path, known, start, part, send, bare=scope["method"] == "HEAD")

    def _find(self, path: str) -> Known | None:
        address = _ADDRESS.fullmatch(path)
        if address is None:
            return None
        sha256, filename = address.group(3), address.group(4)
        found = self._browse.file(filename)
        metadata = False
        if found is None and filename.endswith(METADATA):
            found = self._browse.file(filename.removesuffix(METADATA))
            metadata = True
        if found is None or found.file.sha256 != sha256:
            return None
        size, wheel = found.file.size, None
        if metadata:
            if found.file.metadata_sha256 is None:
                return None
            sha256, wheel = found.file.metadata_sha256, found.file
            size = len(self._sidecars.read(wheel))
        place = None if metadata else self._blobs.path(sha256)
        etag = f'"{sha256}"'.encode()
        content_type = b"text/plain; charset=utf-8" if metadata else b"application/octet-stream"
        start = start_of(filename, content_type, size, etag, self._kept)
        at = (found.serial, found.state)
        return Known(found.project, at, sha256, size, etag, place, wheel, start, whole(start, b"").head)

    async def _send(self, path: str, known: Known, start: Message, part: Part, send: Send, *, bare: bool) -> None:
        if bare or part.end == part.start:
            await send(start)
            await send({"type": "http.response.body"})
        elif known.size <= SMALL or known.wheel is not None:
            ready = self._small.get(path)
            if ready is None:
                body = await self._in_thread(self._read, known)
                ready = {**known.start, WHOLE: Whole(known.head, body)}
                if len(body) <= SMALL:
                    self._small.put(path, ready, len(body) + 1024)
            await send(ready if start is known.start else start)
            await send({"type": "http.response.body", "body": ready[WHOLE].body[part.start : part.end]})
        elif self._accel:
            if known.place is None:
                self._known.drop(path)  # whoever puts the bytes back need not start us again
                raise _missing(known)  # nginx would say 404, and clients go on as if there had never been a file
            await send(sent_by_proxy(known.start, f"{self._accel}{known.sha256[:2]}/{known.sha256}"))
            await send({"type": "http.response.body"})
        elif self._redirect and (address := await self._in_thread(self._blobs.address, known.sha256)):
            await send(sent_by_store(address))
            await send({"type": "http.response.body"})
        elif known.place is not None:
            await self._send_blocks(known.place, start, part, send)
        else:
            await self._send_pieces(known, start, part, send)

    def _read(self, known: Known) -> bytes:
        """All bytes of a small file, or of metadata."""
        if known.wheel is not None:
            return self._sidecars.read(known.wheel)
        try:
            return known.place.read_bytes() if known.place else b"".join(self._blobs.blocks(known.sha256, 0, known.size))
        except FileNotFoundError:
            raise _missing(known) from None

    async def _send_pieces(self, known: Known, start: Message, part: Part, send: Send) -> None:
        """Pass on what the store sends. The first piece comes before the head: a store that does not answer is no broken file."""
        pieces = self._blobs.blocks(known.sha256, part.start, part.end)
        piece = await self._in_thread(_next, pieces, known)
        await send(start)
        left = part.end - part.start
        while piece:
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": left > 0})
            piece = await self._in_thread(_next, pieces, known) if left > 0 else b""
        if left:
            raise Broken("a stored file is shorter than its row says", next_step="Restore the blobs from a backup")

    async def _send_blocks(self, place: Path, start: Message, part: Part, send: Send) -> None:
        fd = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
        try:
            await send(start)
            offset = part.start
            while offset < part.end:
                count = min(BLOCK, part.end - offset)
                block: bytes | memoryview | None = _read_cached(fd, count, offset)
                if not block:
                    block = await self._in_thread(os.pread, fd, count, offset)
                if not block:
                    raise Broken("a stored file is shorter than its row says", next_step="Restore the blobs from a backup")
                offset += len(block)
                await send({"type": "http.response.body", "body": block, "more_body": offset < part.end})
                await asyncio.sleep(0)  # a client that went away makes `send` return at once; the others must not wait for this
        finally:
            os.close(fd)

    async def _in_thread(self, work: Callable[..., Result], *arguments: object) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)


def _next(pieces: Iterator[bytes], known: Known) -> bytes:
    """The next piece of a file; nothing at its end."""
    try:
        return next(pieces, b"")
    except FileNotFoundError:
        raise _missing(known) from None


def _missing(known: Known) -> Broken:
    return Broken(f"the bytes of `{known.sha256}` are not in the store", next_step="Restore the blobs from a backup")


def _read_cached(fd: int, count: int, offset: int) -> memoryview | None:
    """These bytes if the kernel has them in memory; None when reading them could wait for the disk (or nobody can tell)."""
    if not _NO_WAIT:
        return None
    block = bytearray(count)
    try:
        got = os.preadv(fd, [block], offset, _NO_WAIT)
    except OSError:  # would wait, or this file system cannot tell
        return None
    return memoryview(block)[:got]
