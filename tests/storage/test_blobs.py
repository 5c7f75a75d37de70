"""Blobs: durable in the right order, create-only, and swept only when nobody wants them."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from trustpub.errors import Broken
from trustpub.storage.blobs import LocalBlobs, Temp

DATA = b"the bytes of a distribution"
SHA = sha256(DATA).hexdigest()


class Journal:
    """Writes down what was made durable, by the path below the root; may fail at one call."""

    def __init__(self, root: Path, fail_at: str | None = None) -> None:
        self.root = root
        self.fail_at = fail_at
        self.calls: list[str] = []

    def __call__(self, fd: int) -> None:
        path = Path(f"/proc/self/fd/{fd}").readlink().relative_to(self.root)
        name = str(path) if stat.S_ISDIR(os.fstat(fd).st_mode) else str(path.parent / "FILE")
        self.calls.append(name)
        if name == self.fail_at:
            raise OSError(errno.EIO, "injected")


def filled(blobs: LocalBlobs, data: bytes = DATA, *, near: bool = False) -> Temp:
    """A temp file with these bytes; `near` its blob's place, as when its hash is known before it is written."""
    temp = blobs.temp(sha256(data).hexdigest() if near else "")
    temp.write(data)
    return temp


def store(blobs: LocalBlobs, data: bytes = DATA, *, near: bool = False) -> str:
    """Adopt these bytes."""
    name = sha256(data).hexdigest()
    blobs.adopt(filled(blobs, data, near=near), name)
    return name


