"""The one writer: shared commits, savepoints, and nobody answered before the disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import NoReturn

import pytest
from sqlalchemy import text

from trustpub.errors import Broken
from trustpub.storage.database import Connection, Database
from trustpub.storage.events import Event, events_of, record


@pytest.fixture
def database(either: Database) -> Database:
    """Embedded, and again on a server where the run has one."""
    return either


@contextmanager
def held(database: Database) -> Iterator[None]:
    """Keep the writer busy, so that whatever is submitted meanwhile shares the next commit."""
    began, go = threading.Event(), threading.Event()

    def wait(_: Connection) -> None:
        began.set()
        assert go.wait(30)

    busy = database.write(wait)
    assert began.wait(30)
    yield
    go.set()
    busy.result(30)


def use(sha256: str) -> Callable[[Connection], str]:
    """A write of one small row, which answers with its argument."""

    def work(connection: Connection) -> str:
        connection.execute(text("INSERT INTO blob_uses (sha256, created) VALUES (:sha256, 0)"), {"sha256": sha256})
        return sha256

    return work


def rows(database: Database) -> list[str]:
    """The rows that are there, seen from a connection of its own."""
    with database._where.reader().connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT sha256 FROM blob_uses ORDER BY id")]


def broken(_: Connection) -> NoReturn:
    """A call that fails after it wrote."""
    raise LookupError("mine")


def test_a_write_is_there_when_its_future_resolves(database: Database) -> None:
    """Another process sees the row at the moment the future has its result."""
    assert "a" == database.write(use("a")).result()
    assert ["a"] == rows(database)


def test_calls_that_wait_together_share_one_commit(database: Database) -> None:
    """Everything submitted while the writer is busy appears in one step."""
    seen: list[list[str]] = []
    with held(database):
        futures = [database.write(use(name)) for name in "abc"]
        futures[0].add_done_callback(lambda _: seen.append(rows(database)))
    assert ["a", "b", "c"] == [future.result() for future in futures]
    assert [["a", "b", "c"]] == seen


def test_a_call_that_raises_is_undone_and_the_others_go_on(database: Database) -> None:
    """The failing call gets its own exception; its rows are gone, its neighbours' rows are there."""

    def writes_then_fails(connection: Connection) -> NoReturn:
        use("lost")(connection)
        broken(connection)

    with held(database):
        before, failing, after = database.write(use("a")), database.write(writes_then_fails), database.write(use("b"))
    assert ("a", "b") == (before.result(), after.result())
    with pytest.raises(LookupError, match="mine"):
        failing.result()
    assert ["a", "b"] == rows(database)


def test_a_call_alone_that_raises_is_undone(database: Database) -> None:
    """Without neighbours there is no savepoint, and still nothing is left."""

    def writes_then_fails(connection: Connection) -> NoReturn:
        use("lost")(connection)
        broken(connection)

    with pytest.raises(LookupError):
        database.write(writes_then_fails).result()
    assert "a" == database.write(use("a")).result()
    assert ["a"] == rows(database)


def test_a_broken_statement_in_a_shared_commit_is_its_callers_alone(database: Database) -> None:
    """A constraint that fails in SQLite itself undoes one call."""

    def twice(connection: Connection) -> None:
        for _ in range(2):
            connection.execute(text("INSERT INTO counters (name, value) VALUES ('twice', 0)"))

    with held(database):
        first, failing, last = database.write(use("a")), database.write(twice), database.write(use("b"))
    assert ("a", "b") == (first.result(), last.result())
    assert isinstance(failing.exception(), Exception)
    assert ["a", "b"] == rows(database)


