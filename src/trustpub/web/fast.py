"""The read path: an ASGI callable in front of everything else, for `/simple/` and `/files/`.

Every request asks the database one question, "which serial has this project?", on a read-only connection that belongs to the
loop. The same serial as before means that the bytes kept from before are the last acknowledged write, in whatever process it
was written. So nothing is ever stale, nothing has to be told to anybody, and a page costs one primary-key lookup.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from trustpub.domain.names import normalize
from trustpub.web.answers import moved, not_allowed, uploads_elsewhere
from trustpub.web.cache import Cache
from trustpub.web.conditional import matches
from trustpub.web.protocol import WHOLE, whole
from trustpub.web.simple import FROM_PAGE, WISHES, names_page, negotiate, project_page, wants_gzip

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from concurrent.futures import Executor

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from trustpub.usecases.browse import Browse
    from trustpub.web.simple import Wish

PAGES_LIMIT = 32 * 1024 * 1024
"""Bytes of pages that are kept."""

REVALIDATE = b"no-cache"
"""PyPI lets pages live for ten minutes, and purges its CDN on every change. We promise the last acknowledged write instead, so a
copy must be asked about; an unchanged page costs a 304. (There is no CORS header either: PyPI's pages are public, and any web
site that an employee visits could read a company's index through one.)"""

SMALLEST_ZIPPED = 1400
"""Bytes from which on a page is compressed, for clients that ask: a smaller one is one packet anyway."""
LARGE = 256 * 1024
"""Bytes from which on it is compressed lightly: a list of 50,000 names must not take longer to press than to write."""

PAGE_START = "/simple/"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9])?", re.ASCII)
_REMEMBERED_WISHES = 256

SerialAndState = tuple[int, str]
Headers: TypeAlias = "Sequence[tuple[bytes, bytes]]"


class Serials(Protocol):
    """The one question of the read path; on a connection of the loop's own thread.

    The embedded database answers at once. A database server's answer is a future of the running loop, which is awaited only then:
    see `SerialBatches` in `storage.serial_batches`.
    """

    def project(self, name: str) -> SerialAndState | asyncio.Future[SerialAndState | None] | None:
        """The serial and the state of the project of this normalized name."""

    def index(self) -> int | asyncio.Future[int]:
        """The serial of the list of names."""

    def close(self) -> None:
        """Close the connection."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is sent, and the serial and state that it shows; `unchanged` is the answer to who has it already."""

    at: SerialAndState
    etag: bytes
    start: Message
    body: bytes
    last: Message
    unchanged: Message


