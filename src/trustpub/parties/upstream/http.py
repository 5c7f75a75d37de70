"""The index behind this one over HTTP: pages are read whole, files as they come. Nobody's credentials are ever sent along.

Only the host that the operator configured and the hosts that its pages name are called, over https (plain http on this machine);
addresses inside this machine or its network only when the configured index is there itself. Redirects are followed a few times,
each under the same rules; the proxies of the environment are not used, because behind one nobody can check where a name leads.
"""

from __future__ import annotations

import ssl
import zlib
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, cast
from urllib.parse import quote, urljoin, urlsplit

from trustpub.errors import Unreachable
from trustpub.parties.called import Backend, Deadline, is_here, is_public, is_reachable
from trustpub.parties.upstream.page import TYPE, may_call, read_page
from trustpub.parties.upstream.port import Incoming, NoPage, UpstreamPage
from trustpub.parties.wire import is_callable, is_loopback, shown
from trustpub.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import httpcore2

    from trustpub.parties.called import Address

PAGE_SECONDS = 20.0
"""One page, from the name look-up to the last byte."""
FILE_SECONDS = 1800.0
"""One file."""
PAUSE = 20.0
"""How long a file may come to a stop on its way."""
LARGEST_PAGE = 64 << 20
"""Bytes of a page after decompression: the largest of PyPI's have a quarter of it."""
REDIRECTS = 3

_GZIP = 16 + zlib.MAX_WBITS
_MOVED = (301, 302, 303, 307, 308)


class HttpUpstream:
    """An `UpstreamIndex` at `url`. Any number of threads may ask it at once."""

    def __init__(self, url: str, *, page_seconds: float = PAGE_SECONDS, pause: float = PAUSE) -> None:
        if not is_callable(url):
            raise Unreachable(f"`{shown(url)}`", why="only https is called (plain http on this machine)")
        self._url = url.rstrip("/")
        self._host = urlsplit(url).hostname or ""
        self._inside = is_loopback(url)
        self._page_seconds = page_seconds
        self._pause = pause

    @property
    def url(self) -> str:
        """The address of its simple pages."""
        return self._url

    def page(self, name: str, etag: str = "") -> UpstreamPage | NoPage:
        """Ask for a page, with the tag of the one that is there already."""
        url = f"{self._url}/{quote(name)}/"
        headers = {"Accept": TYPE, "Accept-Encoding": "gzip", **({"If-None-Match": etag} if etag else {})}
        with self._asked(url, headers, Deadline(url, self._page_seconds)) as (place, answer):
            if answer.status == 404:
                return NoPage.MISSING
            if answer.status == 304 and etag:
                return NoPage.UNCHANGED
            said = _headers(answer)
            kind = said.get("content-type", "").partition(";")[0].strip().lower()
            if answer.status != 200 or kind != TYPE:
                why = f"it answered {answer.status}" if answer.status != 200 else "it does not speak JSON (PEP 691)"
                raise Unreachable(f"`{shown(place)}`", why=why, next_step="Check `[upstream] url` in the configuration")
            body = _whole(place, answer.iter_stream(), said.get("content-encoding", "identity").lower())
            tag = said.get("etag", "")
            return read_page(body, name, place, tag if len(tag) <= 200 and tag.isascii() and tag.isprintable() else "")

    @contextmanager
    def open(self, url: str) -> Iterator[Incoming]:
        """Open a file; whatever goes wrong while its bytes come is `Unreachable` too."""
        with self._asked(url, {"Accept-Encoding": "identity"}, Deadline(url, FILE_SECONDS, self._pause)) as (place, answer):
            said = _headers(answer)
            if answer.status != 200 or said.get("content-encoding", "identity").lower() != "identity":
                raise Unreachable(f"`{shown(place)}`", why=f"it answered {answer.status}, or packed what nobody asked it to")
            length = said.get("content-length", "")
            size = int(length) if length.isascii() and length.isdigit() and len(length) < 16 else None
            yield Incoming(size, answer.iter_stream())

    @contextmanager
    def _asked(self, url: str, headers: Mapping[str, str], deadline: Deadline) -> Iterator[tuple[str, httpcore2.Response]]:
        """The answer to a GET, and its address after redirects."""
        try:
            for _ in range(REDIRECTS + 1):
                with self._answer(url, headers, deadline) as answer:
                    if answer.status not in _MOVED:
                        yield url, answer
                        return
                    url = self._next(url, _headers(answer).get("location", ""))
        except _client_errors() as problem:
            raise Unreachable(f"`{shown(url)}`", why=str(problem) or type(problem).__name__) from problem
        raise Unreachable(f"`{shown(url)}`", why="it is the last of too many redirects")

    def _next(self, url: str, location: str) -> str:
        try:
            there = urljoin(url, location).partition("#")[0]
        except ValueError:
            there = ""
        if not location or not may_call(there, self._url):
            raise Unreachable(f"`{shown(url)}`", why="it redirects to what may not be called")
        return there

    @contextmanager
    def _answer(self, url: str, headers: Mapping[str, str], deadline: Deadline) -> Iterator[httpcore2.Response]:
        import httpcore2

        place = urlsplit(url)
        network = cast("httpcore2.NetworkBackend", Backend(deadline, self._allowed(place.hostname or "")))
        sent = {"User-Agent": f"trustpub/{__version__}", **headers}
        context = _authorities() if place.scheme == "https" else None
        with (
            httpcore2.ConnectionPool(ssl_context=context, network_backend=network, max_connections=1) as pool,
            pool.stream("GET", url, headers=[(name.encode(), value.encode("ascii")) for name, value in sent.items()]) as answer,
        ):
            yield answer

    def _allowed(self, host: str) -> _Allowed:
        return _Allowed(self, named=host == self._host, here=is_loopback(f"https://{host}/"))

    def learn(self, address: Address) -> None:
        """Remember whether the configured index is inside: then the hosts that its pages name may be as well."""
        self._inside = self._inside or not is_public(address)

    @property
    def inside(self) -> bool:
        """Whether the configured index is on this machine or in its network."""
        return self._inside


