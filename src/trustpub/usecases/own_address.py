"""The address of an index in what it sends on its own, mails above all: no request is there to say which one people use."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.settings import ServerSettings


def own_address(settings: ServerSettings, listening: str | None = None) -> str:
    """Where people reach the index, without a slash at its end: never what a request claims.

    The settings' own `url`; else where `serve` listens (`listening`, which knows the port that the system chose); else what host
    and port say. The path of an index beside others is part of it.
    """
    return (settings.url or f"{listening or _listening(settings)}{settings.path}").rstrip("/")


def _listening(settings: ServerSettings) -> str:
    """The address that the settings say the server listens at."""
    scheme = "http" if settings.tls_cert is None else "https"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"{scheme}://{host}:{settings.port}"
