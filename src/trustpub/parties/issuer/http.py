"""Fetch one small document from an issuer, and nothing else from anywhere else.

Five seconds in all (name look-up, handshake and a body that trickles included), 256 KiB after decompression, status 200 only, no
redirects, no proxy, and never an address inside this machine or its network unless the operator named that host.

This is the only door of the issuer party to the network. The HTTP client is loaded by the first fetch, not by the import.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
import time
import zlib
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import SplitResult, urlsplit

from trustpub.errors import Unreachable
from trustpub.parties.issuer.discovery import LARGEST_DOCUMENT, is_loopback

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Collection, Iterable, Mapping

    import httpcore2

SECONDS = 5.0
"""The whole fetch. An exchange waits for it, and a publishing job waits for the exchange."""

_USER_AGENT = b"trustpub"
_GZIP = 16 + zlib.MAX_WBITS

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


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
    deadline = _Deadline(url, seconds)
    backend = _Backend(deadline, is_loopback(place.hostname), place.hostname in private_hosts)
    try:
        return _get(url, place, backend, headers or {}, tls)
    except _client_errors() as problem:
        raise Unreachable(f"`{_shown(place)}`", why=_reason(problem)) from problem


def _get(url: str, place: SplitResult, backend: _Backend, headers: Mapping[str, str], tls: ssl.SSLContext | None) -> bytes:
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


class _Deadline:
    """The moment after which nothing more is waited for."""

    def __init__(self, url: str, seconds: float) -> None:
        self._place = urlsplit(url)
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that remain, always more than 0; `Unreachable` when none do."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Unreachable(f"`{_shown(self._place)}`", why=f"no complete answer within {self._seconds:g} s")
        return left


class _Backend:
    """Opens connections for the HTTP client: to checked addresses only, under one deadline. Has `NetworkBackend`'s shape."""

    def __init__(self, deadline: _Deadline, loopback: bool, private: bool) -> None:
        self._deadline = deadline
        self._allowed = is_here if loopback else is_reachable if private else is_public

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None, socket_options: Any = None
    ) -> _Stream:
        """Look the name up once, and connect to an address that was checked: a second look-up could answer differently."""
        from httpcore2 import ConnectError, SyncBackend

        problem: Exception = ConnectError("it has no address that may be called")
        for address in self._addresses(host, port):
            try:
                return _Stream(SyncBackend().connect_tcp(address, port, self._deadline.left(), socket_options=[]), self._deadline)
            except ConnectError as failed:
                problem = failed
        raise problem

    def _addresses(self, host: str, port: int) -> list[str]:
        found = _within(self._deadline.left(), lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
        return [text for text in addresses if self._allowed(ipaddress.ip_address(text.partition("%")[0]))]

    def sleep(self, seconds: float) -> None:
        """Part of the shape; never called, because we ask for no retries."""
        time.sleep(seconds)


class _Stream:
    """A connection whose every step ends at the deadline. Has `NetworkStream`'s shape."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._inner = inner
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what there is."""
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self._inner.write(buffer, self._deadline.left())

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None) -> _Stream:
        """The same connection under TLS, with the name (not the address) that the certificate must carry."""
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        """What the client wants to know about the socket."""
        return self._inner.get_extra_info(info)


def _within(seconds: float, look_up: Callable[[], list[Any]]) -> list[Any]:
    """The result of a look-up that cannot be interrupted; OSError when it fails or takes too long (its thread ends by itself)."""
    answers: queue.SimpleQueue[list[Any] | OSError] = queue.SimpleQueue()

    def run() -> None:
        try:
            answers.put(look_up())
        except OSError as problem:
            answers.put(problem)
        except UnicodeError:
            answers.put(OSError("the host's name cannot be looked up"))

    threading.Thread(target=run, daemon=True, name="issuer-look-up").start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError("the name look-up took too long") from None
    if isinstance(answer, OSError):
        raise answer
    return answer


def _plain(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one (mapped, NAT64), else the address itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in ipaddress.IPv6Network("64:ff9b::/96"):
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_odd(address: Address) -> bool:
    """Whether no issuer can have this address: multicast, unspecified, reserved, or IPv4 in one of the old tunnels."""
    tunnel = isinstance(address, ipaddress.IPv6Address) and (address.sixtofour or address.teredo)
    return address.is_multicast or address.is_unspecified or address.is_reserved or bool(tunnel)


def is_here(address: Address) -> bool:
    """Whether this is a loopback address."""
    return _plain(address).is_loopback


def is_public(address: Address) -> bool:
    """Whether this is an address of the public internet, and nothing of this machine, its network or its cloud."""
    plain = _plain(address)
    return plain.is_global and not _is_odd(plain)


def is_reachable(address: Address) -> bool:
    """Whether an issuer that the operator named may have this address: public or private.

    Never link-local, where clouds hand out a machine's credentials.
    """
    plain = _plain(address)
    return not (plain.is_loopback or plain.is_link_local or _is_odd(plain))