def test_a_full_disk_acknowledges_nothing_and_later_writes_succeed(embedded: Database) -> None:
    """SQLite ends the transaction by itself when it is full: the whole batch fails, none of it is there."""

    def fills(connection: Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        connection.execute(text("INSERT INTO blob_uses (sha256, created) VALUES (:much, 0)"), {"much": "x" * 1_000_000})

    with held(embedded):
        futures: list[Future[object]] = [embedded.write(use("a")), embedded.write(fills), embedded.write(use("b"))]
    failures = [future.exception() for future in futures]
    assert all(isinstance(failure, Exception) for failure in failures)
    assert isinstance(failures[0], Broken)
    assert [] == rows(embedded)
    assert "c" == embedded.write(use("c")).result()
    assert ["c"] == rows(embedded)


def test_a_commit_that_fails_fails_everybody_who_shared_it(database: Database) -> None:
    """A constraint that is only checked at COMMIT: no call of the batch may be told that it was done."""

    def dangling(connection: Connection) -> None:
        if database.path:
            connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            connection.execute(text("INSERT INTO project_publishers (publisher_id, project_id, created) VALUES (99, 99, 0)"))
        else:
            connection.exec_driver_sql("CREATE TABLE late (x INTEGER PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)")
            connection.exec_driver_sql("INSERT INTO late VALUES (1), (1)")

    with held(database):
        first, second = database.write(use("a")), database.write(dangling)
    for future in (first, second):
        with pytest.raises(Broken, match="could not be written"):
            future.result()
    assert [] == rows(database)
    assert "b" == database.write(use("b")).result()


def test_a_cancelled_call_never_runs(database: Database) -> None:
    """A client that went away while its call waited leaves nothing."""
    with held(database):
        gone, stays = database.write(use("gone")), database.write(use("stays"))
        assert gone.cancel()
    assert "stays" == stays.result()
    assert ["stays"] == rows(database)


def test_more_calls_than_a_batch_holds_are_all_written_in_order(database: Database) -> None:
    """Batches are bounded; what does not fit waits for the next one."""
    names = [f"{number:03}" for number in range(200)]
    with held(database):
        futures = [database.write(use(name)) for name in names]
    assert names == [future.result() for future in futures]
    assert names == rows(database)


def test_closing_commits_what_was_submitted_and_refuses_more(database: Database) -> None:
    """Nothing that was taken is dropped; afterwards an error says why."""
    futures = [database.write(use(name)) for name in "abc"]
    database.close()
    assert ["a", "b", "c"] == [future.result(0) for future in futures]
    with pytest.raises(Broken, match="closed"):
        database.write(use("d"))
    database.close()


def told(kind: str, project: int | None = None) -> Callable[[Connection], str]:
    """A write whose row waits for the end of the transaction."""

    def work(connection: Connection) -> str:
        record(connection, Event(kind, "bob", 1.0, project_id=project))
        return kind

    return work


def kinds(database: Database) -> list[str]:
    """The events that are there, oldest first."""
    with database.read() as connection:
        return [event.kind for event in reversed(events_of(connection, limit=1000))]


def test_rows_that_wait_are_there_when_the_future_resolves(database: Database) -> None:
    """Also more of them than one statement holds, from one call or from many that share a commit."""

    def many(connection: Connection) -> None:
        for number in range(150):
            told(f"one-{number}")(connection)

    database.write(many).result()
    with held(database):
        futures = [database.write(told(f"many-{number}")) for number in range(60)]
    assert [f"many-{number}" for number in range(60)] == [future.result() for future in futures]
    assert [f"one-{number}" for number in range(150)] + [f"many-{number}" for number in range(60)] == kinds(database)


def test_a_waiting_row_that_cannot_be_written_fails_its_own_call(database: Database) -> None:
    """Its project does not exist: the one who wanted it hears so, alone or in company; the others are served."""
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        database.write(told("alone", project=99)).result()
    with held(database):
        first, wrong, last = database.write(told("a")), database.write(told("wrong", project=99)), database.write(told("b"))
    assert ("a", "b") == (first.result(), last.result())
    assert "foreign key" in str(wrong.exception()).lower()
    assert ["a", "b"] == kinds(database)


def test_rows_of_a_call_that_raised_are_not_written_by_the_next(database: Database) -> None:
    """What waited is forgotten with what wanted it."""

    def waits_then_fails(connection: Connection) -> NoReturn:
        told("lost")(connection)
        broken(connection)

    for _ in range(2):
        with pytest.raises(LookupError):
            database.write(waits_then_fails).result()
    with held(database):
        first, failing, last = database.write(told("a")), database.write(waits_then_fails), database.write(told("b"))
    assert ("a", "b") == (first.result(), last.result())
    assert isinstance(failing.exception(), LookupError)
    assert ["a", "b"] == kinds(database)


def test_a_call_sees_the_rows_that_wait(database: Database) -> None:
    """Whoever reads the log in the same transaction finds what was just written."""

    def writes_then_reads(connection: Connection) -> list[str]:
        told("mine")(connection)
        return [event.kind for event in events_of(connection)]

    assert ["mine"] == database.write(writes_then_reads).result()
    assert ["mine"] == kinds(database)
