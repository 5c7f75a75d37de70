"""The data of one release opens in the next, and every way to the newest tables ends at the same ones."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.storage.fixtures import make
from trustpub.errors import Broken
from trustpub.storage import accounts, files, projects, publishers, schema, tables, tokens
from trustpub.storage.database import Connection, Database
from trustpub.storage.events import events_of

FIXTURES = Path(__file__).with_name("fixtures")
RELEASES = sorted(path.stem for path in FIXTURES.glob("*.sql"))


def old(folder: Path, release: str) -> Path:
    """A data folder as that release left it."""
    folder.mkdir()
    connection = sqlite3.connect(folder / "index.sqlite")
    connection.executescript((FIXTURES / f"{release}.sql").read_text("utf-8"))
    connection.close()
    return folder


def emptied(folder: Path) -> Path:
    """A data folder whose database has been at alembic's base: it takes every migration there is."""
    folder.mkdir()
    connection = sqlite3.connect(folder / "index.sqlite")
    connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    connection.close()
    return folder


def shape(database: Database) -> dict[str, list[str]]:
    """Every table and index by name: the parts of its definition, whose order means nothing."""
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
    parts = {name: re.sub(r'[\s"()]+', "", sql.replace("WITHOUT", ",WITHOUT")).lower().split(",") for name, sql in rows}
    return {name: sorted(its_parts) for name, its_parts in parts.items() if name != "alembic_version"}


def test_the_newest_migration_is_the_one_the_code_names() -> None:
    """`REVISION` decides whether alembic is asked at all, so it must be alembic's own head."""
    assert [schema.REVISION] == ScriptDirectory(str(schema.SCRIPTS)).get_heads()


def test_migrating_from_nothing_makes_the_tables_that_the_code_means(tmp_path: Path) -> None:
    """The migrations and `tables.py` agree: alembic finds nothing to change, and a new database looks the same."""
    with Database.open(emptied(tmp_path / "migrated"), migrate=False) as migrated:
        migrated.write(lambda connection: schema.migrate_from(connection, None)).result()
        differences = migrated.write(_differences).result()
        by_migrations = shape(migrated)
    with Database.open(tmp_path / "created") as created:
        directly = shape(created)
        assert 0 == created.write(projects.next_serial).result() - 1
    assert [] == differences
    assert directly == by_migrations


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, tables.metadata))


@pytest.mark.parametrize("release", RELEASES)
def test_the_data_of_an_older_release_opens_and_serves(tmp_path: Path, release: str) -> None:
    """Accounts, projects, files, publishers, tokens and events of that release are all there, and can be added to."""
    with Database.open(old(tmp_path / "data", release)) as database:
        assert schema.REVISION == database.revision()
        assert () == database.problems()
        with database.read() as connection:
            project = projects.find_project(connection, "or-chay")
            assert project is not None
            assert ("Or.Chay", "active", 2) == (project.name, project.state, project.serial)
            assert [("Alice", "owner")] == [(role.user, role.role) for role in projects.roles_of(connection, project.id)]
            (file,) = files.files_of_project(connection, project.id)
            assert ("or_chay-1.0-py3-none-any.whl", "1.0", 1234, make.NOW) == (
                file.filename,
                file.version,
                file.size,
                file.upload_time,
            )
            token = tokens.find_upload_token(connection, make.TOKEN_DIGEST)
            assert token is not None
            assert frozenset({project.id}) == token.projects
            assert accounts.find_api_token(connection, make.API_DIGEST) is not None
            assert ["Orchay-Next"] == [row.project for row in publishers.all_pending(connection)]
            assert tokens.is_spent(connection, "https://issuer.example", "one")
            assert ["publisher:added"] == [event.kind for event in events_of(connection, project.id)]
        assert 3 == database.write(lambda connection: projects.bump_serial(connection, project.id)).result()


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    """An index that is current is left as it is, and says so."""
    with Database.open(tmp_path / "data") as database:
        before = shape(database)
        assert schema.REVISION == database.migrate()
        assert before == shape(database)


def test_data_of_a_newer_release_is_refused(tmp_path: Path) -> None:
    """The newer release's tables are not touched."""
    with Database.open(tmp_path / "data") as database:
        database.write(lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")).result()
    with pytest.raises(Broken, match="newer trustpub"):
        Database.open(tmp_path / "data")
    with Database.open(tmp_path / "data", migrate=False) as database:
        assert "9999" == database.revision()


def test_tables_of_somebody_else_are_refused(tmp_path: Path) -> None:
    """A database that trustpub did not make gets no table of ours."""
    connection = sqlite3.connect(tmp_path / "index.sqlite")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    with pytest.raises(Broken, match="not trustpub's"):
        Database.open(tmp_path)


def test_a_migration_that_fails_leaves_the_old_tables(tmp_path: Path) -> None:
    """All or nothing: after the failure the database is as it was."""
    with Database.open(emptied(tmp_path / "data"), migrate=False) as database:

        def fails_at_the_end(connection: Connection) -> None:
            schema.migrate_from(connection, None)
            raise LookupError

        with pytest.raises(LookupError):
            database.write(fails_at_the_end).result()
        assert {} == shape(database)
