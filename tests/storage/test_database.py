"""Opening a database, reading one moment of it, and saying clearly why it cannot be opened."""

from __future__ import annotations

import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from trustpub.errors import BadInput, Broken
from trustpub.storage import projects
from trustpub.storage.database import Database
from trustpub.storage.serials import Serials


def test_a_read_sees_one_moment(database: Database) -> None:
    """What is committed while a read goes on is not in it, and is in the next."""
    with database.read() as connection:
        assert () == projects.all_projects(connection)
        database.write(lambda writing: projects.create_project(writing, "orchay", 1.0)).result()
        assert () == projects.all_projects(connection)
    with database.read() as connection:
        assert ["orchay"] == [project.name for project in projects.all_projects(connection)]


def test_a_read_cannot_write(database: Database) -> None:
    """The connection refuses, whatever the code on top of it believes."""
    with database.read() as connection, pytest.raises(DBAPIError, match="readonly"):
        connection.execute(text("INSERT INTO blob_uses (sha256, created) VALUES ('a', 0)"))


def test_foreign_keys_are_watched(database: Database) -> None:
    """A row cannot name a project that is not there."""
    with pytest.raises(DBAPIError, match="FOREIGN KEY"):
        database.write(
            lambda connection: connection.execute(
                text("INSERT INTO events (project_id, kind, actor, at, detail) VALUES (7, '', '', 0, '')")
            )
        ).result()


def test_a_commit_waits_for_the_disk(database: Database) -> None:
    """The writer's settings are those that make an acknowledged commit durable."""
    settings = database.write(
        lambda connection: [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint")
        ]
    ).result()
    assert ["wal", 2, 1, 0] == settings


def test_serials_see_every_acknowledged_write(database: Database) -> None:
    """The fast reader needs no transaction of its own to see the newest state."""
    serials = database.serials()
    assert isinstance(serials, Serials)
    with serials:
        assert (None, 0, 0) == (serials.project("orchay"), serials.index(), serials.latest())
        made = database.write(lambda connection: projects.create_project(connection, "orchay", 1.0)).result()
        assert ((1, "active"), 1, 1) == (serials.project("orchay"), serials.index(), serials.latest())
        database.write(lambda connection: projects.bump_serial(connection, made.id)).result()
        assert ((2, "active"), 1, 2) == (serials.project("orchay"), serials.index(), serials.latest())


def test_a_second_process_may_write_too(database: Database) -> None:
    """The operator's command adds an account while the server runs; each sees the other's rows."""
    assert database.path is not None
    program = (
        "import sys, pathlib; from trustpub.storage.database import Database; from trustpub.storage.accounts import add_user\n"
        "with Database.open(pathlib.Path(sys.argv[1])) as database:\n"
        "    database.write(lambda connection: add_user(connection, 'bob', 'bob@example.org', 1.0)).result()\n"
    )
    subprocess.run([sys.executable, "-c", program, str(database.path.parent)], check=True, timeout=60)
    with database.read() as connection:
        assert 1 == connection.execute(text("SELECT count(*) FROM users WHERE name = 'bob'")).scalar_one()


def test_a_data_folder_below_a_regular_file_is_refused(tmp_path: Path) -> None:
    """One line that names the folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="regular file is in the way"):
        Database.open(tmp_path / "file" / "data")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Foreign bytes under our name are not touched."""
    (tmp_path / "index.sqlite").write_bytes(b"this is no database " * 100)
    with pytest.raises(Broken, match="cannot be opened"):
        Database.open(tmp_path)
    assert b"this is no database " * 100 == (tmp_path / "index.sqlite").read_bytes()


def test_a_new_database_is_its_owners_alone(tmp_path: Path) -> None:
    """Also in a folder that was there before, and that others can look into."""
    tmp_path.chmod(0o755)
    with Database.open(tmp_path):
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert {"index.sqlite": 0o600, "index.sqlite-wal": 0o600, "index.sqlite-shm": 0o600} == modes


AS_ANOTHER_USER = """
import os, sys
from pathlib import Path
from trustpub.errors import Broken
from trustpub.storage.database import Database
data = Path(sys.argv[1])
Database.open(data).close()
(data / "index.sqlite").chmod(0o444)
if os.getuid() == 0:  # who may write everything
    data.chmod(0o755)
    os.setuid(65534)
try:
    Database.open(data)
except Broken as problem:
    print(problem)
"""


def test_a_database_of_somebody_else_is_refused_at_once() -> None:
    """SQLite opens it to read, and every write would fail later."""
    with tempfile.TemporaryDirectory() as folder:  # not below the tests' own, which only their user can look into
        said = subprocess.run([sys.executable, "-c", AS_ANOTHER_USER, folder], capture_output=True, text=True, check=True)
        why = (
            f"the database `{folder}/index.sqlite`: this user may not write it. Run this as the user who owns the data folder.\n"
        )
    assert why == said.stdout


@pytest.mark.parametrize(
    "url", ["mysql://me:secret@host/name", "nonsense secret", "sqlite:///secret.db", "postgres+x://secret@h/n"]
)
def test_another_kind_of_database_is_refused_without_its_password(tmp_path: Path, url: str) -> None:
    """The setting is named; its value, which may hold a password, is not."""
    with pytest.raises(BadInput) as refusal:
        Database.open(tmp_path, url)
    assert "database" in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_opening_an_index_imports_no_alembic(tmp_path: Path) -> None:
    """A new database and a current one are opened without the migration tool, which costs more than all the rest."""
    program = (
        "import sys, pathlib; from trustpub.storage.database import Database\n"
        "for _ in range(2):\n"
        "    Database.open(pathlib.Path(sys.argv[1])).close()\n"
        "sys.exit('alembic' in sys.modules)\n"
    )
    assert 0 == subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False, timeout=60).returncode


def test_a_sound_database_has_no_problems_and_a_damaged_one_has(database: Database) -> None:
    """A row whose parent is gone is found."""
    assert () == database.problems()
    database.write(lambda connection: projects.create_project(connection, "orchay", 1.0)).result()

    def orphan() -> None:
        import sqlite3

        assert database.path is not None
        connection = sqlite3.connect(database.path)
        connection.execute("INSERT INTO project_publishers (publisher_id, project_id, created) VALUES (99, 99, 0)")
        connection.commit()
        connection.close()

    orphan()
    assert any("project_publishers" in problem for problem in database.problems())
