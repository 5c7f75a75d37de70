"""A validator without processes, for tests: the same inspection in this thread, and a script for what goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from trustpub.parties.archives.inspection import inspect

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from trustpub.parties.archives.port import Inspected, Job, Rejected


class _Done:
    def __init__(self, answer: Inspected | Rejected) -> None:
        self._answer = answer

    def result(self) -> Inspected | Rejected:
        return self._answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None) -> None:
        return None


class FakeValidators:
    """Looks into archives in the caller's thread; `before` is called first, to count jobs or to let something happen."""

    def __init__(self, before: Callable[[Job], None] = lambda _: None) -> None:
        self._before = before
        self.closed = False

    def start(self) -> None:
        """Nothing to start."""

    def begin(self, fd: int, job: Job) -> _Done:
        """Look at the open file now."""
        self._before(job)
        return _Done(inspect(fd, job))

    def close(self) -> None:
        """Remember that it was closed."""
        self.closed = True
