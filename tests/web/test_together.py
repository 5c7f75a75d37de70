"""Calls of one turn go out together, answers come back to whoever asked."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor

from trustpub.web.together import Together


def run(scenario) -> object:  # type: ignore[no-untyped-def]
    """Run one scenario on a loop of its own."""
    return asyncio.run(scenario())


def test_each_caller_gets_its_own_answer() -> None:
    """From another thread, in whatever order."""
    with ThreadPoolExecutor(4) as pool:

        async def scenario() -> list[int]:
            together: Together[int, int] = Together(lambda number: pool.submit(lambda: number * 2))
            return list(await asyncio.gather(*(together(number) for number in range(200))))

        assert [number * 2 for number in range(200)] == run(scenario)


def test_the_calls_of_one_turn_go_out_at_its_end() -> None:
    """None of them before the last was made."""
    begun: list[int] = []
    seen: list[int] = []

    def begin(number: int) -> Future[int]:
        begun.append(number)
        future: Future[int] = Future()
        future.set_result(number)
        return future

    async def scenario() -> None:
        together: Together[int, int] = Together(begin)
        asked = []
        for number in range(3):
            asked.append(together(number))
            seen.append(len(begun))
        await asyncio.gather(*asked)

    run(scenario)
    assert ([0, 0, 0], [0, 1, 2]) == (seen, begun)


def test_an_exception_is_raised_where_it_is_awaited() -> None:
    """That of the work, and that of beginning it; the others get their answers."""

    def begin(number: int) -> Future[int]:
        if number == 1:
            raise KeyError(number)
        future: Future[int] = Future()
        if number == 2:
            future.set_exception(ValueError(number))
        else:
            future.set_result(number)
        return future

    async def scenario() -> list[object]:
        together: Together[int, int] = Together(begin)
        return list(await asyncio.gather(*(together(number) for number in range(4)), return_exceptions=True))

    answers = run(scenario)
    assert isinstance(answers, list)
    assert [int, KeyError, ValueError, int] == [type(answer) for answer in answers]


def test_whoever_stopped_waiting_disturbs_nobody() -> None:
    """A cancelled caller's answer is dropped."""
    later: Future[int] = Future()
    at_once: Future[int] = Future()
    at_once.set_result(7)

    async def scenario() -> int:
        together: Together[Future[int], int] = Together(lambda future: future)
        gone = together(later)
        await asyncio.sleep(0)
        gone.cancel()
        later.set_result(1)
        return await together(at_once)

    assert 7 == run(scenario)


def test_no_wake_up_is_lost() -> None:
    """Answers that come while the loop delivers are delivered too."""
    with ThreadPoolExecutor(2) as pool:

        async def one(together: Together[int, int]) -> None:
            for number in range(50):
                assert number == await asyncio.wait_for(together(number), 10)

        async def scenario() -> None:
            together: Together[int, int] = Together(lambda number: pool.submit(lambda: number))
            await asyncio.gather(*(one(together) for _ in range(16)))

        run(scenario)
