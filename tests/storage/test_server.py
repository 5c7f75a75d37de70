"""A PostgreSQL server as the database: one writer over all processes, serials never stale, and a server that goes away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.conftest import Scale
from tests.postgresql import Postgres
from tests.storage.test_migrations import _differences
from trustpub.errors import Unreachable
from trustpub.storage import accounts, files, projects, schema, tokens
from trustpub.storage.database import Connection, Database

pytestmark = pytest.mark.pg


@pytest.fixture
def server(pg_url: str) -> Iterator[Database]:
    """An index on a server."""
    with Database.open(None, pg_url) as opened:
        yield opened


@pytest.fixture
def mortal() -> Iterator[Postgres]:
    """A server of the test's own, to be killed."""
    postgres = Postgres(durable=True)
    yield postgres
    postgres.stop()


def make(name: str, database: Database) -> int:
    """A new project's id."""
    return database.write(lambda connection: projects.create_project(connection, name, 1.0)).result(30).id


def test_migrating_from_nothing_makes_the_tables_that_the_code_means(pg_url: str) -> None:
    """The migrations and `tables.py` agree on PostgreSQL too: alembic finds nothing to change."""
    with Database.open(None, pg_url, migrate=False) as migrated:
        migrated.write(lambda connection: schema.migrate_from(connection, None)).result()
        assert [] == migrated.write(_differences).result()
        assert schema.REVISION == migrated.revision()
        assert 1 == migrated.write(projects.next_serial).result()


def test_a_new_database_has_the_tables_that_the_code_means(server: Database) -> None:
    """Also when it was made without a migration."""
    assert [] == server.write(_differences).result()


def test_processes_that_start_at_once_make_the_tables_once(pg_url: str) -> None:
    """Each opens the new database; all of them serve."""
    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(lambda _: Database.open(None, pg_url), range(6)))
    for number, database in enumerate(opened):
        assert number + 1 == database.write(projects.next_serial).result()
        database.close()


