"""This machine, as addresses write it: where plain http is allowed, and nowhere else."""

from __future__ import annotations

from typing import Final

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


def is_loopback(host: str | None) -> bool:
    """Whether a host, as it is written in an address, is this machine and can be nothing else."""
    return host is not None and host.removeprefix("[").removesuffix("]") in LOOPBACK
