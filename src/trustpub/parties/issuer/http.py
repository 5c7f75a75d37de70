"""Fetch one small document from an issuer, and nothing else from anywhere else.

Five seconds in all (name look-up, handshake and a body that trickles included), 256 KiB after decompression, status 200 only, no
redirects, no proxy, and never an address inside this machine or its network unless the operator named that host.

This is the only door of the issuer party to the network. The HTTP client is loaded by the first fetch, not by the import.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, cast
from urllib.parse import SplitResult, urlsplit

from trustpub.domain.loopback import is_loopback
from trustpub.errors import Unreachable
from trustpub.parties.called import Backend, Deadline, is_here, is_public, is_reachable
from trustpub.parties.issuer.discovery import LARGEST_DOCUMENT

if TYPE_CHECKING:
    import ssl
    from collections.abc import Collection, Iterable, Mapping

    import httpcore2

SECONDS = 5.0
"""The whole fetch. An exchange waits for it, and a publishing job waits for the exchange."""

_USER_AGENT = b"trustpub"
_GZIP = 16 + zlib.MAX_WBITS


def fetch(
    url: str,
    *,
    private_hosts: Collection[str] = (),
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    tls: ssl.SSLContext | None = None,
) -> bytes:
    """The body at `url`, or `Unreachable` with the reason.

    Plain http and loopback only when the address says so itself (`127.0.0.1`, `[::1]`, `localhost`). `private_hosts` are
    the hosts whose issuers the operator configured: those may have private addresses. `tls` replaces this machine's trust store.
    """
    place = _checked(url)
    loopback, private = is_loopback(place.hostname), place.hostname in private_hosts
    backend = Backend(Deadline(url, seconds), is_here if loopback else is_reachable if private else is_public)
    try:
        return _get(url, place, backend, headers or {}, tls)
    except _client_errors() as problem:
        raise Unreachable(f"`{_shown(place)}`", why=_reason(problem)) from problem


def _get(url: str, place: SplitResult, backend: Backend, headers: Mapping[str, str], tls: ssl.SSLContext | None) -> bytes:
    import httpcore2
    import httpx2

    context = (tls or httpx2.create_ssl_context()) if place.scheme == "https" else None
    wanted = [(b"User-Agent", _USER_AGENT), (b"Accept", b"application/json"), (b"Accept-Encoding", b"gzip")]
    wanted += [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
    # httpcore is the layer below httpx: only there may we say to which address a name leads and when the time is up.
    network = cast("httpcore2.NetworkBackend", backend)
    with (
        httpcore2.ConnectionPool(ssl_context=context, network_backend=network, max_connections=1) as pool,
        pool.stream("GET", url, headers=wanted) as response,
    ):
        if response.status != 200:
            raise Unreachable(f"`{_shown(place)}`", why=f"it answered {response.status}")
        said = {name.lower(): value.lower() for name, value in response.headers}
        return _read(place, response.iter_stream(), said.get(b"content-encoding", b"identity"))


def _read(place: SplitResult, chunks: Iterable[bytes], encoding: bytes) -> bytes:
    """The body, counted while it is read and while it is decompressed: a promise about its length proves nothing."""
    if encoding not in (b"identity", b"gzip"):
        raise Unreachable(f"`{_shown(place)}`", why="its content encoding was not asked for")
    inflate = zlib.decompressobj(_GZIP) if encoding == b"gzip" else None
    body, received = bytearray(), 0
    for chunk in chunks:
        received += len(chunk)
        # A surplus of one byte is enough to see that there is more than we take.
        body += inflate.decompress(chunk, LARGEST_DOCUMENT + 1 - len(body)) if inflate else chunk
        if max(len(body), received) > LARGEST_DOCUMENT:
            raise Unreachable(f"`{_shown(place)}`", why=f"it has more than {LARGEST_DOCUMENT} bytes")
    if inflate and not inflate.eof:
        raise Unreachable(f"`{_shown(place)}`", why="its body ends too early")
    return bytes(body)


def _checked(url: str) -> SplitResult:
    """The parts of an address that we would call: https, or plain http on loopback; no user, no odd characters."""
    try:
        place = urlsplit(url)
        usable = place.port != 0 and bool(place.hostname) and place.username is None
    except ValueError:
        raise Unreachable("the issuer's address", why="it is not a URL") from None
    if not (usable and url.isascii() and url.isprintable()) or " " in url or "\\" in url:
        raise Unreachable("the issuer's address", why="it is not a plain URL with a host")
    if place.scheme != "https" and not (place.scheme == "http" and is_loopback(place.hostname)):
        raise Unreachable(f"`{_shown(place)}`", why="only https is fetched (plain http on loopback)")
    return place


def _shown(place: SplitResult) -> str:
    """An address for a message, without its query: some queries are nobody's business."""
    return f"{place.scheme}://{place.hostname}{place.path}"


def _reason(problem: Exception) -> str:
    return str(problem) or type(problem).__name__


def _client_errors() -> tuple[type[Exception], ...]:
    import httpcore2

    known = (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol)
    return (*known, OSError, zlib.error)
