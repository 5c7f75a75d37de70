"""Files of another index on this host: whole or not at all, and never more than the room there is."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from trustpub.storage.kept_files import ABANDONED, TOUCH, KeptFiles


class Clock:
    """A time that a test sets."""

    def __init__(self) -> None:
        self.now = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now


def keep(kept: KeptFiles, content: bytes) -> str:
    """Keep these bytes; their name."""
    coming = kept.begin()
    coming.write(content)
    name = sha256(content).hexdigest()
    kept.adopt(coming, name)
    return name


def test_a_file_is_there_when_it_was_adopted(tmp_path: Path) -> None:
    """Before, nobody finds it; afterwards nothing else is left."""
    kept = KeptFiles(tmp_path / "upstream")
    coming = kept.begin()
    coming.write(b"bytes")
    name = sha256(b"bytes").hexdigest()
    assert (None, b"bytes") == (kept.path(name), coming.path.read_bytes())
    path = kept.adopt(coming, name)
    assert (path, b"bytes") == (kept.path(name), path.read_bytes())
    assert [path] == [each for each in (tmp_path / "upstream").rglob("*") if each.is_file()]


def test_a_file_that_was_dropped_was_never_there(tmp_path: Path) -> None:
    """Whatever had been written."""
    kept = KeptFiles(tmp_path)
    coming = kept.begin()
    coming.write(b"bytes")
    coming.drop()
    assert [] == list(tmp_path.iterdir())


def test_what_was_unread_for_the_longest_time_goes_first(tmp_path: Path) -> None:
    """A tenth of the room is made free at once; what is read stays."""
    clock = Clock()
    kept = KeptFiles(tmp_path, 100, clock)
    names = []
    for number in range(10):
        clock.now += TOUCH + 1
        names.append(keep(kept, b"%09d!" % number))
    assert None not in [kept.path(name) for name in names]
    clock.now += TOUCH + 1
    assert kept.path(names[0]) is not None
    clock.now += TOUCH + 1
    newest = keep(kept, b"one more..")
    gone = [number for number, name in enumerate(names) if kept.path(name) is None]
    assert ([1, 2], True) == (gone, kept.path(newest) is not None)


def test_a_restart_counts_what_is_there(tmp_path: Path) -> None:
    """The room is the folder's, not the process's."""
    clock = Clock()
    for number in range(12):
        clock.now += TOUCH + 1
        keep(KeptFiles(tmp_path, 100, clock), b"%09d!" % number)
    assert 100 >= sum(path.stat().st_size for path in tmp_path.glob("*/*"))


def test_who_reads_a_file_that_goes_keeps_reading(tmp_path: Path) -> None:
    """Its bytes stay until the last reader has closed it."""
    kept = KeptFiles(tmp_path, 10)
    path = kept.path(keep(kept, b"0123456789"))
    assert path is not None
    fd = os.open(path, os.O_RDONLY)
    keep(kept, b"9876543210")
    assert (False, b"0123456789") == (path.exists(), os.read(fd, 20))
    os.close(fd)


def test_what_nobody_finished_is_taken_away_some_time(tmp_path: Path) -> None:
    """The remains of a process that died; not those of one that works."""
    clock = Clock()
    kept = KeptFiles(tmp_path, 10, clock)
    old, new = kept.begin(), kept.begin()
    os.utime(old.path, (clock.now - ABANDONED - 1,) * 2)
    os.utime(new.path, (clock.now, clock.now))
    keep(kept, b"x")
    assert (False, True) == (old.path.exists(), new.path.exists())
    old.drop()
    new.drop()


@pytest.mark.parametrize("name", ["0" * 64, "ff"])
def test_an_unknown_file_is_none(tmp_path: Path, name: str) -> None:
    """Also before the folder is there."""
    assert KeptFiles(tmp_path / "none").path(name) is None
