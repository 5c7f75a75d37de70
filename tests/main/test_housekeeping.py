"""Rounds that come again, also after one that failed."""

from __future__ import annotations

import json
import threading

from trustpub.main.housekeeping import Housekeeping


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

    with Housekeeping(work, log.append, lambda: 5.0, every=0.01):
        assert third.wait(10)
    [line] = log
    assert ("builtins.OSError", 5.0, False) == (json.loads(line)["error"], json.loads(line)["at"], "canary" in line)
    assert "trustpub-housekeeping" not in {thread.name for thread in threading.enumerate()}


def test_the_end_does_not_wait_for_the_next_round() -> None:
    """An hour would be long."""
    with Housekeeping(lambda: None, print, lambda: 0.0) as running:
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

    with Housekeeping(round_came.set, log.append, lambda: 5.0, every=0.01, first=first, soon=0.0):
        assert round_came.wait(10)
    assert (1, 1) == (firsts[0], len(log))
