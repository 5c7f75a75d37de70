"""Transactions that are asked for together: one hand-over to the writer, one wake-up of the loop.

The writer's thread and the loop's share one interpreter. Given its first call, the writer starts at once and the two then fight
for the interpreter while the other requests of the same turn are still being read; and every answer of its own is a system call
that wakes the loop. So a turn's calls are handed over at its end, when the loop has nothing left to do, and the answers of one
commit come back in one piece.
"""

from __future__ import annotations

import asyncio
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Together(Generic[Asked, Answer]):
    """`together(asked)` is awaited on the loop; `begin` starts the work on another thread. For one loop."""

    def __init__(self, begin: Callable[[Asked], Future[Answer]]) -> None:
        self._begin = begin
        self._asked: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._answered: deque[tuple[asyncio.Future[Answer], Future[Answer]]] = deque()
        self._woken = False

    def __call__(self, asked: Asked) -> asyncio.Future[Answer]:
        """The answer, after the commit. An exception of the work is raised where it is awaited."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        if not self._asked:
            loop.call_soon(self._hand_over, loop)
        self._asked.append((asked, future))
        return future

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        asked, self._asked = self._asked, []
        for one, future in asked:
            try:
                begun = self._begin(one)
            except Exception as problem:  # noqa: BLE001 - it belongs to the one who awaits this future
                if not future.done():
                    future.set_exception(problem)
            else:
                begun.add_done_callback(partial(self._take, loop, future))

    def _take(self, loop: asyncio.AbstractEventLoop, future: asyncio.Future[Answer], done: Future[Answer]) -> None:
        """Keep an answer, on the writer's thread; wake the loop unless it was woken for an earlier one and has not come yet."""
        self._answered.append((future, done))
        if not self._woken:
            self._woken = True
            loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._woken = False  # before looking: an answer that comes from now on wakes the loop again
        while self._answered:
            future, done = self._answered.popleft()
            if future.done():
                continue  # nobody waits any more
            problem = done.exception()
            if problem is None:
                future.set_result(done.result())
            else:
                future.set_exception(problem)
