"""The metadata of wheels: taken from the wheel when first asked for, and never given when it is not the row's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.distributions import entries_of, wheel_files, zip_bytes
from tests.usecases.uploading import Index, Package, reason
from trustpub.errors import Broken
from trustpub.parties.archives.fake import FakeValidators
from trustpub.parties.archives.port import Job
from trustpub.storage.files import File

METADATA = b"Metadata-Version: 2.4\nName: tiny-demo\nVersion: 1.0\n\n"


@pytest.fixture
def jobs() -> list[Job]:
    """What the validators were asked to look at."""
    return []


@pytest.fixture
def index(tmp_path: Path, jobs: list[Job]) -> Iterator[Index]:
    """An index with one wheel."""
    with Index(tmp_path, FakeValidators(jobs.append)) as made:
        made.send(made.user_token())
        jobs.clear()
        yield made


@pytest.fixture
def file(index: Index) -> File:
    """Its row."""
    return index.files()[0]


def test_they_are_taken_once(index: Index, file: File, jobs: list[Job]) -> None:
    """The second reader gets what the first one left."""
    first = index.upload.sidecars.read(file)
    second = index.upload.sidecars.read(file)

    assert first == second == METADATA
    assert [job.metadata_only for job in jobs] == [True]


@pytest.mark.parametrize("left", [b"", METADATA[:-5], METADATA.replace(b"1.0", b"1.1"), bytes(len(METADATA))])
def test_what_a_crash_left_is_never_given(index: Index, file: File, left: bytes) -> None:
    """Empty, short, other bytes, zeros: they are taken from the wheel again."""
    index.blobs.keep_sidecar(file.sha256, left)
    assert METADATA == index.upload.sidecars.read(file) == index.blobs.sidecar(file.sha256)


def test_a_wheel_that_does_not_hold_what_its_row_tells(index: Index, file: File) -> None:
    """An error that says what to do, and nothing is kept."""
    other = replace(file, metadata_sha256=hashlib.sha256(b"other").hexdigest())
    with pytest.raises(Broken, match="metadata of `tiny_demo"):
        index.upload.sidecars.read(other)

    assert index.blobs.sidecar(file.sha256) is None


def test_a_damaged_wheel(index: Index, file: File) -> None:
    """No archive any more: the same error."""
    place = index.blobs.path(file.sha256)
    assert place is not None
    place.write_bytes(b"damaged")
    with pytest.raises(Broken, match="metadata of `tiny_demo"):
        index.upload.sidecars.take(file)


def test_a_wheel_that_would_be_refused_today_keeps_its_metadata(index: Index, file: File) -> None:
    """It was accepted once: that rules have become stricter since takes nothing from its readers."""
    files = wheel_files(METADATA)
    files["tiny_demo-1.0.dist-info/WHEEL"] = b"Wheel-Version: 9.0\n"
    data = zip_bytes(entries_of(files))
    assert "Wheel-Version" in reason(
        index.send(index.user_token(), Package(data=data, filename="tiny_demo-1.0-py2-none-any.whl"))
    )
    temp = index.upload.temp()
    temp.write(data)
    name = hashlib.sha256(data).hexdigest()
    index.blobs.adopt(temp, name)

    assert index.upload.sidecars.take(replace(file, sha256=name)) == METADATA
