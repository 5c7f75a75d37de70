"""The index behind this one on the read path: pages of names that are none of ours, and their files, streamed while they come.

One request for a page or a file asks behind us, and everybody who wants the same meanwhile waits for it. The last byte of a file
is held back until all of them are proven: bytes that are not what the page promised end in a cut connection, never in a whole
answer.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from trustpub.domain.names import normalize
from trustpub.errors import Broken, TrustpubError, Unreachable
from trustpub.usecases.upstream import METADATA, RETRY_AFTER, Absent, Shown
from trustpub.web.answers import refusal
from trustpub.web.arriving import Arriving
from trustpub.web.cache import Cache
from trustpub.web.conditional import Part, matches, requested_part
from trustpub.web.fast import PAGE_START, Page, Wishes, answer, page
from trustpub.web.files import BLOCK, FOR_ITS_READER, FOREVER, partial, start_of
from trustpub.web.simple import FROM_PAGE
from trustpub.web.upstream_page import PLACE, upstream_page

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor
    from pathlib import Path

    from starlette.types import ASGIApp, Receive, Scope, Send

    from trustpub.parties.upstream.port import UpstreamPage
    from trustpub.usecases.upstream import Upstream, Wanted
    from trustpub.web.service import Service
    from trustpub.web.simple import Wish

PAGES_LIMIT = 16 * 1024 * 1024
"""Bytes of written pages that are kept."""
ASKING = 16
"""Pages that are asked for at once, and files that come at once: who waits for somebody else's server gets threads of its own."""

_FILE = re.compile(re.escape(PLACE) + r"([a-z0-9-]{1,200})/([0-9a-f]{64})/([^/]{1,264})", re.ASCII)


class Behind:
    """Both answerers over one index behind this one; `close` gives back what belongs to them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._asking = ThreadPoolExecutor(ASKING, "trustpub-upstream-page")
        self._coming = ThreadPoolExecutor(ASKING, "trustpub-upstream-file")
        settings = service.settings
        self.pages: ASGIApp = UpstreamPages(self._upstream, self._asking, settings.url, private=settings.private)

    def files(self, own: ASGIApp) -> ASGIApp:
        """Answers for the files of both, `own` for those of this index."""
        service, private = self._service, self._service.settings.private
        return UpstreamFiles(self._upstream, own, self._asking, self._coming, service.pool, service.log, private=private)

    def close(self) -> None:
        """Let nothing come any further, and start no more work."""
        if "upstream" in vars(self._service):
            self._service.upstream.close()
        for pool in (self._asking, self._coming):
            pool.shutdown(wait=False, cancel_futures=True)

    def _upstream(self) -> Upstream:
        return self._service.upstream


class UpstreamPages:
    """Answers `/simple/NAME/` for names that are none of this index."""

    def __init__(self, upstream: Callable[[], Upstream], pool: Executor, url: str | None, *, private: bool) -> None:
        self._upstream = upstream
        self._root = url.rstrip("/") if url else FROM_PAGE
        self._private = private
        self._pool = pool
        self._asking: dict[str, asyncio.Future[Shown | Absent]] = {}
        self._written: Cache[tuple[str, Wish], tuple[UpstreamPage, Page]] = Cache(PAGES_LIMIT)
        self._wishes = Wishes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one GET or HEAD."""
        name = scope["path"][len(PAGE_START) : -1]
        found = await self._found(name)
        if isinstance(found, Absent):
            await absent(found, send)
            return
        wish, if_none_match = self._wishes.of(scope)
        await answer(await self._page(name, wish, found), if_none_match, send)

    async def _found(self, name: str) -> Shown | Absent:
        """What there is; one question for all who ask at the same time."""
        asking = self._asking.get(name)
        if asking is None:
            loop = asyncio.get_running_loop()
            asking = self._asking[name] = asyncio.ensure_future(loop.run_in_executor(self._pool, self._upstream().page, name))
            asking.add_done_callback(lambda _: self._asking.pop(name, None))
        return await asyncio.shield(asking)

    async def _page(self, name: str, wish: Wish, found: Shown) -> Page:
        kept = self._written.get((name, wish))
        if kept is not None and kept[0] is found.page and not found.stale:
            return kept[1]
        written = await asyncio.get_running_loop().run_in_executor(self._pool, self._write, wish, found)
        if not found.stale:
            self._written.put((name, wish), (found.page, written), len(written.body) + 1024)
        return written

    def _write(self, wish: Wish, found: Shown) -> Page:
        body = upstream_page(found.page, wish.form, self._root, f"{self._upstream().url}/{found.page.name}/")
        old = [(b"age", b"%d" % found.stale), (b"warning", b'110 trustpub "Response is Stale"')] if found.stale else []
        return page((0, found.page.status), wish, body, old, private=self._private)


