"""Housekeeping: what a running index does now and then, on a thread of its own.

Only `trustpub serve` has it. What it takes away is a day old and nobody's, so nothing depends on when it runs.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from trustpub.web.guard import crash_line

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY = 3600.0
"""Seconds between two rounds, and before the first: a start has better things to do."""
SOON = 0.5
"""Seconds after which the work is done that comes first."""


class Housekeeping:
    """Does `first` soon, then `work` every hour, from `with` to its end.

    A round that fails is one line in the log, and the next one comes.
    """

    def __init__(
        self,
        work: Callable[[], object],
        log: Callable[[str], object],
        clock: Callable[[], float],
        every: float = EVERY,
        *,
        first: Callable[[], object] | None = None,
        soon: float = SOON,
    ) -> None:
        self._work = work
        self._first = first
        self._soon = soon
        self._log = log
        self._clock = clock
        self._every = every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._rounds, name="trustpub-housekeeping", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _rounds(self) -> None:
        if self._first is not None and not self._over.wait(self._soon):
            self._round(self._first)
        while not self._over.wait(self._every):
            self._round(self._work)

    def _round(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is logged, and the index goes on
            self._log(crash_line(problem, {"method": "", "path": "housekeeping"}, self._clock()))
