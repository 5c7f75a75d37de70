"""The read path: an ASGI callable in front of everything else, for `/simple/` and `/files/`.

Every request asks the database one question, "which serial has this project?", on a read-only connection that belongs to the
loop. The same serial as before means that the bytes kept from before are the last acknowledged write, in whatever process it
was written. So nothing is ever stale, nothing has to be told to anybody, and a page costs one primary-key lookup.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from trustpub.domain.names import normalize
from trustpub.web.answers import moved, not_allowed
from trustpub.web.cache import Cache
from trustpub.web.conditional import matches
from trustpub.web.protocol import WHOLE, whole
from trustpub.web.simple import FROM_PAGE, Form, names_page, negotiate, project_page

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from concurrent.futures import Executor

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from trustpub.usecases.browse import Browse

PAGES_LIMIT = 32 * 1024 * 1024
"""Bytes of pages that are kept."""

REVALIDATE = b"no-cache"
"""PyPI lets pages live for ten minutes, and purges its CDN on every change. We promise the last acknowledged write instead, so a
copy must be asked about; an unchanged page costs a 304. (There is no CORS header either: PyPI's pages are public, and any web
site that an employee visits could read a company's index through one.)"""

PAGE_START = "/simple/"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9])?", re.ASCII)
_REMEMBERED_WISHES = 256

SerialAndState = tuple[int, str]


class Serials(Protocol):
    """The one question of the read path; on a connection of the loop's own thread."""

    def project(self, name: str) -> SerialAndState | None:
        """The serial and the state of the project of this normalized name."""

    def index(self) -> int:
        """The serial of the list of names."""

    def close(self) -> None:
        """Close the connection."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is sent, and the serial and state that it shows."""

    at: SerialAndState
    etag: bytes
    start: Message
    body: bytes


def page(at: SerialAndState, form: Form, body: bytes) -> Page:
    """Make the messages of one answer, once for all who will ask."""
    etag = b'"' + hashlib.blake2b(body, digest_size=16).hexdigest().encode() + b'"'
    headers = [
        (b"content-type", form.content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"etag", etag),
        (b"cache-control", REVALIDATE),
        (b"vary", b"Accept"),
        (b"x-pypi-last-serial", str(at[0]).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    start: Message = {"type": "http.response.start", "status": 200, "headers": headers}
    return Page(at, etag, {**start, WHOLE: whole(start, body)}, body)


class Pages:
    """Answers `/simple/` and `/simple/NAME/`."""

    def __init__(self, browse: Browse, serials: Callable[[], Serials], pool: Executor, url: str | None) -> None:
        self._browse = browse
        self._serials = serials
        self._pool = pool
        self._url = url
        self._root = url.rstrip("/") if url else FROM_PAGE
        self._pages: Cache[tuple[str, Form], Page] = Cache(PAGES_LIMIT)
        self._building: dict[tuple[str, Form], asyncio.Future[Page | None]] = {}
        self._wishes: dict[bytes, Form] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one GET or HEAD below `/simple/`."""
        path: str = scope["path"]
        accept, if_none_match = b"", b""
        for header, value in scope["headers"]:
            if header == b"accept":
                accept = accept + b"," + value if accept else value
            elif header == b"if-none-match":
                if_none_match = value
        form = self._wishes.get(accept) or self._wish(accept)
        name = path[len(PAGE_START) : -1]
        if path == PAGE_START:
            found = await self._current("", form, (self._serials().index(), ""))
        elif path[-1] == "/" and (at := self._serials().project(name)) is not None:
            found = await self._current(name, form, at)
        else:
            await self._elsewhere(path)(scope, receive, send)
            return
        if found is None:
            await _unknown(scope, receive, send)
        elif if_none_match and matches(if_none_match, found.etag):
            await send({"type": "http.response.start", "status": 304, "headers": found.start["headers"][2:]})
            await send({"type": "http.response.body"})
        else:
            await send(found.start)
            await send({"type": "http.response.body", "body": found.body})

    def _wish(self, accept: bytes) -> Form:
        form = negotiate(accept.decode("latin-1"))
        if len(self._wishes) < _REMEMBERED_WISHES and len(accept) < 1024:
            self._wishes[accept] = form
        return form

    async def _current(self, name: str, form: Form, at: SerialAndState) -> Page | None:
        """The page at this serial or a later one: the kept one, or one that is built now by whoever asks first."""
        key = (name, form)
        kept = self._pages.get(key)
        while kept is None or (kept.at != at and kept.at[0] <= at[0]):
            building = self._building.get(key)
            if building is None:
                building = self._building[key] = asyncio.ensure_future(self._build(name, form))
                return await asyncio.shield(building)  # it starts after the question was answered: new enough by itself
            kept = await asyncio.shield(building)
            if kept is None:
                return None
        return kept

    async def _build(self, name: str, form: Form) -> Page | None:
        work = self._build_project if name else self._build_names
        try:
            built = await asyncio.get_running_loop().run_in_executor(self._pool, work, name, form)
        finally:
            # Here and not in a callback, which would run later: whoever waited could find the finished build again and again.
            del self._building[name, form]
        if built is None:
            self._pages.drop((name, form))
        else:
            self._pages.put((name, form), built, len(built.body) + 1024)
        return built

    def _build_project(self, name: str, form: Form) -> Page | None:
        listing = self._browse.project(name)
        return None if listing is None else page((listing.serial, listing.state), form, project_page(listing, form, self._root))

    def _build_names(self, _: str, form: Form) -> Page:
        names = self._browse.names()
        return page((names.serial, ""), form, names_page(names, form))

    def _elsewhere(self, path: str) -> ASGIApp:
        """What to answer when there is no project of exactly this name: its normalized address, or that there is none."""
        name = path[len(PAGE_START) :].removesuffix("/")
        if _NAME.fullmatch(name) is None or (path.endswith("/") and normalize(name) == name):
            return _unknown

        async def redirect(scope: Scope, receive: Receive, send: Send) -> None:
            await moved(scope, self._url, f"{PAGE_START}{normalize(name)}/")(scope, receive, send)

        return redirect


async def _unknown(_scope: Scope, _receive: Receive, send: Send) -> None:
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
            chosen = not_allowed("GET, HEAD")
        return chosen(scope, receive, send)
