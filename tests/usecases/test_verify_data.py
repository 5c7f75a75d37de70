"""Holding every file's bytes against its row."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import BinaryIO

import pytest

from tests.usecases.exchanging import Index
from trustpub.errors import Broken
from trustpub.storage import blob_uses, files, tables
from trustpub.storage.database import Connection
from trustpub.storage.projects import create_project, find_project
from trustpub.storage.tables import filenames, projects, releases
from trustpub.usecases.verify_data import Damage, verify_data


@dataclass
class FakeBlobs:
    """Blobs in memory, which a test can damage."""

    held: dict[str, bytes] = field(default_factory=dict)
    inside: dict[str, bytes] = field(default_factory=dict)

    def put(self, data: bytes) -> str:
        """Keep these bytes under their own hash."""
        name = hashlib.sha256(data).hexdigest()
        self.held[name] = data
        return name

    def open(self, sha256: str) -> BinaryIO:
        if sha256 not in self.held:
            raise FileNotFoundError(sha256)
        return io.BytesIO(self.held[sha256])

    def names(self) -> Iterable[str]:
        return list(self.held)

    def metadata(self, file: files.File) -> bytes:
        """What a wheel holds, if it is what its row tells."""
        if hashlib.sha256(self.inside[file.sha256]).hexdigest() != file.metadata_sha256:
            raise Broken("the metadata", why="its wheel does not hold what its row tells")
        return self.inside[file.sha256]


def store(index: Index, blobs: FakeBlobs, filename: str, data: bytes, metadata: bytes | None = None) -> str:
    """A file of project `orchay` with these bytes; the name of its blob."""
    sha256 = blobs.put(data)
    if metadata is not None:
        blobs.inside[sha256] = metadata

    def work(connection: Connection) -> None:
        project = find_project(connection, "orchay")
        assert project is not None
        release, _ = files.release_get_or_create(connection, project.id, "1.0", {}, 1.0)
        new = files.NewFile(
            filename=filename,
            project_id=project.id,
            release_id=release.id,
            packagetype="sdist",
            python_version="source",
            requires_python=None,
            sha256=sha256,
            blake2_256="00",
            md5=None,
            size=len(data),
            metadata_sha256=None if metadata is None else hashlib.sha256(metadata).hexdigest(),
            uploaded_by="bob",
            upload_time=1.0,
        )
        assert files.insert_file(connection, new, project.normalized) is not None

    index.do(work)
    return sha256


def test_a_sound_index_has_no_damage(ours: Index) -> None:
    """Blobs that no file names are told, and are no damage; one that an upload is about to name is neither."""
    ours.project("orchay")
    blobs = FakeBlobs()
    store(ours, blobs, "a.tar.gz", b"a" * 3_000_000, b"metadata")
    left, coming = blobs.put(b"left over"), blobs.put(b"coming")
    ours.do(lambda connection: blob_uses.blob_use_add(connection, [coming], 1.0))
    found = verify_data(ours.database, blobs, blobs.metadata)
    assert (1, (), (left,)) == (found.files, found.damages, found.orphans)


def test_every_kind_of_damage_is_named(ours: Index) -> None:
    """Missing, cut, changed; of the file and of its metadata."""
    ours.project("orchay")
    blobs = FakeBlobs()
    missing = store(ours, blobs, "missing.tar.gz", b"one")
    cut = store(ours, blobs, "cut.tar.gz", b"two")
    changed = store(ours, blobs, "changed.tar.gz", b"three")
    other_inside = store(ours, blobs, "metadata.whl", b"four", b"five")
    store(ours, blobs, "good.tar.gz", b"good")
    del blobs.held[missing]
    blobs.held[cut] = b"tw"
    blobs.held[changed] = b"THREE"
    blobs.inside[other_inside] = b"six"
    other = hashlib.sha256(b"THREE").hexdigest()
    found = verify_data(ours.database, blobs, blobs.metadata)
    assert {
        Damage("missing.tar.gz", "its bytes are missing"),
        Damage("cut.tar.gz", "it has 2 bytes instead of 3"),
        Damage("changed.tar.gz", f"its bytes have the SHA-256 {other} instead of {changed}"),
        Damage("metadata.whl", "its metadata: its wheel does not hold what its row tells"),
    } == set(found.damages)
    assert 5 == found.files


def test_a_file_that_is_deleted_meanwhile_has_no_damage(ours: Index) -> None:
    """Its row goes, then its bytes, and only then is it looked at."""
    ours.project("orchay")
    blobs = FakeBlobs()
    gone = store(ours, blobs, "gone.tar.gz", b"gone")
    lost = store(ours, blobs, "lost.tar.gz", b"lost")

    class Meanwhile(FakeBlobs):
        """Bytes of an index that goes on."""

        def open(self, sha256: str) -> BinaryIO:
            """Not there any more."""
            ours.do(lambda connection: connection.execute(tables.files.delete().where(tables.files.c.sha256 == gone)))
            raise FileNotFoundError(sha256)

    found = verify_data(ours.database, Meanwhile(blobs.held), blobs.metadata)
    assert (Damage("lost.tar.gz", "its bytes are missing"),) == found.damages
    assert {gone, lost} == set(blobs.held)


def test_rows_that_contradict_each_other_are_found(ours: Index) -> None:
    """A name that could be used again, a release of another project, a serial from the future."""
    blobs = FakeBlobs()
    ours.project("orchay")
    store(ours, blobs, "orchay-1.0.tar.gz", b"data")

    def break_it(connection: Connection) -> None:
        connection.execute(filenames.delete())
        connection.execute(projects.update().values(serial=10_000))
        other = create_project(connection, "other", 1.0)
        connection.execute(releases.update().values(project_id=other.id))

    assert () == verify_data(ours.database, blobs, blobs.metadata).damages
    ours.do(break_it)
    assert [
        Damage("orchay-1.0.tar.gz", "its name is not kept, and could be used again"),
        Damage("orchay-1.0.tar.gz", "its release is another project's"),
        Damage("orchay", "its serial is higher than the index's"),
    ] == list(verify_data(ours.database, blobs, blobs.metadata).damages)


@pytest.mark.parametrize(
    ("name", "digest", "why"),
    [
        ("orchay-1.0.tar.gz", None, None),
        ("orchay-1.0.tar.gz", "0" * 64, "its provenance speaks of another file"),
        ("other-1.0.tar.gz", None, "its provenance speaks of another file"),
        ("", None, "its provenance cannot be read"),
    ],
)
def test_provenance_speaks_of_its_file(ours: Index, name: str, digest: str | None, why: str | None) -> None:
    """By name and by SHA-256."""
    blobs = FakeBlobs()
    ours.project("orchay")
    sha256 = store(ours, blobs, "orchay-1.0.tar.gz", b"data")
    statement = {"subject": [{"name": name, "digest": {"sha256": digest or sha256}}]}
    envelope = {"statement": base64.b64encode(json.dumps(statement).encode()).decode(), "signature": ""}
    provenance = {"version": 1, "attestation_bundles": [{"attestations": [{"envelope": envelope}]}]} if name else {}
    ours.do(lambda connection: connection.execute(tables.files.update().values(provenance=json.dumps(provenance))))
    assert [why] * (why is not None) == [each.why for each in verify_data(ours.database, blobs, blobs.metadata).damages]
