"""Planted damage, in a folder and on S3: all of it is found, nothing else is, and the sweeper takes exactly the orphans."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from tests import s3, stores
from tests.usecases.uploading import Index, Package, reason
from trustpub.storage.blob_uses import blob_use_add
from trustpub.storage.blobs import SIDECAR, LocalBlobs
from trustpub.storage.database import Connection
from trustpub.storage.s3_blobs import S3Blobs
from trustpub.storage.tables import files
from trustpub.usecases.collect_garbage import Collected, collect_garbage, garbage
from trustpub.usecases.verify_data import Damage, verify_data

LATER = 25 * 3600.0
TRUSTPUB = Path(sys.executable).parent / "trustpub"


@dataclass
class Planted:
    """An index with one file for each kind of damage, and what lies around in its store."""

    index: Index
    damages: set[Damage] = field(default_factory=set)
    orphans: list[str] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)

    def plant(self) -> None:
        """Everything that can be wrong, beside what is well."""
        self.token = self.index.user_token()
        self.upload("good")
        name, sha256, _ = self.upload("missing")
        self.index.blobs.delete(sha256)
        self.damaged(name, "its bytes are missing")
        name, sha256, data = self.upload("truncated")
        self.write(sha256, data[:-10])
        self.damaged(name, f"it has {len(data) - 10} bytes instead of {len(data)}")
        name, sha256, data = self.upload("empty")
        self.write(sha256, b"")
        self.damaged(name, f"it has 0 bytes instead of {len(data)}")
        name, sha256, data = self.upload("other")
        other = bytes(len(data))
        self.write(sha256, other)
        self.damaged(name, f"its bytes have the SHA-256 {hashlib.sha256(other).hexdigest()} instead of {sha256}")
        self._rows()
        self._sidecars()
        self._orphans()

    def _rows(self) -> None:
        name, sha256, _ = self.upload("inside")
        self.change(name, metadata_sha256="00" * 32)
        self.damaged(name, "its metadata: its wheel does not hold what its row tells")
        name, sha256, _ = self.upload("astray")
        self.change(name, sha256="ab" * 32)
        self.damaged(name, "its bytes are missing")
        self.kept -= {sha256}
        self.orphans.append(sha256)

    def _sidecars(self) -> None:
        """A sidecar is a copy: without it, or with another one, nothing is damaged."""
        self.upload("without")
        _, sha256, _ = self.upload("differing")
        self.index.blobs.keep_sidecar(sha256, b"Name: somebody-else\n")
        _, sha256, _ = self.upload("beside")
        self.index.blobs.keep_sidecar(sha256, b"")

    def _orphans(self) -> None:
        for data in (b"left by a killed upload", b""):
            self.orphans.append(self.put(data))
        self.index.blobs.keep_sidecar(self.orphans[-1], b"Name: orphan\n")
        coming = self.put(b"an upload is about to name this")
        self.index.database.write(lambda connection: blob_use_add(connection, [coming], self.index.now + LATER)).result()
        self.kept.add(coming)
        self.lonely = hashlib.sha256(b"its blob went while it was written").hexdigest()
        self.index.blobs.keep_sidecar(self.lonely, b"Name: alone\n")
        self.orphans.sort()

    def upload(self, name: str) -> tuple[str, str, bytes]:
        """A file that is acknowledged; its name, SHA-256 and bytes."""
        package = Package(project=f"tiny-{name}")
        assert "" == reason(self.index.send(self.token, package))
        sha256 = hashlib.sha256(package.data).hexdigest()
        self.kept.add(sha256)
        return package.filename, sha256, package.data

    def damaged(self, name: str, why: str) -> None:
        """What is expected to be said."""
        self.damages.add(Damage(name, why))

    def put(self, data: bytes) -> str:
        """A blob that no row names."""
        temp, sha256 = self.index.blobs.temp(), hashlib.sha256(data).hexdigest()
        temp.write(data)
        self.index.blobs.adopt(temp, sha256)
        return sha256

    def write(self, sha256: str, data: bytes) -> None:
        """Put other bytes in the place of a blob, behind everybody's back."""
        blobs = self.index.blobs
        if isinstance(blobs, LocalBlobs):
            path = cast("Path", blobs.path(sha256))
            path.unlink()
            path.write_bytes(data)
        else:
            import obstore

            assert isinstance(blobs, S3Blobs)
            obstore.put(blobs._store, blobs._key(sha256), data, use_multipart=False)

    def change(self, name: str, **values: str) -> None:
        """Let the row of a file say something else."""

        def work(connection: Connection) -> None:
            connection.execute(files.update().where(files.c.filename == name).values(**values))

        self.index.database.write(work).result()

    def objects(self) -> set[str]:
        """The name of everything that is in the store."""
        blobs = self.index.blobs
        if isinstance(blobs, LocalBlobs):
            return {path.name for path in (self.index.folder / "data" / "blobs").rglob("*") if path.is_file()}
        assert isinstance(blobs, S3Blobs)
        return {name for name, _ in blobs._listed()}


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.Store]:
    """A server with conditional puts."""
    with s3.moto(tmp_path_factory.mktemp("moto")) as store:
        yield store


