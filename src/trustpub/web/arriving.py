"""A file on its way from the index behind this one: one request fetches it, on a thread, and all who want it follow."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trustpub.errors import Unreachable

if TYPE_CHECKING:
    from pathlib import Path


class Arriving:
    """One file on its way: the thread that fetches it tells, on the loop, how far it is; readers wait for the next news."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._news: asyncio.Future[None] = loop.create_future()
        self.path: Path | None = None
        self.size: int | None = None
        self.written = 0
        self.kept: Path | None = None
        self.problem: BaseException | None = None

    def began(self, path: Path, size: int | None) -> None:
        """See `Follower`."""
        self._tell(path=path, size=size)

    def moved(self, written: int) -> None:
        """See `Follower`."""
        self._tell(written=written)

    def _tell(self, **known: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._learn, known)

    def _learn(self, known: dict[str, object]) -> None:
        for name, value in known.items():
            setattr(self, name, value)
        self._news.set_result(None)
        self._news = self._loop.create_future()

    def ended(self, done: asyncio.Future[Path]) -> None:
        """It is there, or it will not come."""
        problem = asyncio.CancelledError() if done.cancelled() else done.exception()
        self._learn({"problem": problem} if problem else {"kept": done.result()})

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.kept is not None or self.problem is not None

    async def news(self) -> None:
        """Wait until something happens, if anything can."""
        if not self.over:
            await asyncio.shield(self._news)

    async def whole(self) -> Path:
        """Wait until all of it is there and proven; raises what came in between."""
        while not self.over:
            await self.news()
        if self.kept is None:
            raise self.problem or Unreachable("a file from the index behind this one", why="it did not come")
        return self.kept
