"""Connections to checked addresses only, under one deadline: what every call to somebody whom an outsider named goes through.

A name is looked up once, and its address is checked and connected to: a second look-up could answer differently. The HTTP client
is loaded by the first connection, not by the import.
"""

from __future__ import annotations

import ipaddress
import queue
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from trustpub.errors import Unreachable
from trustpub.parties.wire import shown

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    import httpcore2

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Deadline:
    """The moment after which nothing more is waited for; with `pause` no single step may take longer than that (seconds)."""

    def __init__(self, url: str, seconds: float, pause: float = float("inf")) -> None:
        self._url = url
        self._seconds = seconds
        self._pause = pause
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that remain, always more than 0; `Unreachable` when none do."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise Unreachable(f"`{shown(self._url)}`", why=f"no complete answer within {self._seconds:g} s")
        return min(left, self._pause)


class Backend:
    """Opens connections for the HTTP client: to checked addresses only, under one deadline. Has `NetworkBackend`'s shape."""

    def __init__(self, deadline: Deadline, allowed: Callable[[Address], bool]) -> None:
        self._deadline = deadline
        self._allowed = allowed

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

    def __init__(self, inner: httpcore2.NetworkStream, deadline: Deadline) -> None:
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

    threading.Thread(target=run, daemon=True, name="look-up").start()
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
    """Whether nobody who is called can have this address: multicast, unspecified, reserved, or IPv4 in one of the old tunnels."""
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
    """Whether somebody whom the operator named may have this address: public or private.

    Never link-local, where clouds hand out a machine's credentials.
    """
    plain = _plain(address)
    return not (plain.is_loopback or plain.is_link_local or _is_odd(plain))