@pytest.fixture(scope="module")
def rclone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.Store]:
    """A server that checks signatures."""
    with s3.rclone_store(tmp_path_factory.mktemp("rclone")) as store:
        yield store


SERVERS = [pytest.param("moto", marks=pytest.mark.s3), pytest.param("rclone", marks=pytest.mark.s3)]


@contextlib.contextmanager
def planted(folder: Path, store: s3.Store | None, patch: pytest.MonkeyPatch) -> Iterator[Planted]:
    """An index in this folder whose blobs are there, or in the server's bucket."""
    blobs = None
    if store is not None:
        for name, value in store.environment.items():
            patch.setenv(name, value)
        blobs = S3Blobs(folder / "data", f"s3://{s3.BUCKET}/{folder.name}", endpoint=store.endpoint)
    with Index(folder, blobs=blobs) as index:
        index.now = time.time()
        made = Planted(index)
        made.plant()
        yield made


@pytest.mark.parametrize("kind", ["folder", *SERVERS])
def test_what_was_planted_is_found_and_nothing_else(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the sweep and after it; what the sweep takes is what nobody names, with its sidecars."""
    store = None if kind == "folder" else request.getfixturevalue(kind)
    with planted(tmp_path, store, monkeypatch) as made:
        index, blobs = made.index, made.index.blobs
        verify = partial(verify_data, index.database, blobs, index.upload.sidecars.take)
        found = verify()
        assert (made.damages, made.orphans) == (set(found.damages), list(found.orphans))
        assert len(made.damages) == len(found.damages)
        assert len(index.files()) == found.files
        assert made.orphans == list(garbage(index.database, blobs))
        before = made.objects()
        assert Collected(0, 0, 0) == collect_garbage(index.database, blobs, lambda: index.now)  # nothing is old enough

        swept = collect_garbage(index.database, blobs, lambda: index.now + LATER)
        gone = {*made.orphans, *(each + SIDECAR for each in (made.lonely, *made.orphans))}
        assert Collected(0, len(made.orphans) + 1, len(before & made.kept)) == swept
        assert before - gone == made.objects()
        found = verify()
        assert (made.damages, ()) == (set(found.damages), found.orphans)


@pytest.mark.parametrize("kind", SERVERS)
def test_a_sidecar_that_differs_is_put_right_by_its_next_reader(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Missing, empty, another one's: the reader gets what the wheel holds, and so does the next one from the store."""
    with planted(tmp_path, request.getfixturevalue(kind), monkeypatch) as made:
        index = made.index
        wanted = {file.filename: file for file in index.files()}
        for name in ("without", "differing", "beside", "good"):
            file = wanted[f"tiny_{name}-1.0-py3-none-any.whl"]
            text = f"Metadata-Version: 2.4\nName: tiny-{name}\nVersion: 1.0\n\n".encode()
            assert text == index.upload.sidecars.read(file) == index.blobs.sidecar(file.sha256)
        assert made.damages == set(verify_data(index.database, index.blobs, index.upload.sidecars.take).damages)


@dataclass
class Command:
    """`trustpub admin` on an index whose blobs are in a bucket, as a process."""

    made: Planted
    config: Path
    keys: dict[str, str]

    def __call__(self, *arguments: str, status: int = 0) -> str:
        """What it prints; it must exit with this status."""
        data = self.made.index.folder / "data"
        command: list[str | Path] = [TRUSTPUB, "admin", "--data", data, "--config", self.config, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **self.keys})
        assert status == done.returncode, done.stderr
        return done.stdout or done.stderr

    def json(self, *arguments: str, status: int = 0) -> dict[str, object]:
        """The same as JSON."""
        answer: dict[str, object] = json.loads(self(*arguments, "--format", "json", status=status))
        return answer


