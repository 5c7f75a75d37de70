"""Backups: one moment of an index, whole or not there, and put back byte for byte."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import stores
from tests.conftest import Scale
from trustpub.errors import BadInput, Broken, Unreachable
from trustpub.storage import dump
from trustpub.storage.accounts import add_user
from trustpub.storage.blob_uses import LATE
from trustpub.storage.blobs import Blobs, LocalBlobs, Temp
from trustpub.storage.database import Connection, Database
from trustpub.storage.files import NewFile, insert_file, release_get_or_create
from trustpub.storage.projects import create_project, delete_project, find_project
from trustpub.storage.tables import blob_removals, blob_uses
from trustpub.usecases.backup import Backup, Made
from trustpub.usecases.collect_garbage import Collected, collect_garbage, keeping_bytes
from trustpub.usecases.restore import restore

TEXTS = [f"bytes of file {number}".encode() * 50 for number in range(5)]


def fill(folder: Path, *, plain: bool = False) -> None:
    """An index with a user, a project and its files; `plain`: without what PostgreSQL takes into no text."""
    blobs = LocalBlobs(folder)
    for text in TEXTS:
        temp = blobs.temp()
        temp.write(text)
        blobs.adopt(temp, hashlib.sha256(text).hexdigest())

    def work(connection: Connection) -> None:
        user = add_user(connection, "hana", "hana@acme.example", 1.25, admin=True, verified=True)
        gone = create_project(connection, "gone", 1.0, user.id)
        connection.exec_driver_sql(f"DELETE FROM projects WHERE id = {gone.id}")
        project = create_project(connection, "Ol.Chay", 2.0, user.id)
        release, _ = release_get_or_create(
            connection, project.id, "1", {"summary": "빨라요 \u2028" + ("" if plain else " \x00")}, 1.0
        )
        for number, text in enumerate(TEXTS):
            sha256 = hashlib.sha256(text).hexdigest()
            name = f"ol_chay-1-{number}.tar.gz"
            file = NewFile(name, project.id, release.id, "sdist", "source", None, sha256, sha256, None, len(text), None, "h", 1.5)
            insert_file(connection, file, "ol-chay")

    with Database.open(folder) as database:
        database.write(work).result()


def everything(folder: Path) -> dict[str, object]:
    """All rows of an index, but for the event that says that it was restored."""
    with Database.open(folder) as database, database.read() as connection:
        rows: dict[str, object] = {
            name: [dict(row) for row in dump.rows_of(connection, name) if row.get("kind") != "index:restored"]
            for name in dump.table_names()
        }
        return rows | {"ids": {name: last for name, last in dump.last_ids(connection).items() if name != "events"}}


def backed_up(source: Path, target: Path) -> Made:
    """A backup of an index that somebody else may be using."""
    with Database.open(source) as database:
        # A killed one may have left a lease that has a minute to go.
        return Backup(database, LocalBlobs(source), lambda: time.time() + 100).make(target)


def put_back(backup: Path, target: Path) -> Made:
    """The backup in another index."""
    with Database.open(target) as database:
        return restore(backup, database, LocalBlobs(target), time.time)


def test_what_was_there_is_there_again(tmp_path: Path) -> None:
    """Every row, every byte, and the ids that were given out: a project that was deleted keeps its number."""
    fill(tmp_path / "one")
    made = backed_up(tmp_path / "one", tmp_path / "backup")
    assert made == put_back(tmp_path / "backup", tmp_path / "two")
    assert everything(tmp_path / "one") == everything(tmp_path / "two")
    assert (5, 5, sum(map(len, TEXTS))) == (made.files, made.blobs, made.bytes)
    assert sorted(LocalBlobs(tmp_path / "one").names()) == sorted(LocalBlobs(tmp_path / "two").names())
    with Database.open(tmp_path / "two") as database:
        assert 3 == database.write(lambda connection: create_project(connection, "new", 3.0)).result().id


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    """It holds what opens accounts."""
    fill(tmp_path / "one")
    backed_up(tmp_path / "one", tmp_path / "backup")
    assert 0o700 == (tmp_path / "backup").stat().st_mode & 0o777


def test_bytes_are_links_where_that_can_be_and_copies_elsewhere(tmp_path: Path) -> None:
    """The same either way."""
    fill(tmp_path / "one")

    class Elsewhere(LocalBlobs):
        """A store whose blobs have no place on this machine."""

        def path(self, sha256: str) -> None:
            """None of them has."""

    backed_up(tmp_path / "one", tmp_path / "linked")
    with Database.open(tmp_path / "one") as database:
        Backup(database, Elsewhere(tmp_path / "one"), time.time).make(tmp_path / "copied")
    for name, links in (("linked", 2), ("copied", 1)):
        blobs = [path for path in (tmp_path / name / "blobs").rglob("*") if path.is_file()]
        # the linked ones have the name in the index as well
        assert {max(path.stat().st_nlink, links) if name == "linked" else path.stat().st_nlink for path in blobs} >= {links}
        assert sorted(TEXTS) == sorted(path.read_bytes() for path in blobs)


@pytest.mark.parametrize("what", ["tables/users.jsonl", "manifest.json", "blob", "blob gone"])
def test_a_damaged_backup_changes_nothing(tmp_path: Path, what: str) -> None:
    """One byte is enough, wherever it is; the index stays as empty as it was."""
    fill(tmp_path / "one")
    backed_up(tmp_path / "one", tmp_path / "backup")
    path = (
        tmp_path / "backup" / what
        if "/" in what or "." in what
        else next(path for path in (tmp_path / "backup" / "blobs").rglob("*") if path.is_file())
    )
    content = path.read_bytes()
    path.unlink()
    if what == "manifest.json":
        path.write_bytes(content.replace(b'"rows": 1,', b'"rows": 2,', 1))
    elif what != "blob gone":
        path.write_bytes(content[:-3] + bytes([content[-3] ^ 1]) + content[-2:])
    with pytest.raises(Broken):
        put_back(tmp_path / "backup", tmp_path / "two")
    with Database.open(tmp_path / "two") as database, database.read() as connection:
        assert dump.is_empty(connection)


def test_missing_bytes_make_no_backup(tmp_path: Path) -> None:
    """A backup that cannot be restored is none."""
    fill(tmp_path / "one")
    LocalBlobs(tmp_path / "one").delete(hashlib.sha256(TEXTS[2]).hexdigest())
    with pytest.raises(Broken, match="missing or damaged"):
        backed_up(tmp_path / "one", tmp_path / "backup")
    assert ["one"] == sorted(path.name for path in tmp_path.iterdir())


def test_another_release_is_refused(tmp_path: Path) -> None:
    """Its tables are not these."""
    fill(tmp_path / "one")
    backed_up(tmp_path / "one", tmp_path / "backup")
    manifest = json.loads((tmp_path / "backup" / "manifest.json").read_text())
    (tmp_path / "backup" / "manifest.json").write_text(json.dumps({**manifest, "revision": "9999"}))
    with pytest.raises(BadInput, match="revision `9999`"):
        put_back(tmp_path / "backup", tmp_path / "two")


def test_an_index_in_use_is_refused(tmp_path: Path) -> None:
    """Nothing is ever written over."""
    fill(tmp_path / "one")
    backed_up(tmp_path / "one", tmp_path / "backup")
    with pytest.raises(BadInput, match="not empty"):
        put_back(tmp_path / "backup", tmp_path / "one")


def test_what_is_put_back_is_not_swept_meanwhile(tmp_path: Path) -> None:
    """A server runs on the empty index, and the bytes have been there for days: an earlier restore was killed."""
    fill(tmp_path / "one")
    backed_up(tmp_path / "one", tmp_path / "backup")
    two = tmp_path / "two"

    class Swept(LocalBlobs):
        """A store that is swept after every put."""

        def adopt(self, temp: Temp, sha256: str) -> None:
            """Put it, and sweep."""
            super().adopt(temp, sha256)
            swept.append(collect_garbage(database, self, later))

    def later() -> float:
        return time.time() + 90_000

    swept: list[Collected | None] = []
    with Database.open(two) as database:
        made = restore(tmp_path / "backup", database, Swept(two), later)
        with database.read() as connection:
            assert [] == connection.execute(blob_uses.select()).all()
    assert [Collected(0, 0, number + 1) for number in range(made.blobs)] == swept
    assert made.blobs == len(list(LocalBlobs(two).names())) == 5


@pytest.mark.parametrize(("age", "refused"), [(LATE - 60, True), (LATE + 60, False)])
def test_bytes_that_a_store_may_still_be_removing_are_not_put_back(tmp_path: Path, age: float, refused: bool) -> None:
    """They could go again after the restore."""
    fill(tmp_path / "one")
    backed_up(tmp_path / "one", tmp_path / "backup")
    doomed = {"sha256": hashlib.sha256(TEXTS[2]).hexdigest(), "asked": time.time() - age}
    with Database.open(tmp_path / "two") as database:
        database.write(lambda connection: connection.execute(blob_removals.insert(), doomed)).result()
    if refused:
        with pytest.raises(Unreachable, match="being removed"):
            put_back(tmp_path / "backup", tmp_path / "two")
        assert [] == list(LocalBlobs(tmp_path / "two").names())
    else:
        assert 5 == put_back(tmp_path / "backup", tmp_path / "two").blobs


def test_a_restore_that_took_days_is_not_believed(tmp_path: Path) -> None:
    """A sweep has given up what it announced; nothing is there afterwards."""
    fill(tmp_path / "one")
    backed_up(tmp_path / "one", tmp_path / "backup")

    class Slow(LocalBlobs):
        """A store in which a day passes with each put."""

        def adopt(self, temp: Temp, sha256: str) -> None:
            """Put it, and sweep a day later."""
            super().adopt(temp, sha256)
            collect_garbage(database, LocalBlobs(tmp_path), lambda: time.time() + 90_000)

    with Database.open(tmp_path / "two") as database:
        with pytest.raises(Broken, match="more than a day"):
            restore(tmp_path / "backup", database, Slow(tmp_path / "two"), time.time)
        with database.read() as connection:
            assert dump.is_empty(connection)


def test_uploads_go_on_meanwhile_and_sweeping_waits(tmp_path: Path) -> None:
    """A backup shows one moment; what nobody names stays until it is made."""
    fill(tmp_path / "one")
    with Database.open(tmp_path / "one") as database:
        blobs = LocalBlobs(tmp_path / "one")
        with keeping_bytes(database, time.time):
            assert collect_garbage(database, blobs, time.time) is None

        class Busy(LocalBlobs):
            """A store in which somebody makes a project while bytes are read."""

            def path(self, sha256: str) -> Path | None:
                """Where it lies, and something else."""
                database.write(lambda connection: create_project(connection, f"new-{sha256}", 5.0)).result()
                return super().path(sha256)

        Backup(database, Busy(tmp_path / "one"), time.time).make(tmp_path / "backup")
        assert collect_garbage(database, blobs, time.time) is not None
        with database.read() as connection:
            assert find_project(connection, f"new-{hashlib.sha256(TEXTS[0]).hexdigest()}") is not None
    assert 1 == len((tmp_path / "backup" / "tables" / "projects.jsonl").read_text().splitlines())


def test_killed_at_any_moment_it_is_whole_or_not_there(tmp_path: Path, scale: Scale) -> None:
    """Kill -9 of a backup, then of a restore: the next one succeeds, and what has the name is whole."""
    fill(tmp_path / "one")
    times = scale(1, 60)
    for number in range(times):
        backup, target = tmp_path / f"backup{number}", tmp_path / f"two{number}"
        delay = 0.35 + 0.4 * number / times
        killed("backup", tmp_path / "one", backup, delay)
        if not backup.exists():
            backed_up(tmp_path / "one", backup)
        killed("restore", target, backup, delay)
        target.mkdir(exist_ok=True)
        with Database.open(target) as database, database.read() as connection:
            empty = dump.is_empty(connection)
        if empty:
            put_back(backup, target)
        assert everything(tmp_path / "one") == everything(target)


def killed(command: str, data: Path, folder: Path, delay: float) -> None:
    """Run the command and kill it after this time, unless it has ended."""
    code = "import sys; from trustpub.main.console import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "admin", "--data", str(data), command, str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def blobs_in(store: str, folder: Path, request: pytest.FixtureRequest) -> Blobs:
    """An empty place for bytes."""
    if store == "folder":
        return LocalBlobs(folder)
    return stores.Stores(bucket=request.getfixturevalue("moto_server")).blobs(folder)


@pytest.mark.pg
@pytest.mark.parametrize("store", ["folder", pytest.param("bucket", marks=pytest.mark.s3)])
def test_an_index_moves_to_a_server_and_back(store: str, tmp_path: Path, pg_url: str, request: pytest.FixtureRequest) -> None:
    """The same rows, the same ids to come, the same bytes, on either kind of database, in a folder and in a bucket."""
    there = blobs_in(store, tmp_path / "two", request)
    fill(tmp_path / "one", plain=True)
    made = backed_up(tmp_path / "one", tmp_path / "backup")
    with Database.open(None, pg_url) as database:
        assert made == restore(tmp_path / "backup", database, there, time.time)
        assert 3 == database.write(lambda connection: create_project(connection, "new", 3.0)).result().id
        database.write(lambda connection: delete_project(connection, 3)).result()
        assert {hashlib.sha256(text).hexdigest() for text in TEXTS} == set(there.names())
        Backup(database, there, time.time).make(tmp_path / "again")
    put_back(tmp_path / "again", tmp_path / "three")
    before, after = everything(tmp_path / "one"), everything(tmp_path / "three")
    for changed in ("ids", "counters"):
        del before[changed], after[changed]
    assert before == after
    with Database.open(tmp_path / "three") as database:
        assert 4 == database.write(lambda connection: create_project(connection, "newer", 3.0)).result().id
