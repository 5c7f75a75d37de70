"""Removing blobs while they are uploaded again: each case that matters, told step by step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.usecases.removing import DAY, LateBlobs, begun, until
from tests.usecases.uploading import Index
from trustpub.errors import BadInput, Denied, Unreachable
from trustpub.storage import withdrawals
from trustpub.storage.blob_uses import LATE
from trustpub.storage.database import Connection
from trustpub.storage.tables import files, leases
from trustpub.usecases.collect_garbage import AT_ONCE, Collected
from trustpub.usecases.upload import DOOMED, Stored


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An empty index over such a store, a day after anything in it was touched."""
    with Index(tmp_path, blobs=LateBlobs(tmp_path / "data")) as made:
        made.now = time.time() + DAY
        yield made


def test_a_removal_is_asked_for_outside_the_lock(index: Index) -> None:
    """Others write meanwhile; when it was answered, no row of it is left."""
    story = begun(index)
    sweeper = until(story.sweeper(), "before a removal")
    assert "hana" == index.database.write(lambda _: "hana").result(5)
    assert (0, 1) == story.rows()
    sweeper.finish()
    assert Collected(0, 1, 0) == sweeper.outcome
    assert ((0, 0), False) == (story.rows(), story.there)


def test_a_folder_needs_no_such_row(index: Index) -> None:
    """What is removed inside the write can never come late."""
    story = begun(index)
    story.blobs.removes_at_once = True
    sweeper = story.sweeper()
    while not sweeper.over:
        assert (0, 0) == story.rows()
        sweeper.step()
    assert (Collected(0, 1, 0), False) == (sweeper.outcome, story.there)


def test_an_upload_of_what_is_being_removed_is_asked_to_come_again(index: Index) -> None:
    """It is taken as soon as the store has answered."""
    story = begun(index)
    sweeper = until(story.sweeper(), "before a removal")
    for _ in range(2):
        upload = story.upload()
        upload.finish()
        assert DOOMED == upload.outcome
        sweeper.step()
    sweeper.finish()
    assert (0, 0) == story.rows()
    again = story.upload()
    again.finish()
    assert Stored(story.package.filename, new=True) == again.outcome
    assert story.there


def test_a_removal_that_comes_late_takes_nothing(index: Index) -> None:
    """Not knowing lasts for an hour, whatever sweeps come meanwhile; what is uploaded after that stays."""
    story = begun(index)
    story.blobs.answer = "late"
    with pytest.raises(Unreachable):
        story.sweep()
    story.blobs.answer = "done"
    index.now += LATE - 1
    assert Collected(0, 0, 1) == story.sweep()
    upload = story.upload()
    upload.finish()
    assert DOOMED == upload.outcome
    story.blobs.arrive()
    index.now += 2
    again = story.upload()
    again.finish()
    assert isinstance(again.outcome, Stored)
    assert Collected(0, 0, 1) == story.sweep()
    assert (story.there, (0, 0)) == (True, story.rows())


def test_a_removal_that_nobody_answered_is_asked_for_again(index: Index) -> None:
    """By the first sweep after that hour."""
    story = begun(index)
    story.blobs.answer = "lost"
    for _ in range(2):
        with pytest.raises(Unreachable):
            story.sweep()
        index.now += LATE
    story.blobs.answer = "done"
    assert Collected(0, 1, 0) == story.sweep()
    assert ([story.sha256] * 3, (0, 0)) == (story.blobs.asked, story.rows())


def test_a_refused_removal_is_over(index: Index) -> None:
    """A store that lets nobody remove anything keeps nobody from uploading."""
    story = begun(index)
    story.blobs.answer = "refused"
    with pytest.raises(Denied):
        story.sweep()
    assert (0, 0) == story.rows()
    upload = story.upload()
    upload.finish()
    assert (True, True) == (isinstance(upload.outcome, Stored), story.there)


def test_whoever_stood_still_does_not_ask(index: Index) -> None:
    """A sweeper that goes on long after its row was written cannot know what happened since; no upload waits for it."""
    story = begun(index)
    sweeper = until(story.sweeper(), "after a write", 3)
    assert (0, 1) == story.rows()
    index.now += AT_ONCE + 1
    sweeper.finish()
    assert ([], True, (0, 0)) == (story.blobs.asked, story.there, story.rows())
    assert Collected(0, 0, 1) == sweeper.outcome


def test_who_hears_an_answer_late_ends_only_its_own_removal(index: Index) -> None:
    """Another one of the same bytes has begun since."""
    story = begun(index)
    first = until(story.sweeper(), "after a removal")
    index.now += LATE
    story.put()
    second = until(story.sweeper(), "before a removal")
    first.finish()
    assert (0, 1) == story.rows()
    second.finish()
    assert ((0, 0), False) == (story.rows(), story.there)


def taken(connection: Connection, until: float) -> None:
    """Give the lease to somebody else."""
    connection.execute(leases.update().values(holder="a backup", until=until))


def test_a_sweeper_that_lost_its_lease_ends(index: Index) -> None:
    """Somebody else is at work by now: a backup that needs every byte, say."""
    for at_once in (False, True):
        story = begun(index)
        story.blobs.removes_at_once = at_once
        sweeper = until(story.sweeper(), "before a write", 3)
        index.database.write(partial(taken, until=index.now + 60)).result()
        sweeper.finish()
        assert isinstance(sweeper.outcome, BadInput)
        assert (True, (0, 0)) == (story.there, story.rows())
        story.clear()


def test_an_upload_that_was_given_up_lists_nothing(index: Index) -> None:
    """It stood still for a day between its put and its row, and its bytes were taken; it hears that it has to come again."""
    story = begun(index)
    upload = until(story.upload(), "after a put")
    index.now += DAY
    assert Collected(1, 1, 0) == story.sweep() or not story.there
    # Another upload of the same bytes announces itself: SQLite gives its row the same number.
    other = until(story.upload(), "after a write")
    upload.finish()
    assert isinstance(upload.outcome, Unreachable)
    assert "it stood still for so long" in str(upload.outcome)
    assert not story.listed
    other.finish()
    assert isinstance(other.outcome, Stored)
    assert story.there


def test_a_blob_that_two_files_name_goes_with_the_second(index: Index) -> None:
    """Deleting one of them leaves the bytes to the other."""
    story = begun(index)
    story.upload().finish()

    def another(connection: Connection) -> None:
        (row,) = connection.execute(select(files)).mappings()
        connection.execute(files.insert(), {**row, "id": 99, "filename": "tiny_demo-0-py3-none-any.whl"})

    index.database.write(another).result()
    for removed, wanted in ((0, 99), (1, 1)):
        index.database.write(partial(withdrawals.delete_file, file_id=wanted)).result()
        assert Collected(0, removed, 1 - removed) == story.sweep()
        assert (removed == 0) == story.there