class _Allowed:
    """Which addresses one host may have: any but link-local for the configured one, public ones for others."""

    def __init__(self, upstream: HttpUpstream, *, named: bool, here: bool) -> None:
        self._upstream = upstream
        self._named = named
        self._here = here

    def __call__(self, address: Address) -> bool:
        """Whether this address may be connected to."""
        if self._here:
            return self._upstream.inside and is_here(address)
        if not self._named:
            return is_public(address) or (self._upstream.inside and is_reachable(address))
        if is_public(address) or is_reachable(address):
            self._upstream.learn(address)
            return True
        return False


def _headers(answer: httpcore2.Response) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}


def _whole(url: str, chunks: Iterator[bytes], encoding: str) -> bytes:
    """The body, counted while it is read and while it is decompressed: a promise about its length proves nothing."""
    if encoding not in ("identity", "gzip"):
        raise Unreachable(f"`{shown(url)}`", why="it is packed in a way that nobody asked for")
    inflate = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
    body = bytearray()
    for chunk in chunks:
        body += inflate.decompress(chunk, LARGEST_PAGE + 1 - len(body)) if inflate else chunk
        if len(body) > LARGEST_PAGE:
            raise Unreachable(f"`{shown(url)}`", why=f"it has more than {LARGEST_PAGE >> 20} MiB")
    if inflate and not inflate.eof:
        raise Unreachable(f"`{shown(url)}`", why="its body ends too early")
    return bytes(body)


@cache
def _authorities() -> ssl.SSLContext:
    """This machine's list of authorities, read once: it takes a tenth of a second."""
    return ssl.create_default_context()


def _client_errors() -> tuple[type[Exception], ...]:
    import httpcore2

    known = (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol)
    return (*known, OSError, zlib.error)
