"""Taking away the bytes that nobody names: what uploads left that were killed, and what was deleted.

Nothing is taken that was touched within a day, and each is looked at once more inside a write, in which no upload can begin to
name it. A folder removes it there and then. A store elsewhere is asked after the write has said so in a row, which keeps uploads
from naming it until the store has answered (`storage/blob_uses.py`). A backup that is under way keeps everything where it is
(`keeping_bytes`).
"""

from __future__ import annotations

import contextlib
import secrets
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

from trustpub.errors import BadInput, Denied
from trustpub.storage import leases
from trustpub.storage.blob_uses import (
    blobs_in_use,
    forget_blob_uses,
    forget_removals,
    is_blob_wanted,
    removal_add,
    removal_remove,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from trustpub.storage.blobs import Guard, Swept
    from trustpub.storage.database import Connection, Database

KEPT_WITHOUT_ROW = 24 * 3600.0
"""Seconds for which bytes that nobody names are left alone."""
AT_ONCE = 60.0
"""Seconds within which the store is asked for a removal that was begun; what was kept from it for longer is left for later."""
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

    @property
    def removes_at_once(self) -> bool:
        """Whether nothing is removed after the call has ended, however it ended."""
        ...

    def sweep(self, before: float, guard: Guard) -> Swept:
        """Remove what no upload finished."""
        ...


@dataclass(frozen=True, slots=True)
class Collected:
    """What was taken away: temp files, and blobs (or what was left of one); `kept` were left, because somebody is at them."""

    temps: int
    blobs: int
    kept: int


def collect_garbage(database: Database, blobs: Sweepable, clock: Callable[[], float]) -> Collected | None:
    """One sweep over everything, also under a running server; None when a backup or another sweep is under way.

    Raises `Unreachable` when the store does not answer, and `Denied` when it lets nobody remove anything: the next sweep takes
    what is left.
    """
    lease = _Lease(database, clock)
    if not lease.take():
        return None
    try:
        return _Sweep(database, blobs, clock, lease).run()
    finally:
        lease.give_back()


def garbage(database: Database, blobs: Listed) -> tuple[str, ...]:
    """Every blob that nobody names now. One that an upload is about to name is none."""
    there = frozenset(blobs.names())  # before the rows: an upload that is under way has its use row by now
    with database.read() as connection:
        return tuple(sorted(there - blobs_in_use(connection)))


@contextlib.contextmanager
def keeping_bytes(database: Database, clock: Callable[[], float]) -> Iterator[Callable[[], object]]:
    """Nothing is swept meanwhile. Call what this gives now and then: it renews the lease, when it is time.

    Raises `BadInput` when a sweep that is under way does not end soon.
    """
    lease = _Lease(database, clock)
    until = time.monotonic() + PATIENCE
    while not lease.take():
        if time.monotonic() > until:
            raise _busy()
        time.sleep(0.2)
    try:
        yield lease.renew
    finally:
        lease.give_back()


class _Sweep:
    """One sweep, and what came of it."""

    def __init__(self, database: Database, blobs: Sweepable, clock: Callable[[], float], lease: _Lease) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock
        self._lease = lease
        self._removed = self._kept = 0

    def run(self) -> Collected:
        now = self._clock()
        self._database.write(partial(_forget, now=now)).result()
        swept = self._blobs.sweep(now - KEPT_WITHOUT_ROW, self._guard)
        return Collected(swept.temps, self._removed, self._kept)

    def _guard(self, sha256: str, remove: Callable[[], None]) -> None:
        self._lease.renew()
        with self._database.read() as connection:
            wanted = is_blob_wanted(connection, sha256)
        if wanted:
            self._kept += 1
        elif self._blobs.removes_at_once:
            self._removed += self._database.write(partial(self._remove_now, sha256=sha256, remove=remove)).result()
        else:
            self._removed += self._remove(sha256, remove)

    def _remove_now(self, connection: Connection, sha256: str, remove: Callable[[], None]) -> bool:
        """Remove it inside the one writer: no use can be committed between this look and the removal."""
        if not self._lease.held(connection):
            raise _busy()
        if is_blob_wanted(connection, sha256):
            return False
        remove()
        return True

    def _remove(self, sha256: str, remove: Callable[[], None]) -> bool:
        """Say that it will be removed, ask for it, and say that it was done: only then may anybody put it there again."""
        asked = self._clock()
        if not self._database.write(partial(self._begin, sha256=sha256, now=asked)).result():
            self._kept += 1
            return False
        end = partial(removal_remove, sha256=sha256, asked=asked)
        if self._clock() - asked > AT_ONCE:
            self._database.write(end).result()  # nobody was asked, so nobody who uploads it has to wait
            self._kept += 1
            return False
        try:
            remove()
        except Denied:
            self._database.write(end).result()
            raise
        self._database.write(end).result()
        return True

    def _begin(self, connection: Connection, sha256: str, now: float) -> bool:
        if not self._lease.held(connection):
            raise _busy()
        return removal_add(connection, sha256, now)


def _forget(connection: Connection, now: float) -> None:
    forget_blob_uses(connection, now - KEPT_WITHOUT_ROW)
    forget_removals(connection, now)


def _busy() -> BadInput:
    return BadInput("the index", why="a sweep or a backup is under way", next_step="Try again when it has ended.")


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
        return self._database.write(self.held).result()

    def held(self, connection: Connection) -> bool:
        """Whether nobody else has it, inside a write; it is renewed."""
        return leases.take(connection, LEASE, self._holder, self._clock(), LEASE_SECONDS)

    def renew(self) -> None:
        """Renew it when a quarter of it is over."""
        if not 0 <= self._clock() - self._taken < LEASE_SECONDS / 4:
            self.take()

    def give_back(self) -> None:
        """Let others have it."""
        self._database.write(partial(leases.give_back, holder=self._holder)).result()
