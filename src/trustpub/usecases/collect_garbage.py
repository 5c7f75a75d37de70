"""Taking away the bytes that nobody names: what uploads left that were killed, and what was deleted.

Nothing is taken that was touched within a day, and each is looked at once more inside a write, in which no upload can begin to
name it. A backup that is under way keeps everything where it is (`keeping_bytes`).
"""

from __future__ import annotations

import contextlib
import secrets
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from trustpub.errors import BadInput
from trustpub.storage import leases
from trustpub.storage.files import blobs_in_use
from trustpub.storage.uploads import forget_blob_uses, is_blob_wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from trustpub.storage.blobs import Guard, Swept
    from trustpub.storage.database import Connection, Database

KEPT_WITHOUT_ROW = 24 * 3600.0
"""Seconds for which bytes that nobody names are left alone."""
LEASE = "bytes"
"""Of whoever takes bytes away, and of whoever needs all that are there to stay."""
LEASE_SECONDS = 60.0
"""Renewed all the time: who was killed keeps nobody waiting for long."""
PATIENCE = 90.0
"""Seconds to wait for somebody else to end, before one is told to come again."""


class Listed(Protocol):
    """Where blobs are listed."""

    def names(self) -> Iterable[str]:
        """The SHA-256 (hex) of every blob."""
        ...


class Sweepable(Protocol):
    """Where blobs are swept."""

    def sweep(self, before: float, guard: Guard) -> Swept:
        """Remove what no upload finished."""
        ...


@dataclass(frozen=True, slots=True)
class Collected:
    """What was taken away: temp files, and blobs; `kept` were looked at and left, because somebody names them."""

    temps: int
    blobs: int
    kept: int


def collect_garbage(database: Database, blobs: Sweepable, clock: Callable[[], float]) -> Collected | None:
    """One sweep over everything, also under a running server; None when a backup or another sweep is under way."""
    lease = _Lease(database, clock)
    if not lease.take():
        return None
    try:
        return _sweep(database, blobs, clock() - KEPT_WITHOUT_ROW, lease.renew)
    finally:
        lease.give_back()


def garbage(database: Database, blobs: Listed) -> tuple[str, ...]:
    """Every blob that nobody names now. One that an upload is about to name is none."""
    there = frozenset(blobs.names())  # before the rows: an upload that is under way has its use row by now
    with database.read() as connection:
        return tuple(sorted(there - blobs_in_use(connection, since=0.0)))


@contextlib.contextmanager
def keeping_bytes(database: Database, clock: Callable[[], float]) -> Iterator[Callable[[], object]]:
    """Nothing is swept meanwhile. Call what this gives now and then: it renews the lease, when it is time.

    Raises `BadInput` when a sweep that is under way does not end soon.
    """
    lease = _Lease(database, clock)
    until = time.monotonic() + PATIENCE
    while not lease.take():
        if time.monotonic() > until:
            raise BadInput("the index", why="a sweep or a backup is under way", next_step="Try again when it has ended.")
        time.sleep(0.2)
    try:
        yield lease.renew
    finally:
        lease.give_back()


def _sweep(database: Database, blobs: Sweepable, before: float, renew: Callable[[], object]) -> Collected:
    database.write(partial(forget_blob_uses, before=before)).result()
    removed = kept = 0

    def guard(sha256: str, remove: Callable[[], None]) -> None:
        nonlocal removed, kept
        renew()
        with database.read() as connection:
            if is_blob_wanted(connection, sha256, before):
                kept += 1
                return

        def settle(connection: Connection) -> bool:
            # In the one writer: no use row can be committed between this look and the removal.
            if is_blob_wanted(connection, sha256, before):
                return False
            remove()
            return True

        removed += database.write(settle).result()

    return Collected(blobs.sweep(before, guard).temps, removed, kept)


class _Lease:
    """The lease in one pair of hands."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._holder = secrets.token_hex(8)
        self._taken = 0.0

    def take(self) -> bool:
        """Take it, or renew it; False when somebody else has it."""
        self._taken = self._clock()
        take = partial(leases.take, name=LEASE, holder=self._holder, now=self._taken, seconds=LEASE_SECONDS)
        return self._database.write(take).result()

    def renew(self) -> None:
        """Renew it when a quarter of it is over."""
        if not 0 <= self._clock() - self._taken < LEASE_SECONDS / 4:
            self.take()

    def give_back(self) -> None:
        """Let others have it."""
        self._database.write(partial(leases.give_back, holder=self._holder)).result()
