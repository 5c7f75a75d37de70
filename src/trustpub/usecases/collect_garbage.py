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
LEASE_SECONDS = 3600.0
PATIENCE = 60.0
"""Seconds to wait for a sweep that is under way, before one is told to come again."""


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
    holder = secrets.token_hex(8)
    if not _take(database, holder, clock):
        return None
    try:
        return _sweep(database, blobs, clock() - KEPT_WITHOUT_ROW)
    finally:
        _give_back(database, holder)


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
    holder, renewed = secrets.token_hex(8), clock()
    until = time.monotonic() + PATIENCE
    while not _take(database, holder, clock):
        if time.monotonic() > until:
            raise BadInput("the index", why="a sweep or a backup is under way", next_step="Try again when it has ended.")
        time.sleep(0.2)

    def renew() -> None:
        nonlocal renewed
        if clock() - renewed > LEASE_SECONDS / 4:
            renewed = clock()
            _take(database, holder, clock)

    try:
        yield renew
    finally:
        _give_back(database, holder)


def _sweep(database: Database, blobs: Sweepable, before: float) -> Collected:
    database.write(partial(forget_blob_uses, before=before)).result()
    removed = kept = 0

    def guard(sha256: str, remove: Callable[[], None]) -> None:
        nonlocal removed, kept
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


def _take(database: Database, holder: str, clock: Callable[[], float]) -> bool:
    take = partial(leases.take, name=LEASE, holder=holder, now=clock(), seconds=LEASE_SECONDS)
    return database.write(take).result()


def _give_back(database: Database, holder: str) -> None:
    database.write(partial(leases.give_back, holder=holder)).result()
