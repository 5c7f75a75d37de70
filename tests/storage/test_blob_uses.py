"""Uses and removals of blobs, on both databases: each keeps the other away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from trustpub.storage.blob_uses import (
    LATE,
    blob_use_add,
    blob_use_remove,
    blobs_in_use,
    forget_blob_uses,
    forget_removals,
    is_blob_wanted,
    removal_add,
    removal_remove,
)
from trustpub.storage.database import Connection, Database

NOW = 1_800_000_000.123456
ONE, TWO = "11" * 32, "22" * 32
Do = Callable[[Callable[[Connection], object]], Any]


@pytest.fixture
def do(either: Database) -> Do:
    """Run one write and wait for its commit."""
    return lambda work: either.write(work).result(30)


def test_an_announced_blob_is_not_removed_and_a_doomed_one_not_announced(do: Do) -> None:
    """Until the one or the other has ended."""

    def work(connection: Connection) -> list[object]:
        (use,) = blob_use_add(connection, [ONE], NOW)
        assert use is not None
        found: list[object] = [removal_add(connection, ONE, NOW), blob_use_remove(connection, [use])]
        found += [removal_add(connection, ONE, NOW), removal_add(connection, ONE, NOW)]
        found += [each is None for each in blob_use_add(connection, [ONE, TWO], NOW)]
        removal_remove(connection, ONE, NOW)
        return [*found, None in blob_use_add(connection, [ONE], NOW), sorted(blobs_in_use(connection))]

    assert [False, True, True, False, True, False, False, [ONE, TWO]] == do(work)


@pytest.mark.parametrize(("after", "stands"), [(0.0, True), (LATE - 0.5, True), (LATE, False), (LATE + 0.5, False)])
def test_a_removal_that_nobody_ended_stands_for_so_long(do: Do, after: float, stands: bool) -> None:
    """Then uploads go on, whether a sweep has come or not; the sweep clears it away."""

    def work(connection: Connection) -> list[object]:
        removal_add(connection, ONE, NOW)
        (use,) = blob_use_add(connection, [ONE], NOW + after)
        blob_use_remove(connection, [] if use is None else [use])
        forget_removals(connection, NOW + after)
        return [use is None, not removal_add(connection, ONE, NOW + after)]

    assert [stands, stands] == do(work)


def test_a_removal_of_a_clock_that_was_ahead_stands_no_longer_than_others(do: Do) -> None:
    """Else nobody could upload these bytes until that day."""

    def work(connection: Connection) -> list[object]:
        removal_add(connection, ONE, NOW + 1e9)
        found: list[object] = []
        for now in (NOW, NOW + LATE - 0.5, NOW + LATE):
            forget_removals(connection, now)
            (use,) = blob_use_add(connection, [ONE], now)
            found.append(use is None)
        return found

    assert [True, True, False] == do(work)


def test_only_its_own_removal_is_ended(do: Do) -> None:
    """By the time when it began."""

    def work(connection: Connection) -> list[object]:
        removal_add(connection, ONE, NOW)
        removal_remove(connection, ONE, NOW - 1)
        removal_remove(connection, TWO, NOW)
        return list(blob_use_add(connection, [ONE], NOW))

    assert [None] == do(work)


def test_a_use_that_was_forgotten_is_no_longer_there(do: Do) -> None:
    """Also when the database gives its number to another one; several are told from each other."""

    def work(connection: Connection) -> list[object]:
        old = [use for use in blob_use_add(connection, [ONE], NOW) if use]
        forget_blob_uses(connection, NOW + 1)
        young = [use for use in blob_use_add(connection, [ONE, TWO], NOW + 2) if use]
        return [
            blob_use_remove(connection, old),
            is_blob_wanted(connection, ONE),
            blob_use_remove(connection, [*old, *young]),
            is_blob_wanted(connection, ONE),
            blob_use_remove(connection, []),
        ]

    assert [False, True, False, False, True] == do(work)
