"""Housekeeping: what a running index does now and then, on a thread of its own.

Only `trustpub serve` has it. What it takes away is over and nobody's, so nothing depends on when it runs. Of many processes of
one index, one does each job at a time: whoever takes its lease.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Self

from trustpub.storage import leases
from trustpub.web.requests_log import crash_line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trustpub.storage.database import Database

HOUR = 3600.0
SOON = 0.5
"""Seconds after which the work is done that comes first."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work that comes again `every` so many seconds, the first time after as many: a start has better things to do."""

    name: str
    work: Callable[[], object]
    every: float = HOUR


class Housekeeping:
    """Does `first` soon, then each job in its turn, from `with` to its end.

    Work that fails is one line in the log, and comes again.
    """

    def __init__(
        self,
        jobs: Sequence[Job],
        log: Callable[[str], object],
        clock: Callable[[], float],
        *,
        first: Callable[[], object] | None = None,
        soon: float = SOON,
    ) -> None:
        begun = monotonic()
        self._due = [(begun + job.every, job) for job in jobs]
        if first is not None:
            self._due.append((begun + soon, Job("first", first, 0.0)))
        self._log = log
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._rounds, name="trustpub-housekeeping", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _rounds(self) -> None:
        while self._due:
            self._due.sort(key=lambda each: each[0])
            at, job = self._due[0]
            if self._over.wait(max(at - monotonic(), 0.0)):
                return
            self._do(job)
            self._due[:1] = [(monotonic() + job.every, job)] if job.every else []

    def _do(self, job: Job) -> None:
        try:
            job.work()
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is logged, and the index goes on
            self._log(crash_line(problem, {"method": "", "path": f"housekeeping {job.name}"}, self._clock()))


class Leased:
    """Makes jobs of one database that only one process does in each of their turns. Give the leases back at the end."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock
        self._holder = secrets.token_hex(8)

    def job(self, name: str, work: Callable[[], object], every: float = HOUR) -> Job:
        """A job under a lease of its own name, which is held a little shorter than its turn."""

        def under_lease() -> None:
            take = partial(leases.take, name=name, holder=self._holder, now=self._clock(), seconds=every * 0.9)
            if self._database.write(take).result():
                work()

        return Job(name, under_lease, every)

    def give_back(self) -> None:
        """Let others have what this process held."""
        self._database.write(partial(leases.give_back, holder=self._holder)).result()
