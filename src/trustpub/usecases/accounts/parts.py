"""What all the use cases of accounts share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from trustpub.usecases.passwords import Cost, Hashing

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Database


@dataclass(frozen=True, slots=True)
class Parts:
    """One index: its database, settings, clock and chance, the hashing of passwords, and the address that it is reached at."""

    database: Database
    settings: ServerSettings
    clock: Callable[[], float]
    random: Callable[[int], bytes] = field(repr=False)
    hashing: Hashing
    url: str

    @classmethod
    def of(
        cls,
        database: Database,
        settings: ServerSettings,
        clock: Callable[[], float],
        random: Callable[[int], bytes],
        address: str | None,
        cost: Cost | None,
    ) -> Self:
        """The parts; `url` is the settings' own, else `address`, else what host and port say. Never what a request claims."""
        scheme = "http" if settings.tls_cert is None else "https"
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        url = settings.url or address or f"{scheme}://{host}:{settings.port}"
        return cls(database, settings, clock, random, Hashing(cost or Cost()), url.rstrip("/"))
