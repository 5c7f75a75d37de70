"""Counting tries in fixed windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from trustpub.storage.database import Connection, Database
from trustpub.storage.throttles import AHEAD, Limit, count, give_back, remember, remembered, sweep_throttles, used_up

T = TypeVar("T")
LIMIT = Limit(2, 60)


def do(database: Database, work: Callable[[Connection], T]) -> T:
    """Run one write and wait for it."""
    return database.write(work).result(30)


def test_so_many_in_a_window(database: Database) -> None:
    """Then there is a time to wait, to the window's end; the next window begins anew, and each key is its own."""
    answers = [do(database, lambda connection: count(connection, "a", LIMIT, 119.5)) for _ in range(3)]
    assert [0, 0, 1] == answers
    assert do(database, lambda connection: count(connection, "b", LIMIT, 119.5)) == 0
    assert do(database, lambda connection: count(connection, "a", LIMIT, 120.0)) == 0


def test_looking_counts_nothing(database: Database) -> None:
    """And says the same as counting once more would."""
    for expected in (0, 0, 60):
        assert expected == do(database, lambda connection: used_up(connection, "a", LIMIT, 60.0))
        do(database, lambda connection: count(connection, "a", LIMIT, 60.0))
    assert do(database, lambda connection: used_up(connection, "a", LIMIT, 120.0)) == 0


def test_giving_back(database: Database) -> None:
    """What succeeded does not count; there is never less than nothing."""
    for _ in range(5):
        assert do(database, lambda connection: count(connection, "a", LIMIT, 60.0)) == 0
        do(database, lambda connection: give_back(connection, "a"))
    do(database, lambda connection: give_back(connection, "a"))
    assert [0, 0, 60] == [do(database, lambda connection: count(connection, "a", LIMIT, 60.0)) for _ in range(3)]


def test_remembering(database: Database) -> None:
    """Until then, and longer when it is said again; what is over is swept away."""
    do(database, lambda connection: remember(connection, "known", 100))
    assert [True, False, False] == [
        do(database, lambda connection, key=key, now=now: remembered(connection, key, now))  # type: ignore[misc]
        for key, now in (("known", 99.9), ("known", 100.0), ("other", 0.0))
    ]
    do(database, lambda connection: remember(connection, "known", 200))
    do(database, lambda connection: sweep_throttles(connection, 150.0))
    assert do(database, lambda connection: remembered(connection, "known", 150.0))
    do(database, lambda connection: sweep_throttles(connection, 201.0 + AHEAD))
    assert not do(database, lambda connection: remembered(connection, "known", 150.0))


def test_clocks_of_processes_that_differ(database: Database) -> None:
    """At the edge of a window, by turns of one that is ahead and one that is not: one window for both, and its end is told."""
    turns = [do(database, lambda connection, at=at: count(connection, "a", LIMIT, at)) for at in (121.0, 117.0, 122.0, 118.0)]  # type: ignore[misc]
    assert [0, 0, 58, 62] == turns
    assert [62, 57, 0] == [do(database, lambda connection, at=at: used_up(connection, "a", LIMIT, at)) for at in (118, 123, 180)]  # type: ignore[misc]
    assert do(database, lambda connection: count(connection, "a", LIMIT, 181.0)) == 0


def test_a_clock_that_was_wrong_locks_nobody_out(database: Database) -> None:
    """It was an hour ahead, and is right now."""
    for _ in range(5):
        do(database, lambda connection: count(connection, "a", LIMIT, 3720.0))
    assert do(database, lambda connection: used_up(connection, "a", LIMIT, 120.0)) == 0
    assert do(database, lambda connection: count(connection, "a", LIMIT, 120.0)) == 0