def page(at: SerialAndState, wish: Wish, body: bytes, more: Headers = (), *, private: bool = False) -> Page:
    """Make the messages of one answer, once for all who will ask. Bodies that fit into one packet are never compressed."""
    zipped = wish.zipped and len(body) >= SMALLEST_ZIPPED
    if zipped:
        body = gzip.compress(body, 6 if len(body) < LARGE else 2, mtime=0)
    etag = b'"' + hashlib.blake2b(body, digest_size=16).hexdigest().encode() + b'"'
    described = [
        (b"content-type", wish.form.content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *([(b"content-encoding", b"gzip")] if zipped else ()),
    ]
    headers = [
        (b"etag", etag),
        (b"cache-control", b"private, " + REVALIDATE if private else REVALIDATE),
        (b"vary", b"Accept, Accept-Encoding"),
        (b"x-pypi-last-serial", str(at[0]).encode()),
        (b"x-content-type-options", b"nosniff"),
        *more,
    ]
    start: Message = {"type": "http.response.start", "status": 200, "headers": described + headers}
    unchanged: Message = {"type": "http.response.start", "status": 304, "headers": headers}
    last: Message = {"type": "http.response.body", "body": body}
    return Page(at, etag, {**start, WHOLE: whole(start, body)}, body, last, unchanged)


class Wishes:
    """Reads what clients wish for, and remembers the few ways in which they say it."""

    def __init__(self) -> None:
        self._known: dict[tuple[bytes, bytes], Wish] = {}

    def of(self, scope: Scope) -> tuple[Wish, bytes]:
        """The form and coding a request likes best, and the tags of what it has."""
        accept, coding, if_none_match = b"", b"", b""
        for header, value in scope["headers"]:
            if header == b"accept":
                accept = accept + b"," + value if accept else value
            elif header == b"accept-encoding":
                coding = coding + b"," + value if coding else value
            elif header == b"if-none-match":
                if_none_match = value
        return self._known.get((accept, coding)) or self._read(accept, coding), if_none_match

    def _read(self, accept: bytes, coding: bytes) -> Wish:
        wish = WISHES[negotiate(accept.decode("latin-1")), wants_gzip(coding.decode("latin-1"))]
        if len(self._known) < _REMEMBERED_WISHES and len(accept) + len(coding) < 1024:
            self._known[accept, coding] = wish
        return wish


async def answer(found: Page, if_none_match: bytes, send: Send) -> None:
    """Send the page, or that the client has it already."""
    if if_none_match and matches(if_none_match, found.etag):
        await send(found.unchanged)
        await send({"type": "http.response.body"})
    else:
        await send(found.start)
        await send(found.last)


class Pages:
    """Answers `/simple/` and `/simple/NAME/`; `absent` answers for names that are none of this index."""

    def __init__(
        self,
        browse: Browse,
        serials: Callable[[], Serials],
        pool: Executor,
        url: str | None,
        absent: ASGIApp | None = None,
        *,
        private: bool = False,
    ) -> None:
        self._browse = browse
        self._serials = serials
        self._pool = pool
        self._url = url
        self._root = url.rstrip("/") if url else FROM_PAGE
        self._absent = absent or unknown
        self._private = private
        self._pages: Cache[tuple[str, Wish], Page] = Cache(PAGES_LIMIT)
        self._building: dict[tuple[str, Wish], asyncio.Future[Page | None]] = {}
        self._wishes = Wishes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one GET or HEAD below `/simple/`."""
        path: str = scope["path"]
        wish, if_none_match = self._wishes.of(scope)
        name = path[len(PAGE_START) : -1]
        at = self._serials().project(name) if name and path[-1] == "/" else None
        if isinstance(at, asyncio.Future):
            at = await at
        if at is not None:
            found = self._pages.get((name, wish))
            if found is None or found.at != at:
                found = await self._current(name, wish, at)
        elif path == PAGE_START:
            serial = self._serials().index()
            found = await self._current("", wish, (await serial if isinstance(serial, asyncio.Future) else serial, ""))
        else:
            await self._elsewhere(path)(scope, receive, send)
            return
        if found is None:
            await unknown(scope, receive, send)
        elif if_none_match:
            await answer(found, if_none_match, send)
        else:
            await send(found.start)
            await send(found.last)

    async def _current(self, name: str, wish: Wish, at: SerialAndState) -> Page | None:
        """The page at this serial or a later one: the kept one, or one that is built now by whoever asks first."""
        key = (name, wish)
        kept = self._pages.get(key)
        while kept is None or (kept.at != at and kept.at[0] <= at[0]):
            building = self._building.get(key)
            if building is None:
                building = self._building[key] = asyncio.ensure_future(self._build(name, wish))
                return await asyncio.shield(building)  # it starts after the question was answered: new enough by itself
            kept = await asyncio.shield(building)
            if kept is None:
                return None
        return kept

    async def _build(self, name: str, wish: Wish) -> Page | None:
        work = self._build_project if name else self._build_names
        try:
            built = await asyncio.get_running_loop().run_in_executor(self._pool, work, name, wish)
        finally:
            # Here and not in a callback, which would run later: whoever waited could find the finished build again and again.
            del self._building[name, wish]
        if built is None:
            self._pages.drop((name, wish))
        else:
            self._pages.put((name, wish), built, len(built.body) + 1024)
        return built

    def _build_project(self, name: str, wish: Wish) -> Page | None:
        listing = self._browse.project(name)
        if listing is None:
            return None
        body = project_page(listing, wish.form, self._root)
        return page((listing.serial, listing.state), wish, body, private=self._private)

    def _build_names(self, _: str, wish: Wish) -> Page:
        names = self._browse.names()
        return page((names.serial, ""), wish, names_page(names, wish.form), private=self._private)

    def _elsewhere(self, path: str) -> ASGIApp:
        """What to answer when there is no project of exactly this name: its normalized address, or that there is none."""
        name = path[len(PAGE_START) :].removesuffix("/")
        if _NAME.fullmatch(name) is None:
            return unknown
        if path.endswith("/") and normalize(name) == name:
            return self._absent

        async def redirect(scope: Scope, receive: Receive, send: Send) -> None:
            await moved(scope, self._url, f"{PAGE_START}{normalize(name)}/")(scope, receive, send)

        return redirect


async def unknown(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer 404 as plain text, as PyPI does; uv and pip read it as "no such project" and go on."""
    body = b"404 Not Found"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", REVALIDATE),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class Fast:
    """Sends reads to their own answerers, a known path to its route, and everything else on."""

    def __init__(self, pages: ASGIApp, files: ASGIApp, exact: Mapping[str, ASGIApp], other: ASGIApp) -> None:
        self._pages = pages
        self._files = files
        self._exact = exact
        self._other = other

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Choose by the start of the path. Not a coroutine itself: the chosen one is awaited directly."""
        path = scope["path"]
        if path.startswith(PAGE_START):
            chosen = self._pages
        elif path.startswith("/files/"):
            chosen = self._files
        else:
            return self._exact.get(path, self._other)(scope, receive, send)
        if scope["method"] not in ("GET", "HEAD"):
            chosen = (uploads_elsewhere if scope["method"] == "POST" else not_allowed)("GET, HEAD")
        return chosen(scope, receive, send)