def listed(root: Path) -> list[str]:
    """Every file below the root."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


PLACE = f"blobs/{SHA[:2]}"


def test_bytes_come_back(tmp_path: Path) -> None:
    """What was adopted is found by its hash, and no temp file stays."""
    blobs = LocalBlobs(tmp_path)
    store(blobs)

    assert blobs.path(SHA) == tmp_path / PLACE / SHA
    with blobs.open(SHA) as opened:
        assert opened.read() == DATA
    assert listed(tmp_path) == [f"{PLACE}/{SHA}"]


@pytest.mark.parametrize(("near", "received"), [(False, "tmp/FILE"), (True, f"{PLACE}/FILE")])
def test_the_file_is_durable_before_its_name_and_its_name_before_the_return(tmp_path: Path, near: bool, received: str) -> None:
    """fsync(file), then the one folder that holds its name, whose own name is durable by then."""
    journal = Journal(tmp_path)
    blobs = LocalBlobs(tmp_path, journal)
    journal.calls.clear()
    store(blobs, near=near)

    assert sorted(journal.calls) == sorted(["blobs", received, PLACE])
    assert journal.calls.index(received) < journal.calls.index(PLACE)
    assert journal.calls[-1] == PLACE


def test_a_folder_that_was_there_is_synced_again_but_its_parent_is_not(tmp_path: Path) -> None:
    """The same bytes once more: the file that came, and the folder that holds the name."""
    journal = Journal(tmp_path)
    blobs = LocalBlobs(tmp_path, journal)
    store(blobs)
    journal.calls.clear()
    store(blobs)

    assert journal.calls == ["tmp/FILE", PLACE]


def test_folders_that_were_there_become_durable_when_the_store_is_opened(tmp_path: Path) -> None:
    """A process that was killed may have made a folder without making it durable: whoever opens the store does that, once."""
    store(LocalBlobs(tmp_path, lambda _: None))
    journal = Journal(tmp_path)
    blobs = LocalBlobs(tmp_path, journal)
    opening = list(journal.calls)
    journal.calls.clear()
    store(blobs)

    assert opening == ["blobs", "."]
    assert journal.calls == ["tmp/FILE", PLACE]


def test_a_folder_made_by_somebody_else_meanwhile_is_not_trusted(tmp_path: Path) -> None:
    """Another process may have made it a moment ago: this one syncs its parent too."""
    journal = Journal(tmp_path)
    blobs = LocalBlobs(tmp_path, journal)
    store(LocalBlobs(tmp_path, lambda _: None))
    journal.calls.clear()
    store(blobs)

    assert journal.calls == ["tmp/FILE", "blobs", PLACE]


def flags_of(folder: Path) -> str:
    """As lsattr shows them."""
    return subprocess.run(["lsattr", "-d", str(folder)], capture_output=True, text=True, check=True).stdout.split()[0]


def test_folders_are_said_to_be_unrelated(tmp_path: Path) -> None:
    """The flag that spreads them over the disk, where the file system knows it; setting it again changes nothing."""
    LocalBlobs(tmp_path)
    LocalBlobs(tmp_path)
    reference = tmp_path / "reference"
    reference.mkdir()
    if subprocess.run(["chattr", "+T", str(reference)], capture_output=True, check=False).returncode:
        pytest.skip("this file system does not know the flag, or chattr is not here")
    assert flags_of(tmp_path / "blobs") == flags_of(reference)


def test_a_file_that_was_synced_is_not_synced_twice(tmp_path: Path) -> None:
    """The caller may sync early, while something else happens."""
    journal = Journal(tmp_path)
    blobs = LocalBlobs(tmp_path, journal)
    temp = filled(blobs)
    temp.sync()
    journal.calls.clear()
    blobs.adopt(temp, SHA)

    assert "tmp/FILE" not in journal.calls


def test_after_a_failed_fsync_the_file_is_lost(tmp_path: Path) -> None:
    """The error goes to the caller, a second try never asks the disk again, and nothing is stored."""
    journal = Journal(tmp_path, fail_at="tmp/FILE")
    blobs = LocalBlobs(tmp_path, journal)
    temp = filled(blobs)
    with pytest.raises(OSError, match="injected"):
        blobs.adopt(temp, SHA)
    asked = len(journal.calls)
    with pytest.raises(Broken):
        blobs.adopt(temp, SHA)
    temp.discard()

    assert len(journal.calls) == asked
    assert listed(tmp_path) == []


def test_after_a_failed_folder_fsync_the_folder_is_written_anew(tmp_path: Path) -> None:
    """The same bytes again are stored, after the folder was changed once more: a mere second question would be believed."""
    journal = Journal(tmp_path, fail_at=PLACE)
    blobs = LocalBlobs(tmp_path, journal)
    first = filled(blobs)
    with pytest.raises(OSError, match="injected"):
        blobs.adopt(first, SHA)
    first.discard()
    journal.fail_at = None
    before = (tmp_path / PLACE).stat().st_mtime_ns
    store(blobs)

    assert (tmp_path / PLACE).stat().st_mtime_ns > before
    assert listed(tmp_path) == [f"{PLACE}/{SHA}"]


def test_a_blob_is_never_overwritten(tmp_path: Path) -> None:
    """The first file under a content address stays the one: a reader that has it open and one that opens it see the same."""
    blobs = LocalBlobs(tmp_path)
    store(blobs)
    before = (tmp_path / PLACE / SHA).stat().st_ino
    store(blobs)

    assert (tmp_path / PLACE / SHA).stat().st_ino == before


def test_a_damaged_blob_is_not_taken_for_the_content(tmp_path: Path) -> None:
    """A blob of another size than its content cannot be what the address says."""
    blobs = LocalBlobs(tmp_path)
    store(blobs)
    (tmp_path / PLACE / SHA).write_bytes(b"cut")
    temp = filled(blobs)
    with pytest.raises(OSError, match="size"):
        blobs.adopt(temp, SHA)
    temp.discard()


@pytest.mark.parametrize("name", ["", "../../etc/passwd", SHA.upper(), SHA[:-1], SHA + "0", SHA[:-1] + "\n", "g" * 64])
def test_only_a_hash_is_a_name(tmp_path: Path, name: str) -> None:
    """No path can be smuggled in as a content address."""
    blobs = LocalBlobs(tmp_path)
    for use in (blobs.path, blobs.open, blobs.delete):
        with pytest.raises(ValueError, match="64 lower-case"):
            use(name)


def test_what_is_not_there(tmp_path: Path) -> None:
    """No path, nothing to open, nothing to delete."""
    blobs = LocalBlobs(tmp_path)

    assert blobs.path(SHA) is None
    with pytest.raises(FileNotFoundError):
        blobs.open(SHA)
    blobs.delete(SHA)


def test_deleting(tmp_path: Path) -> None:
    """A deleted blob is gone."""
    blobs = LocalBlobs(tmp_path)
    store(blobs)
    blobs.delete(SHA)

    assert blobs.path(SHA) is None


def test_discarding_twice_is_fine(tmp_path: Path) -> None:
    """A temp file is closed once, whoever closes it."""
    temp = filled(LocalBlobs(tmp_path))
    temp.discard()
    temp.discard()

    assert listed(tmp_path) == []


def test_many_threads_adopt_the_same_bytes(tmp_path: Path) -> None:
    """All of them succeed, and there is one blob."""
    blobs = LocalBlobs(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: store(blobs), range(40)))

    assert listed(tmp_path) == [f"{PLACE}/{SHA}"]


def wanted(*names: str) -> Callable[[str, Callable[[], None]], None]:
    """A guard that lets everything go but these."""

    def guard(name: str, remove: Callable[[], None]) -> None:
        if name not in names:
            remove()

    return guard


def age(path: Path) -> float:
    """The moment just after the file's last change."""
    return path.stat().st_ctime + 0.001


