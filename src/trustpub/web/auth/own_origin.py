"""Which of our own addresses a request was sent to. Others' are refused: a `Host` that we do not know is somebody's trick."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from trustpub.domain.loopback import LOOPBACK, is_loopback

if TYPE_CHECKING:
    from starlette.types import Scope

DEFAULT_PORTS = {"http": 80, "https": 443}


def own_origin(scope: Scope, configured: str | None) -> str | None:
    """Scheme, host and port as a browser writes them, or None for a host that is not ours (or is said twice, or not at all).

    Ours are the configured address, the one that the socket listens on, and this machine's own names with the socket's port.
    """
    told = [value for name, value in scope["headers"] if name == b"host"]
    if len(told) != 1:
        return None
    host = told[0].decode("latin-1").lower()
    if configured:
        public = _origin(configured)
        if host in _spellings(public):
            return public
    scheme: str = scope.get("scheme", "http")
    for address in _listening(scope):
        origin = _origin(f"{scheme}://{address}")
        if host in _spellings(origin):
            return origin
    return None


def is_private(origin: str) -> bool:
    """Whether nobody on the way reads along: https, or this same machine. Nobody signs in over anything else."""
    parts = urlsplit(origin)
    return parts.scheme == "https" or is_loopback(parts.hostname)


def _listening(scope: Scope) -> list[str]:
    host, port = scope.get("server") or (None, None)
    if host is None or port is None:
        return []  # a Unix socket: the configured address is the only one
    return [f"[{each}]:{port}" if ":" in each else f"{each}:{port}" for each in (host, *LOOPBACK)]


def _origin(address: str) -> str:
    parts = urlsplit(address.lower())
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def _spellings(origin: str) -> tuple[str, ...]:
    """How a `Host` header may write it: with the default port, or without."""
    scheme, _, host = origin.partition("://")
    with_port = urlsplit(origin).port is not None
    return (host,) if with_port else (host, f"{host}:{DEFAULT_PORTS.get(scheme, 0)}")