def test_a_commit_waits_for_the_disk_and_nobody_waits_without_end(server: Database) -> None:
    """The settings of both kinds of connections."""

    def settings(connection: Connection) -> list[str]:
        names = ("synchronous_commit", "lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
        return [connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names]

    assert ["on", "30s", "30s", "30s"] == server.write(settings).result()
    with server.read() as connection:
        assert ["on", "30s", "30s", "30s"] == settings(connection)


def test_a_read_sees_one_moment_and_cannot_write(server: Database) -> None:
    """What is committed meanwhile is in the next read."""
    with server.read() as connection:
        assert () == projects.all_projects(connection)
        make("orchay", server)
        assert () == projects.all_projects(connection)
    with server.read() as connection:
        assert ["orchay"] == [project.name for project in projects.all_projects(connection)]
        with pytest.raises(DBAPIError, match="read-only"):
            connection.execute(text("INSERT INTO blob_uses (sha256, created) VALUES ('a', 0)"))


def test_looking_and_then_writing_is_safe_in_any_process(server: Database, pg_url: str, scale: Scale) -> None:
    """Two writers that both see "not spent" and then spend: exactly one of them saw it."""
    rounds = scale(50, 5_000)
    with Database.open(None, pg_url) as other:
        for number in range(rounds):
            spend = partial(tokens.spend, issuer="issuer", key=str(number), until=9)
            futures = [each.write(spend) for each in (server, other, server, other)]
            assert [False, False, False, True] == sorted(future.result(30) for future in futures)


def test_serials_are_those_of_the_last_acknowledged_write(server: Database, pg_url: str, scale: Scale) -> None:
    """Written in one process, asked for in another on its answer, by many at once."""

    async def ask(rounds: int) -> None:
        with Database.open(None, pg_url) as other:
            project = make("orchay", other)
            serials = server.serials()
            for _ in range(rounds):
                written = other.write(lambda connection: projects.bump_serial(connection, project))
                busy = [serials.project("orchay") for _ in range(3)]  # a statement is under way when the write is acknowledged
                serial = await asyncio.wrap_future(written)
                assert {(serial, "active")} == set(await asyncio.gather(*(_future(serials.project("orchay")) for _ in range(5))))
                await asyncio.gather(*(_future(each) for each in busy))
            assert 1 == await _future(serials.index())
            assert await _future(serials.project("unknown")) is None
            assert serials.project('{"a",b}') is None
            assert serials.project("a\0b") is None
            serials.close()

    asyncio.run(ask(scale(100, 10_000)))


def _future(answer: object) -> asyncio.Future[object]:
    assert isinstance(answer, asyncio.Future)
    return answer


def test_a_server_that_was_started_again_fails_nobody(mortal: Postgres) -> None:
    """Connections from before are dead: writer, readers and serials find that out by themselves."""

    async def serial(serials: object) -> object:
        return await _future(serials.project("orchay"))  # type: ignore[attr-defined]

    with Database.open(None, mortal.url) as database, asyncio.Runner() as runner:
        project = make("orchay", database)
        serials = runner.run(_made(database))
        with database.read(), database.read():
            assert (1, "active") == runner.run(serial(serials))
        for _ in range(2):
            mortal.kill()
            mortal.start()
            now = database.write(lambda connection: projects.bump_serial(connection, project)).result(30)
            for _ in range(3):
                with database.read() as connection:
                    assert now == projects.serials(connection)[0]
            assert (now, "active") == runner.run(serial(serials))
        runner.run(_closed(serials))


async def _made(database: Database) -> object:
    return database.serials()


async def _closed(serials: object) -> None:
    serials.close()  # type: ignore[attr-defined]


def test_a_server_that_is_away_is_unreachable_until_it_is_back(mortal: Postgres) -> None:
    """Writes and reads say so, without the address; the first ones after it came back succeed."""
    with Database.open(None, mortal.url) as database:
        project = make("orchay", database)
        mortal.kill()
        for _ in range(2):
            with pytest.raises(Unreachable, match="the database: "):
                database.write(lambda connection: projects.bump_serial(connection, project)).result(30)
            with pytest.raises(Unreachable, match="the database: "), database.read():
                pass
        mortal.start()
        assert 2 == database.write(lambda connection: projects.bump_serial(connection, project)).result(30)
        with database.read() as connection:
            assert 2 == projects.serials(connection)[0]


def test_a_read_that_loses_its_server_is_unreachable(mortal: Postgres) -> None:
    """Not a crash: the same question can be asked again."""
    with Database.open(None, mortal.url) as database:

        def loses() -> None:
            with database.read() as connection:
                mortal.kill()
                projects.find_project(connection, "orchay")

        with pytest.raises(Unreachable):
            loses()
        mortal.start()
        with database.read() as connection:
            assert projects.find_project(connection, "orchay") is None


def test_calls_in_the_middle_of_which_the_server_goes_are_written_once(mortal: Postgres) -> None:
    """Nobody has said COMMIT: the whole batch runs again on a new connection."""
    with Database.open(None, mortal.url) as database:
        runs: list[int] = []
        restarted = threading.Event()

        def bumps(connection: Connection) -> int:
            runs.append(1)
            if not restarted.is_set():
                restarted.set()
                mortal.kill()
                mortal.start()
            return projects.next_serial(connection)

        first, second = database.write(bumps), database.write(projects.next_serial)
        assert [1, 2] == [first.result(60), second.result(60)]
        assert 2 == len(runs)


def test_a_text_that_the_server_cannot_hold_names_nothing(server: Database) -> None:
    """A NUL, or half of a surrogate pair, in a question: no answer, and no error that would be somebody's 500."""
    with server.read() as connection:
        assert [None, None] == [projects.find_project(connection, name) for name in ("a\0b", "a\ud800b")]
        assert None is files.find_file(connection, "\0")
        assert None is accounts.find_user(connection, "ha\0na")