def test_sweeping_takes_what_nobody_wants(tmp_path: Path) -> None:
    """Temp files and unwanted blobs go, wanted blobs stay."""
    blobs = LocalBlobs(tmp_path)
    store(blobs)
    other = store(blobs, b"other")
    temp = filled(blobs)
    swept = blobs.sweep(age(Path(temp.path)), wanted(SHA))

    assert (swept.temps, swept.candidates) == (1, 2)
    assert blobs.path(SHA) is not None
    assert blobs.path(other) is None
    temp.discard()


def test_sweeping_leaves_what_is_young(tmp_path: Path) -> None:
    """Nothing that was touched since is looked at."""
    blobs = LocalBlobs(tmp_path)
    store(blobs)
    temp = filled(blobs)
    swept = blobs.sweep((tmp_path / PLACE / SHA).stat().st_ctime - 1, wanted())

    assert (swept.temps, swept.candidates) == (0, 0)
    assert blobs.path(SHA) is not None
    assert Path(temp.path).exists()
    temp.discard()


def test_sweeping_never_touches_foreign_files(tmp_path: Path) -> None:
    """What is not named by a hash was not ours."""
    blobs = LocalBlobs(tmp_path)
    store(blobs)
    stranger = tmp_path / PLACE / "README"
    stranger.write_text("hello")
    blobs.sweep(age(stranger), wanted())

    assert stranger.exists()


def test_a_sidecar_lies_beside_its_blob_and_goes_with_it(tmp_path: Path) -> None:
    """Written over what was there, found by the blob's hash, deleted with the blob."""
    blobs = LocalBlobs(tmp_path)
    store(blobs)
    assert blobs.sidecar(SHA) is None
    blobs.keep_sidecar(SHA, b"old")
    blobs.keep_sidecar(SHA, b"Name: demo\n")

    assert b"Name: demo\n" == blobs.sidecar(SHA) == (tmp_path / PLACE / f"{SHA}.metadata").read_bytes()
    assert list(blobs.names()) == [SHA]
    assert listed(tmp_path) == [f"{PLACE}/{SHA}", f"{PLACE}/{SHA}.metadata"]
    blobs.delete(SHA)
    assert listed(tmp_path) == []


def test_sweeping_takes_sidecars_with_their_blobs_and_those_without(tmp_path: Path) -> None:
    """A wanted blob keeps its own; an unwanted one loses it; one that lost its blob goes."""
    blobs = LocalBlobs(tmp_path)
    store(blobs)
    other = store(blobs, b"other")
    alone = sha256(b"alone").hexdigest()
    for name in (SHA, other, alone):
        blobs.keep_sidecar(name, b"metadata")
    blobs.sweep(age(tmp_path / "blobs" / alone[:2] / f"{alone}.metadata"), wanted(SHA))

    assert listed(tmp_path) == [f"{PLACE}/{SHA}", f"{PLACE}/{SHA}.metadata"]


def test_sweeping_takes_temp_files_wherever_they_lie(tmp_path: Path) -> None:
    """Also those in the folders of the blobs."""
    blobs = LocalBlobs(tmp_path)
    temps = [filled(blobs), filled(blobs, near=True)]
    swept = blobs.sweep(age(Path(temps[1].path)), wanted())

    assert (swept.temps, swept.candidates) == (2, 0)
    assert listed(tmp_path) == []
    for temp in temps:
        temp.discard()


def test_preparing_makes_every_folder_with_one_sync(tmp_path: Path) -> None:
    """Afterwards no upload makes one; a second time there is nothing to do."""
    journal = Journal(tmp_path)
    blobs = LocalBlobs(tmp_path, journal)
    journal.calls.clear()
    blobs.prepare()
    blobs.prepare()
    prepared = list(journal.calls)
    store(blobs)

    assert prepared == ["blobs"]
    assert journal.calls == ["blobs", "tmp/FILE", PLACE]
    assert len(list((tmp_path / "blobs").iterdir())) == 256
