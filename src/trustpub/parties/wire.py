"""One HTTP request and its answer, as values: what a party's client needs of the world, so that a fake is one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import urlsplit

from trustpub.domain import loopback


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. Headers may carry a secret, so they stay out of the repr; so does the body."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. Header names are in lower case. Redirects are answers like any other: nobody has followed them."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


Send: TypeAlias = Callable[[Request], Response]
"""Sends one request and returns the whole answer. Raises `Unreachable` when there was none."""

_PORTS = {"https": 443, "http": 80}


def is_loopback(url: str) -> bool:
    """Whether an address says itself that it is on this machine."""
    try:
        return loopback.is_loopback(urlsplit(url).hostname)
    except ValueError:
        return False


def is_callable(url: str) -> bool:
    """Whether we would call an address: https, or plain http on this machine; with a host, without a user, plain ASCII."""
    try:
        place = urlsplit(url)
        usable = place.port != 0 and bool(place.hostname) and place.username is None
    except ValueError:
        return False
    clean = url.isascii() and url.isprintable() and not set(url) & {" ", "\\"}
    return usable and clean and (place.scheme == "https" or (place.scheme == "http" and is_loopback(url)))


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port: what a token belongs to. Raises `ValueError` for what is no address."""
    place = urlsplit(url)
    return place.scheme, place.hostname or "", place.port or _PORTS.get(place.scheme, 0)


def shown(url: str) -> str:
    """An address as it may be printed: without a user and without its query, for either may be a credential."""
    try:
        place = urlsplit(url)
        host = f"[{place.hostname}]" if ":" in (place.hostname or "") else place.hostname or ""
        text = f"{place.scheme}://{host}{f':{place.port}' if place.port else ''}{place.path}"
    except ValueError:
        return "an address that is none"
    return "".join(character if character.isprintable() else "?" for character in text)[:300]


def unechoed(send: Send, *secrets: str | None) -> Send:
    """Return a `send` whose answers hold none of these secrets: a party may echo what it was sent, and its words are shown."""
    known = [secret for secret in secrets if secret]

    def sent(request: Request) -> Response:
        response = send(request)
        heads = {name: _without(value, known) for name, value in response.headers.items()}
        body = response.body
        for secret in known:
            body = body.replace(secret.encode(), b"(token)")
        return Response(response.status, heads, body)

    return sent if known else send


def _without(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, "(token)")
    return text
