"""Small pieces of work that wait together and are done together, a few batches at a time, each on one thread.

Threads of one interpreter that all want a little of it again and again spend more time changing places than working. So what
comes while the batches before it are under way waits for the next one: alone, a piece of work begins at once.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Executor, Future

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
Futures: TypeAlias = "Sequence[asyncio.Future[Answer]]"

LINES = 2
"""Batches under way: while one waits for the disk, the other works. More of them only change places more often."""
MOST = 8
"""Pieces of work in one batch: the first of them waits for the last."""


class Batches(Generic[Asked, Answer]):
    """`batches(asked)` is awaited on the loop; `work` does several on a thread, with one answer or exception for each."""

    def __init__(self, work: Callable[[Sequence[Asked]], Sequence[Answer | Exception]], pool: Executor) -> None:
        self._work = work
        self._pool = pool
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._under_way = 0

    def __call__(self, asked: Asked) -> asyncio.Future[Answer]:
        """The answer. An exception is raised where it is awaited."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        if not self._waiting and self._under_way < LINES:
            loop.call_soon(self._begin, loop)  # at the end of this turn: what it brings besides comes along
        self._waiting.append((asked, future))
        return future

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting and self._under_way < LINES:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            self._under_way += 1
            done = self._pool.submit(self._work, [asked for asked, _ in batch])
            futures = [future for _, future in batch]
            done.add_done_callback(partial(self._wake, loop, futures))

    def _wake(
        self,
        loop: asyncio.AbstractEventLoop,
        futures: Sequence[asyncio.Future[Answer]],
        done: Future[Sequence[Answer | Exception]],
    ) -> None:
        """Bring the answers to the loop, from the batch's thread, unless it has gone."""
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._deliver, loop, futures, done)

    def _deliver(
        self,
        loop: asyncio.AbstractEventLoop,
        futures: Sequence[asyncio.Future[Answer]],
        done: Future[Sequence[Answer | Exception]],
    ) -> None:
        self._under_way -= 1
        problem = done.exception()
        answers: Sequence[Answer | BaseException] = [problem] * len(futures) if problem else done.result()
        for future, answer in zip(futures, answers, strict=True):
            if future.done():
                continue  # nobody waits any more
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
        self._begin(loop)