class UpstreamFiles:
    """Answers `/files/upstream/...`, and lets `files` answer the rest."""

    def __init__(
        self,
        upstream: Callable[[], Upstream],
        files: ASGIApp,
        asking: Executor,
        coming: Executor,
        reading: Executor,
        log: Callable[[str], object],
        *,
        private: bool,
    ) -> None:
        self._upstream = upstream
        self._files = files
        self._log = log
        self._asking = asking
        self._coming = coming
        self._reading = reading
        self._kept = FOR_ITS_READER if private else FOREVER
        self._arriving: dict[str, Arriving] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one GET or HEAD of a file."""
        path: str = scope["path"]
        if not path.startswith(PLACE):
            await self._files(scope, receive, send)
            return
        found = await self._find(path)
        if isinstance(found, Absent):
            await refused(found, scope, receive, send)
            return
        headers = dict(scope["headers"])
        etag = f'"{found.sha256}"'.encode()
        if matches(headers.get(b"if-none-match", b""), etag):
            start = start_of(found.filename, b"", 0, etag, self._kept)
            await send({**start, "status": 304, "headers": start["headers"][2:]})
            await send({"type": "http.response.body"})
            return
        wished = headers.get(b"range", b"") if headers.get(b"if-range", etag) == etag else b""
        try:
            await self._give(found, etag, wished, send, bare=scope["method"] == "HEAD")
        except _NotBegun as problem:
            await refused(Absent(503, words_of(problem.__cause__)), scope, receive, send)

    async def _find(self, path: str) -> Wanted | Absent:
        address = _FILE.fullmatch(path)
        if address is None or address.group(1) != normalize(address.group(1)):
            return Absent(404, "there is nothing at this address")
        name, digest, filename = address.groups()
        return await asyncio.get_running_loop().run_in_executor(self._asking, self._upstream().file, name, digest, filename)

    async def _give(self, wanted: Wanted, etag: bytes, wished: bytes, send: Send, *, bare: bool) -> None:
        upstream = self._upstream()
        kept = upstream.kept(wanted)
        if kept is None and bare and wanted.size is not None and not wished:
            await send(self._start(wanted, etag, wanted.size))
            await send({"type": "http.response.body"})
            return
        if kept is None:
            arriving = self._arriving.get(wanted.sha256) or self._begin(wanted)
            while arriving.path is None and not arriving.over:
                await arriving.news()
            fd = _opened(arriving) if arriving.size and not wished and not bare else None
            if fd is not None and arriving.size:
                await self._follow(wanted, etag, arriving, arriving.size, fd, send)
                return
            try:
                kept = await arriving.whole()
            except (Unreachable, Broken, OSError) as problem:
                raise _NotBegun from problem
        await self._send(wanted, etag, kept, wished, send, bare=bare)

    def _begin(self, wanted: Wanted) -> Arriving:
        loop = asyncio.get_running_loop()
        arriving = self._arriving[wanted.sha256] = Arriving(loop)
        fetching = asyncio.ensure_future(loop.run_in_executor(self._coming, self._upstream().fetch, wanted, arriving))
        fetching.add_done_callback(arriving.ended)
        fetching.add_done_callback(lambda _: self._gone(wanted, arriving))
        return arriving

    def _gone(self, wanted: Wanted, arriving: Arriving) -> None:
        """Forget a file that came, or tell the log why it did not: other bytes than promised are somebody's business."""
        del self._arriving[wanted.sha256]
        if arriving.problem is not None:
            event = {"level": "warning", "event": "upstream-file-failed", "file": wanted.filename, "sha256": wanted.sha256}
            self._log(json.dumps({**event, "why": words_of(arriving.problem)}))

    async def _follow(self, wanted: Wanted, etag: bytes, arriving: Arriving, size: int, fd: int, send: Send) -> None:
        """Send what has come, and the last byte only when all is proven. Closes `fd`."""
        offset = 0
        try:
            while offset < size:
                ready = size if arriving.kept is not None else min(arriving.written, size - 1)
                if arriving.problem is not None and not offset:
                    raise _NotBegun from arriving.problem
                if arriving.problem is not None:
                    raise arriving.problem  # the connection is cut: all that tells a client that it has less than all
                if ready <= offset:
                    await arriving.news()
                    continue
                if not offset:
                    await send(self._start(wanted, etag, size))
                block = await self._read(fd, min(BLOCK, ready - offset), offset)
                offset += len(block)
                await send({"type": "http.response.body", "body": block, "more_body": offset < size})
        finally:
            os.close(fd)

    async def _send(self, wanted: Wanted, etag: bytes, kept: Path, wished: bytes, send: Send, *, bare: bool) -> None:
        """Send a file that is here, or a part of it."""
        try:
            fd = os.open(kept, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError as problem:  # it had to go for a newer one a moment ago
            raise _NotBegun from problem
        try:
            size = os.fstat(fd).st_size
            asked = requested_part(wished, size) if wished else None
            start, part = self._start(wanted, etag, size), asked or Part(0, size)
            await send(start if asked is None else partial(start, asked, size))
            offset = part.start
            while offset < part.end and not bare:
                block = await self._read(fd, min(BLOCK, part.end - offset), offset)
                offset += len(block)
                await send({"type": "http.response.body", "body": block, "more_body": offset < part.end})
            if bare or part.end == part.start:
                await send({"type": "http.response.body"})
        finally:
            os.close(fd)

    async def _read(self, fd: int, count: int, offset: int) -> bytes:
        block = await asyncio.get_running_loop().run_in_executor(self._reading, os.pread, fd, count, offset)
        if not block:
            raise Broken("a kept file is shorter than it was", next_step="Remove the folder `upstream` from the data folder")
        return block

    def _start(self, wanted: Wanted, etag: bytes, size: int) -> dict[str, object]:
        kind = b"text/plain; charset=utf-8" if wanted.filename.endswith(METADATA) else b"application/octet-stream"
        return dict(start_of(wanted.filename, kind, size, etag, self._kept))


class _NotBegun(Exception):
    """The file does not come, and its cause says why."""


def words_of(problem: BaseException | None) -> str:
    """What may be told of why a file did not come: our own words, never a path of this machine."""
    return str(problem) if isinstance(problem, TrustpubError) else "the file did not come, or could not be kept; try again"


def _opened(arriving: Arriving) -> int | None:
    """What has come so far; None when its end is not known yet, but its place is another one already, or none."""
    for path in (arriving.kept, arriving.path):
        if path is not None:
            try:
                return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:  # renamed a moment ago, or taken away
                continue
    return None


async def absent(found: Absent, send: Send) -> None:
    """Say why there is no page, as plain text: pip and uv read 404 as "no such project", and 503 as no answer at all."""
    title = "404 Not Found" if found.status == 404 else "503 Service Unavailable"
    body = f"{title}: {found.words}".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store" if found.status == 503 else b"no-cache"),
        (b"x-content-type-options", b"nosniff"),
        *([(b"retry-after", b"%d" % RETRY_AFTER)] if found.status == 503 else ()),
    ]
    await send({"type": "http.response.start", "status": found.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refused(found: Absent, scope: Scope, receive: Receive, send: Send) -> None:
    """Say why there is no file, in the shape of every refusal."""
    code, message = ("not-found", "Not found") if found.status == 404 else ("upstream-unreachable", "No answer from behind")
    headers = {"cache-control": "no-store", **({"retry-after": str(RETRY_AFTER)} if found.status == 503 else {})}
    await refusal(found.status, code, found.words, message=message, headers=headers)(scope, receive, send)
