"""One contract for every store of blobs: a folder, and buckets of servers that differ in what they check."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest

from tests import s3
from trustpub.errors import Unreachable
from trustpub.storage.blobs import Blobs, LocalBlobs
from trustpub.storage.s3_blobs import WHOLE, S3Blobs

DATA = b"the bytes of a distribution"
SHA = sha256(DATA).hexdigest()
LARGE = os.urandom(1 << 20) * 20
FUTURE = time.time() + 86_400


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


def bucket(store: s3.Store, folder: Path, patch: pytest.MonkeyPatch, **environment: str) -> S3Blobs:
    """An empty part of the server's bucket."""
    for name, value in {**store.environment, **environment}.items():
        patch.setenv(name, value)
    return S3Blobs(folder, f"s3://{s3.BUCKET}/{folder.name}", endpoint=store.endpoint)


@pytest.mark.s3
@pytest.mark.parametrize("kind", ["moto", "rclone"])
def test_a_bucket_that_is_not_there_is_no_file_that_is_not_there(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Reading says so too, and so whether the index can do its work."""
    served: s3.Store = request.getfixturevalue(kind)
    bucket(served, tmp_path, monkeypatch)
    blobs = S3Blobs(tmp_path, "s3://elsewhere", endpoint=served.endpoint)
    for asks in (blobs.prepare, partial(store, blobs), partial(blobs.open, SHA), partial(blobs.keep_sidecar, SHA, DATA)):
        with pytest.raises(Unreachable, match="the store of files: it has no such bucket"):
            asks()


KINDS = ["folder", pytest.param("moto", marks=pytest.mark.s3), pytest.param("rclone", marks=pytest.mark.s3)]


@pytest.fixture(params=KINDS)
def blobs(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Blobs:
    """An empty store of each kind."""
    if request.param == "folder":
        return LocalBlobs(tmp_path)
    return bucket(request.getfixturevalue(request.param), tmp_path, monkeypatch)


def store(blobs: Blobs, data: bytes = DATA) -> str:
    """Adopt these bytes."""
    name = sha256(data).hexdigest()
    temp = blobs.temp(name)
    temp.write(data)
    temp.sync()
    blobs.adopt(temp, name)
    assert -1 == temp.fd
    return name


def remove_all(seen: list[str]) -> Callable[[str, Callable[[], None]], None]:
    """A guard that lets everything go, and writes down what it was asked about."""

    def guard(name: str, remove: Callable[[], None]) -> None:
        seen.append(name)
        remove()

    return guard


def test_bytes_come_back_whole_and_in_parts(blobs: Blobs) -> None:
    """As a file with a descriptor, and as pieces from anywhere to anywhere."""
    store(blobs)
    with blobs.open(SHA) as opened:
        assert len(DATA) == os.fstat(opened.fileno()).st_size
        assert DATA == opened.read()
    for start, end in ((0, len(DATA)), (0, 4), (4, 9), (9, len(DATA))):
        assert DATA[start:end] == b"".join(blobs.blocks(SHA, start, end))
    assert [SHA] == list(blobs.names())


def test_a_large_file_goes_in_parts_and_comes_back(blobs: Blobs) -> None:
    """More than one request can hold."""
    assert len(LARGE) > WHOLE
    name = store(blobs, LARGE)
    assert LARGE == b"".join(blobs.blocks(name, 0, len(LARGE)))
    assert LARGE[3_000_000:9_000_000] == b"".join(blobs.blocks(name, 3_000_000, 9_000_000))


def test_an_empty_file(blobs: Blobs) -> None:
    """No bytes are bytes too."""
    name = store(blobs, b"")
    with blobs.open(name) as opened:
        assert b"" == opened.read()


def test_the_same_bytes_again_change_nothing(blobs: Blobs) -> None:
    """Whoever comes second finds what the first one put there."""
    for data in (DATA, DATA, LARGE, LARGE):
        store(blobs, data)
    assert {SHA, sha256(LARGE).hexdigest()} == set(blobs.names())
    assert DATA == b"".join(blobs.blocks(SHA, 0, len(DATA)))


def test_what_is_not_there(blobs: Blobs) -> None:
    """The error of files; removing it is fine; a sidecar is just missing."""
    with pytest.raises(FileNotFoundError), blobs.open(SHA):
        pass
    with pytest.raises(FileNotFoundError):
        list(blobs.blocks(SHA, 0, 4))
    assert blobs.sidecar(SHA) is None
    assert blobs.path(SHA) is None
    blobs.delete(SHA)
    assert [] == list(blobs.names())


def test_a_wrong_size_is_never_taken_for_the_blob(blobs: Blobs) -> None:
    """Something else under its address: the upload fails, or puts the right bytes there."""
    wrong = blobs.temp(SHA)
    wrong.write(b"short")
    blobs.adopt(wrong, SHA)
    with contextlib.suppress(OSError, Unreachable):
        store(blobs)
        assert DATA == b"".join(blobs.blocks(SHA, 0, len(DATA)))


def test_sidecars_lie_beside_their_blob_and_go_with_it(blobs: Blobs) -> None:
    """Written over what was there; no blob of their own."""
    store(blobs)
    for data in (b"old", b"Name: orchay\n"):
        blobs.keep_sidecar(SHA, data)
    assert b"Name: orchay\n" == blobs.sidecar(SHA)
    assert [SHA] == list(blobs.names())
    blobs.delete(SHA)
    assert blobs.sidecar(SHA) is None
    assert [] == list(blobs.names())


def test_the_sweeper_asks_about_what_is_old_and_removes_what_it_may(blobs: Blobs) -> None:
    """Nothing that is young; sidecars with their blobs; one that lost its blob; temp files."""
    kept, lost = store(blobs), store(blobs, b"other")
    alone = sha256(b"alone").hexdigest()
    for name in (kept, lost, alone):
        blobs.keep_sidecar(name, b"Name: orchay\n")
    left = blobs.temp()
    asked: list[str] = []
    assert (0, 0) == (blobs.sweep(time.time() - 60, remove_all(asked)).temps, len(asked))

    def guard(name: str, remove: Callable[[], None]) -> None:
        asked.append(name)
        if name != kept:
            remove()

    swept = blobs.sweep(FUTURE, guard)
    left.discard()
    assert (1, 2) == (swept.temps, swept.candidates)
    assert {kept, lost, alone} == set(asked)
    assert [kept] == list(blobs.names())
    assert (b"Name: orchay\n", None, None) == tuple(blobs.sidecar(name) for name in (kept, lost, alone))


def test_a_name_that_is_no_hash_is_refused(blobs: Blobs) -> None:
    """No path leaves the store."""
    for name in ("", "..", SHA.upper(), SHA[:-1], f"../{SHA[3:]}"):
        with pytest.raises(ValueError, match="64 lower-case"):
            blobs.sidecar(name)


@pytest.mark.s3
@pytest.mark.parametrize("kind", ["moto", "rclone"])
def test_an_address_of_the_store_itself(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed, for some minutes, and nobody needs a key for it; a folder has none."""
    blobs = bucket(request.getfixturevalue(kind), tmp_path, monkeypatch)
    store(blobs)
    address = blobs.address(SHA)
    assert DATA == urllib.request.urlopen(address, timeout=20).read()
    assert "X-Amz-Expires=600" in address
    assert s3.SECRET not in address
    assert LocalBlobs(tmp_path).address(SHA) is None  # type: ignore[func-returns-value]


@pytest.mark.s3
@pytest.mark.parametrize("kind", ["moto", "rclone"])
def test_the_store_is_asked_what_it_can_do(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing of the question stays."""
    server: s3.Store = request.getfixturevalue(kind)
    blobs = bucket(server, tmp_path, monkeypatch)
    blobs.prepare()
    assert server.conditional is blobs._creates_only
    import obstore

    assert [] == [each["path"] for some in obstore.list(blobs._store) for each in some]


@pytest.mark.s3
def test_a_wrong_secret_is_unreachable_and_stays_secret(
    rclone: s3.Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store refuses the signature; the error says so without repeating it."""
    blobs = bucket(rclone, tmp_path, monkeypatch, AWS_SECRET_ACCESS_KEY="canary-canary-canary")
    with pytest.raises(Unreachable, match="the store of files") as refusal:
        store(blobs)
    assert re.search("canary|Signature=", str(refusal.value)) is None
    assert 1 == len(list((tmp_path / "tmp").iterdir()))  # the caller's, who discards it


@pytest.mark.s3
def test_a_store_that_is_away_is_unreachable_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every question says so, after a few tries."""
    folder = tmp_path / "server"
    folder.mkdir()
    with s3.rclone_store(folder) as server:
        blobs = bucket(server, tmp_path, monkeypatch)
        store(blobs)
        os.kill(server.pid, signal.SIGSTOP)
        os.kill(server.pid, signal.SIGKILL)
        time.sleep(0.2)
        began = time.monotonic()
        for ask in (
            lambda: store(blobs, b"x"),
            lambda: blobs.open(SHA),
            lambda: list(blobs.blocks(SHA, 0, 4)),
            lambda: blobs.delete(SHA),
        ):
            with pytest.raises(Unreachable, match="the store of files"):
                ask()
        assert time.monotonic() - began < 60
