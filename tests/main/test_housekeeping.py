"""Rounds that come again, also after one that failed."""

from __future__ import annotations

import json
import threading
from functools import partial
from pathlib import Path

from trustpub.main.housekeeping import Housekeeping, Job, Leased
from trustpub.storage.database import Database


def test_rounds_come_again_after_one_that_failed() -> None:
    """The failure is one line, without the exception's own text."""
    rounds = [0]
    log: list[str] = []
    third = threading.Event()

    def work() -> None:
        rounds[0] += 1
        if rounds[0] == 1:
            raise OSError("canary")
        if rounds[0] == 3:
            third.set()

    with Housekeeping([Job("work", work, 0.01)], log.append, lambda: 5.0):
        assert third.wait(10)
    [line] = log
    assert ("builtins.OSError", 5.0, False) == (json.loads(line)["error"], json.loads(line)["at"], "canary" in line)
    assert "trustpub-housekeeping" not in {thread.name for thread in threading.enumerate()}


def test_the_end_does_not_wait_for_the_next_round() -> None:
    """An hour would be long."""
    with Housekeeping([Job("work", lambda: None)], print, lambda: 0.0) as running:
        thread = running._thread
    assert not thread.is_alive()


def test_what_comes_first_comes_once_and_stops_nothing() -> None:
    """Soon after the start; its failure is logged like any other's, and the rounds begin."""
    firsts = [0]
    log: list[str] = []
    round_came = threading.Event()

    def first() -> None:
        firsts[0] += 1
        raise OSError("canary")

    with Housekeeping([Job("work", round_came.set, 0.01)], log.append, lambda: 5.0, first=first, soon=0.0):
        assert round_came.wait(10)
    assert (1, 1) == (firsts[0], len(log))


def test_one_process_of_many_does_each_turn(tmp_path: Path) -> None:
    """Who has the lease does the work, until it ends or is given back; a clock that is set back keeps nobody waiting."""
    now = [1000.0]
    done: list[str] = []
    with Database.open(tmp_path) as database:
        one, other = Leased(database, lambda: now[0]), Leased(database, lambda: now[0])
        jobs = {name: each.job("sweep", partial(done.append, name), 100.0) for name, each in (("1", one), ("2", other))}

        def turn(name: str, at: float) -> list[str]:
            now[0] = at
            done.clear()
            jobs[name].work()
            return list(done)

        assert (["1"], [], ["1"]) == (turn("1", 1000.0), turn("2", 1001.0), turn("1", 1080.0))
        assert ([], ["2"]) == (turn("2", 1090.0), turn("2", 1171.0))
        other.give_back()
        assert ["1"] == turn("1", 1172.0)
        assert ["2"] == turn("2", 10.0)
