"""Work that waits together: alone it begins at once, what comes meanwhile shares a batch, and nobody suffers for another."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from trustpub.web.batches import LINES, MOST, Batches


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads for the batches."""
    with ThreadPoolExecutor(4) as threads:
        yield threads


class Work:
    """Doubles numbers, when it is let; refuses 13; remembers its batches."""

    def __init__(self, *, held: bool = False) -> None:
        self.batches: list[list[int]] = []
        self.go = threading.Event()
        if not held:
            self.go.set()

    def __call__(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(numbers))
        assert self.go.wait(10)
        if 99 in numbers:
            raise OSError("all of them")
        return [ValueError("13") if number == 13 else 2 * number for number in numbers]


def test_each_gets_its_own_answer(pool: ThreadPoolExecutor) -> None:
    """Those of one turn share a batch; an exception reaches the one it belongs to."""
    work = Work()

    async def ask() -> list[int | BaseException]:
        batches = Batches(work, pool)
        return await asyncio.gather(*(batches(number) for number in (1, 13, 3)), return_exceptions=True)

    first, second, third = asyncio.run(ask())

    assert (first, third) == (2, 6)
    assert isinstance(second, ValueError)
    assert work.batches == [[1, 13, 3]]


def test_work_that_fails_as_a_whole_fails_everybody_in_it(pool: ThreadPoolExecutor) -> None:
    """And the next batch goes on."""
    work = Work()

    async def ask() -> list[int | BaseException]:
        batches = Batches(work, pool)
        found = await asyncio.gather(batches(1), batches(99), return_exceptions=True)
        return [*found, await batches(4)]

    first, second, third = asyncio.run(ask())

    assert isinstance(first, OSError)
    assert isinstance(second, OSError)
    assert third == 8


def test_what_comes_meanwhile_waits_for_the_next_batch(pool: ThreadPoolExecutor) -> None:
    """Never more batches under way than lines, never more in one than its most, and all in the order in which they came."""
    work = Work(held=True)
    count = LINES + 2 * MOST + 1

    async def ask() -> list[int]:
        batches = Batches(work, pool)
        asked = []
        for number in range(count):
            asked.append(batches(1000 + number))
            await asyncio.sleep(0.01 if number < LINES else 0)
        assert len(work.batches) == LINES
        work.go.set()
        return await asyncio.gather(*asked)

    answers = asyncio.run(ask())

    assert answers == [2 * (1000 + number) for number in range(count)]
    assert [len(batch) for batch in work.batches] == [*[1] * LINES, MOST, MOST, 1]


def test_who_gave_up_is_passed_over(pool: ThreadPoolExecutor) -> None:
    """A client that went away takes no one's answer with it."""
    work = Work(held=True)

    async def ask() -> int:
        batches = Batches(work, pool)
        gone, stayed = batches(1), batches(2)
        await asyncio.sleep(0.05)
        gone.cancel()
        work.go.set()
        return await stayed

    assert asyncio.run(ask()) == 4
