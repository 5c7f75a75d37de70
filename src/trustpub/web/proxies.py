"""Trusted proxies: who the caller is, when somebody whom the settings name says so (`[proxy] trusted`).

From anybody else `X-Forwarded-*` and `X-Request-Id` are text that a stranger wrote: nothing reads them. From a trusted peer they
are taken, and one that cannot be read is refused: a proxy that is set up wrongly must not quietly make every caller the proxy.
Each hop appends the address that it saw, so the list is read from its end: the first address that is no trusted proxy's is the
caller's, and what stands before it may be a lie.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING

from trustpub.web.answers import HOST, refusal
from trustpub.web.protocol import REQUEST_ID

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Receive, Scope, Send

    from trustpub.web.indexes import Index

HOPS = 16
"""Addresses in one list at most: nobody has more proxies, and each costs a comparison with every trusted network."""
FORWARDED = (b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"x-request-id")
PROXY = "trustpub.proxy"
"""The scope's extra key of a request that a trusted proxy passed on: the proxy's address."""
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_PORT = re.compile(r":[0-9]{1,5}", re.ASCII)

Address = IPv4Address | IPv6Address


class Garbled(ValueError):
    """A trusted proxy said what cannot be read; the text names the header."""


class Proxies:
    """Puts into the scope what a trusted proxy said: `client`, `scheme`, the `host` header and the request's number."""

    def __init__(self, app: Index, trusted: Iterable[str]) -> None:
        self._app = app
        self._networks = tuple(ip_network(each) for each in trusted)
        self._trusted = lru_cache(1024)(self._is_trusted)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as its caller's, or refuse it."""
        peer = scope.get("client")
        if peer and self._trusted(peer[0]):
            scope[PROXY] = peer[0]
            try:
                self._believe(scope)
            except Garbled as problem:
                description = f"the proxy in front of this index sent `{problem}` that cannot be read"
                refused = refusal(
                    400, "bad-proxy-header", description, message="The request was not read", headers={"connection": "close"}
                )
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def close(self) -> None:
        """Close what is behind."""
        await self._app.close()

    def _is_trusted(self, text: str) -> bool:
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            return False  # a socket of this machine without an address: there is none of those
        return self._in_networks(address)

    def _in_networks(self, address: Address) -> bool:
        plain = address.ipv4_mapped if isinstance(address, IPv6Address) and address.ipv4_mapped else address
        return any(plain in network for network in self._networks)

    def _believe(self, scope: Scope) -> None:
        told: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            if name in FORWARDED:
                told.setdefault(name, []).append(value)
        if b"x-forwarded-for" in told:
            scope["client"] = (self._caller(b",".join(told[b"x-forwarded-for"])), 0)
        if b"x-forwarded-proto" in told:
            scope["scheme"] = _scheme(told[b"x-forwarded-proto"])
        if b"x-forwarded-host" in told:
            host = _host(told[b"x-forwarded-host"])
            scope["headers"] = [*((name, value) for name, value in scope["headers"] if name != b"host"), (b"host", host)]
        if b"x-request-id" in told:
            [number] = told[b"x-request-id"] if len(told[b"x-request-id"]) == 1 else [b""]
            if not _REQUEST_ID.fullmatch(number):
                raise Garbled("X-Request-Id")
            scope[REQUEST_ID] = number

    def _caller(self, listed: bytes) -> str:
        """The last address that is no trusted proxy's; the first of all when every one is."""
        words = listed.decode("latin-1").split(",")
        if len(words) > HOPS:
            raise Garbled("X-Forwarded-For")
        for word in reversed(words):
            address = _address(word.strip())
            if not self._in_networks(address):
                break
        return str(address)


def _address(text: str) -> Address:
    """An address, perhaps with a port behind it, as some proxies write it."""
    if text.startswith("["):
        text, bracket, port = text[1:].partition("]")
        if not bracket or (port and not _PORT.fullmatch(port)):
            raise Garbled("X-Forwarded-For")
    elif text.count(":") == 1:
        text, colon, port = text.partition(":")
        if not _PORT.fullmatch(colon + port):
            raise Garbled("X-Forwarded-For")
    try:
        return ip_address(text)
    except ValueError:
        raise Garbled("X-Forwarded-For") from None


def _scheme(values: list[bytes]) -> str:
    """What the proxy nearest to us says, if that is all that is said: two different ones have no meaning."""
    said = {word.strip().lower() for value in values for word in value.split(b",")}
    if len(said) != 1 or not said <= {b"http", b"https"}:
        raise Garbled("X-Forwarded-Proto")
    return said.pop().decode("ascii")


def _host(values: list[bytes]) -> bytes:
    if len(values) != 1 or not HOST.fullmatch(values[0].decode("latin-1")):
        raise Garbled("X-Forwarded-Host")
    return values[0]