def command_on(made: Planted, store: s3.Store) -> Command:
    """The command, with its settings."""
    config = made.index.folder / "index.toml"
    url = stores.database_url(made.index.folder / "data")
    database = "" if url is None else f'database = "{url}"\n'
    blobs = f'blobs = "s3://{s3.BUCKET}/{made.index.folder.name}"\n'
    config.write_text(f'[index]\n{database}{blobs}\n[s3]\nendpoint = "{store.endpoint}"\n', "utf-8")
    return Command(made, config, store.environment)


def looked_at(made: Planted, trustpub: Command) -> None:
    """What the commands say that only look."""
    told = trustpub.json("verify-data", status=1)
    damages = [{"file": each.file, "why": each.why} for each in made.damages]
    assert sorted(map(str, damages)) == sorted(map(str, cast("list[object]", told.pop("damages"))))
    assert {"ok": False, "files": len(made.index.files()), "orphans": made.orphans} == told
    text = trustpub("verify-data", status=1)
    for damage in made.damages:
        assert f"{damage.file}: {damage.why}\n" in text
    assert f"{len(made.index.files())} files, damaged: {len(made.damages)}\n" in text
    assert {"orphans": made.orphans} == trustpub.json("gc", "--dry-run")


@pytest.mark.s3
def test_the_commands_tell_it_and_leave_what_is_young(moto: s3.Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in this store is a day old."""
    with planted(tmp_path, moto, monkeypatch) as made:
        trustpub = command_on(made, moto)
        looked_at(made, trustpub)
        before = made.objects()
        assert {"removed": 0, "temporary_files": 0} == trustpub.json("gc")
        assert before == made.objects()


@pytest.mark.s3
def test_the_commands_take_exactly_the_orphans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days later; then the index is repaired and sound; then the store is away. Every exit status is another one."""
    folder = tmp_path / "server"
    folder.mkdir()
    with contextlib.ExitStack() as servers:
        store = servers.enter_context(s3.rclone_store(folder))
        with planted(tmp_path, store, monkeypatch) as made:
            trustpub = command_on(made, store)
            looked_at(made, trustpub)
            before = made.objects()
            servers.close()
            for path in (folder / "s3").rglob("*"):
                os.utime(path, (time.time() - LATER, time.time() - LATER))
            servers.enter_context(s3.rclone_store(folder, int(store.endpoint.rpartition(":")[2])))
            assert f"removed {len(made.orphans) + 1} blobs and 0 temporary files\n" == trustpub("gc")
            gone = {*made.orphans, *(each + SIDECAR for each in (made.lonely, *made.orphans))}
            assert before - gone == made.objects()
            assert "removed 0 blobs and 0 temporary files\n" == trustpub("gc")
            assert {"orphans": []} == trustpub.json("gc", "--dry-run")
            damaged = [each.file for each in made.damages]
            made.index.database.write(lambda c: c.execute(files.delete().where(files.c.filename.in_(damaged)))).result()
            told = trustpub.json("verify-data")
            assert (True, []) == (told["ok"], told["damages"])
            servers.close()
            for arguments in (("verify-data",), ("gc",), ("gc", "--dry-run")):
                assert "the store of files: " in trustpub(*arguments, status=3)
