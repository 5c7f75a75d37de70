"""Removing blobs while they are uploaded again, over a store that may carry a removal out long after it was asked.

The real use cases run in threads that stop before and after every step on the database and the store; hypothesis says whose turn
it is, who is killed there, when a late removal arrives and when hours pass.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.conftest import Scale
from tests.usecases.uploading import Index, Package, basic
from trustpub.errors import BadInput, Denied, Unreachable
from trustpub.parties.archives.fake import FakeValidators
from trustpub.settings import Limits
from trustpub.storage import withdrawals
from trustpub.storage.blob_uses import LATE
from trustpub.storage.blobs import LocalBlobs, Temp
from trustpub.storage.database import Connection, Database
from trustpub.storage.files import find_file
from trustpub.storage.tables import blob_removals, blob_uses, files, leases
from trustpub.usecases.collect_garbage import AT_ONCE, KEPT_WITHOUT_ROW, Collected, collect_garbage
from trustpub.usecases.upload import Admission, Received, Stored, Upload, UploadRefused, credential

T = TypeVar("T")
DAY = KEPT_WITHOUT_ROW + 3600.0
VERSIONS = itertools.count(1)


class Killed(BaseException):
    """The process ends here: nothing that it would have done after this is done."""


class LateBlobs(LocalBlobs):
    """A folder that stands for a store elsewhere: asked for a removal, it does what `answer` says.

    `done`; `lost`: the request never arrives, `late`: it arrives some time, and nobody hears of either; `refused`.
    """

    removes_at_once = False

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.answer = "done"
        self.coming: list[str] = []
        self.asked: list[str] = []

    def delete(self, sha256: str) -> None:
        self.asked.append(sha256)
        if self.answer == "refused":
            raise Denied("the store", why="not allowed")
        if self.answer == "late":
            self.coming.append(sha256)
        if self.answer != "done":
            raise Unreachable("the store", why="it does not answer")
        super().delete(sha256)

    def arrive(self) -> None:
        """Carry out what was asked for earlier."""
        for sha256 in self.coming:
            LocalBlobs.delete(self, sha256)
        self.coming.clear()


class Actor:
    """A process: work in a thread that goes on for one step when it is told to."""

    def __init__(self, work: Callable[[Actor], object]) -> None:
        self._go, self._back = threading.Semaphore(0), threading.Semaphore(0)
        self.where, self.over, self.outcome = "", False, cast("object", None)
        self._killed = False
        self._thread = threading.Thread(target=self._run, args=(work,), daemon=True)
        self._thread.start()

    def step(self) -> None:
        """Go on to the next stop, or to the end."""
        if not self.over:
            self._go.release()
            self._back.acquire()

    def finish(self) -> None:
        """Go on to the end."""
        while not self.over:
            self.step()
        self._thread.join()

    def kill(self) -> None:
        """End it where it stands."""
        self._killed = True
        self.finish()

    def stop(self, where: str) -> None:
        """Where it stands now; it goes on when it is told to."""
        self.where = where
        self._back.release()
        self._go.acquire()
        if self._killed:
            raise Killed

    def _run(self, work: Callable[[Actor], object]) -> None:
        self._go.acquire()
        try:
            if not self._killed:
                self.outcome = work(self)
        except BaseException as problem:  # noqa: BLE001 - a test looks at it
            self.outcome = problem
        self.over = True
        self._back.release()


@dataclass
class SteppedDatabase:
    """A database whose writes are steps of an actor."""

    actor: Actor
    below: Database

    def read(self) -> Any:
        """As below."""
        return self.below.read()

    def write(self, fn: Callable[[Connection], T]) -> Future[T]:
        """Stop, commit, stop."""
        self.actor.stop("before a write")
        future = self.below.write(fn)
        future.exception(30)
        self.actor.stop("after a write")
        return future


@dataclass
class SteppedBlobs:
    """A store whose changes are steps of an actor."""

    actor: Actor
    below: LateBlobs
    removes_at_once: bool = False

    def __post_init__(self) -> None:
        self.removes_at_once = self.below.removes_at_once

    def temp(self, sha256: str = "") -> Temp:
        """As below."""
        return self.below.temp(sha256)

    def adopt(self, temp: Temp, sha256: str) -> None:
        """Stop, put, stop."""
        self.actor.stop("before a put")
        self.below.adopt(temp, sha256)
        self.actor.stop("after a put")

    def sweep(self, before: float, guard: Callable[[str, Callable[[], None]], None]) -> object:
        """Stop, remove, stop; whatever the answer is."""

        def guarded(sha256: str, remove: Callable[[], None]) -> None:
            guard(sha256, lambda: self._remove(remove))

        return self.below.sweep(before, guarded)

    def _remove(self, remove: Callable[[], None]) -> None:
        if self.removes_at_once:  # inside the writer's thread, where nobody stops
            remove()
            return
        self.actor.stop("before a removal")
        try:
            remove()
        finally:
            self.actor.stop("after a removal")


@dataclass
class Story:
    """One index, an orphan of a day ago, and those who are at it."""

    index: Index
    blobs: LateBlobs
    package: Package = field(default_factory=lambda: Package(version=f"{next(VERSIONS)}.0"))

    def __post_init__(self) -> None:
        self.token = self.index.user_token()
        self.sha256 = hashlib.sha256(self.package.data).hexdigest()
        self.blobs.answer = "done"
        self.put()

    def put(self) -> None:
        """The orphan: somebody was killed between the put and the row."""
        temp = self.blobs.temp()
        temp.write(self.package.data)
        self.blobs.adopt(temp, self.sha256)

    def upload(self) -> Actor:
        """Somebody uploads the same bytes."""
        return Actor(self._upload)

    def _upload(self, actor: Actor) -> object:
        database, blobs = (
            cast("Database", SteppedDatabase(actor, self.index.database)),
            cast("Any", SteppedBlobs(actor, self.blobs)),
        )
        upload = Upload(database, blobs, FakeValidators(), Limits(), lambda: self.index.now)
        admission = credential(basic(self.token))
        assert isinstance(admission, Admission)
        return upload.accept(admission, self.received(upload))

    def received(self, upload: Upload) -> Received:
        """The request."""
        temp, data = upload.temp(), self.package.data
        temp.write(data)
        md5, blake2 = hashlib.md5(data, usedforsecurity=False).hexdigest(), hashlib.blake2b(data, digest_size=32).hexdigest()
        return Received(self.package.fields, self.package.filename, self.package.content_type, temp, self.sha256, md5, blake2)

    def sweeper(self) -> Actor:
        """A sweep over everything."""
        return Actor(self._sweep)

    def _sweep(self, actor: Actor) -> object:
        database, blobs = (
            cast("Database", SteppedDatabase(actor, self.index.database)),
            cast("Any", SteppedBlobs(actor, self.blobs)),
        )
        return collect_garbage(database, blobs, lambda: self.index.now)

    def sweep(self) -> Collected | None:
        """One at one go."""
        return collect_garbage(self.index.database, self.blobs, lambda: self.index.now)

    @property
    def there(self) -> bool:
        """Whether the bytes are in the store, and right."""
        path = self.blobs.path(self.sha256)
        return path is not None and path.read_bytes() == self.package.data

    @property
    def listed(self) -> bool:
        """Whether the file is in the index."""
        with self.index.database.read() as connection:
            return find_file(connection, self.package.filename) is not None

    def rows(self) -> tuple[int, int]:
        """How many uses and removals stand."""
        with self.index.database.read() as connection:
            return len(connection.execute(select(blob_uses)).all()), len(connection.execute(select(blob_removals)).all())

    def clear(self) -> None:
        """Leave the index as it was for the next story."""
        tables = (files, blob_uses, blob_removals, leases)
        self.index.database.write(lambda connection: [connection.execute(table.delete()) for table in tables]).result()
        self.blobs.coming.clear()
        LocalBlobs.delete(self.blobs, self.sha256)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An empty index over such a store, a day after anything in it was touched."""
    with Index(tmp_path, blobs=LateBlobs(tmp_path / "data")) as made:
        made.now = time.time() + DAY
        yield made


def begun(index: Index, blobs: LateBlobs | None = None) -> Story:
    """A story of this index."""
    assert isinstance(index.blobs, LateBlobs)
    return Story(index, blobs or index.blobs)


def until(actor: Actor, where: str, times: int = 1) -> Actor:
    """Let it go on until it stands there."""
    for _ in range(times):
        actor.step()
        while actor.where != where and not actor.over:
            actor.step()
    assert not actor.over, actor.outcome
    return actor


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
        assert isinstance(upload.outcome, Unreachable)
        assert "the store of files: an old copy of its bytes, which no file names, is being removed" in str(upload.outcome)
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
    assert isinstance(upload.outcome, Unreachable)
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
    """A sweeper that goes on long after its row was written cannot know what happened since."""
    story = begun(index)
    sweeper = until(story.sweeper(), "after a write", 3)
    assert (0, 1) == story.rows()
    index.now += AT_ONCE + 1
    sweeper.finish()
    assert ([], True) == (story.blobs.asked, story.there)


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


_STEPS = st.builds("step {} {}".format, st.integers(0, 3), st.integers(1, 9))
_KILLS = st.builds("kill {}".format, st.integers(0, 3))
_EVENTS = st.sampled_from(["arrive", "hour", "day", "delete", "sweep"])
MOVES = st.lists(st.one_of(_STEPS, _STEPS, _STEPS, _STEPS, _KILLS, _EVENTS), min_size=8, max_size=30)
ANSWERS = st.lists(st.sampled_from(["late", "done", "lost", "refused"]), min_size=1, max_size=8)


@pytest.mark.parametrize("at_once", [False, True], ids=["elsewhere", "folder"])
def test_no_order_loses_an_acknowledged_file(
    tmp_path_factory: pytest.TempPathFactory, at_once: bool, scale: Scale, long_run: bool
) -> None:
    """Two uploads and two sweeps of the same bytes, step by step in any order, any of them killed anywhere."""
    folder = tmp_path_factory.mktemp("orders")
    met = dict.fromkeys(["stored", "asked to come again", "removed", "late"], 0)
    with Index(folder, blobs=LateBlobs(folder / "data")) as index:
        index.now = time.time() + DAY

        @settings(max_examples=scale(15, 2_000), deadline=None)
        @given(moves=MOVES, answers=ANSWERS)
        def orders(moves: list[str], answers: list[str]) -> None:
            story = begun(index)
            story.blobs.removes_at_once = at_once
            Telling(story, moves, answers, met).run()

        orders()
    if long_run:
        print(f"\n{met}")  # noqa: T201
        assert all(met[each] for each in (("stored", "removed") if at_once else met))


@dataclass
class Telling:
    """One order of the steps of a story."""

    story: Story
    moves: list[str]
    answers: list[str]
    met: dict[str, int]

    def run(self) -> None:
        """Every step, then what is left of everybody, then one more upload, which is always taken."""
        story = self.story
        self.actors = [story.upload(), story.sweeper(), story.upload(), story.sweeper()]
        answers = itertools.cycle(["done"] if story.blobs.removes_at_once else self.answers)
        for move in self.moves:
            story.blobs.answer = next(answers)
            self._do(*move.split())
            self._check()
        for actor in self.actors:
            actor.finish()
            self._check()
        story.blobs.answer = "done"
        self._wait(LATE)
        again = story.upload()
        again.finish()
        assert isinstance(again.outcome, Stored | UploadRefused), again.outcome  # a name that was deleted is not given again
        self._check()
        self.met["stored"] += any(isinstance(each.outcome, Stored) for each in self.actors)
        self.met["asked to come again"] += any(isinstance(each.outcome, Unreachable) for each in self.actors[::2])
        self.met["removed"] += any(isinstance(each.outcome, Collected) and each.outcome.blobs == 1 for each in self.actors)
        story.clear()

    def _do(self, what: str, who: str = "", times: str = "1") -> None:
        story = self.story
        if what == "step":
            for _ in range(int(times)):
                self.actors[int(who)].step()
                self._check()
        elif what == "kill":
            self.actors[int(who)].kill()
        elif what == "arrive":
            self._arrive()
        elif what == "delete":
            story.index.database.write(lambda connection: connection.execute(files.delete())).result()
        elif what == "sweep":
            self._replace_a_sweeper()
        else:
            self._wait(LATE if what == "hour" else DAY)

    def _replace_a_sweeper(self) -> None:
        """Who ended is followed by another: a sweep comes every hour."""
        for number in (1, 3):
            if self.actors[number].over:
                self.actors[number] = self.story.sweeper()
                return

    def _wait(self, seconds: float) -> None:
        """Time passes. What was asked of the store has arrived by then, and nobody stands still right before asking."""
        for actor in self.actors:
            if actor.where == "before a removal" and not actor.over:
                actor.step()
        self._arrive()
        self.story.index.now += seconds

    def _arrive(self) -> None:
        self.met["late"] += bool(self.story.blobs.coming)
        self.story.blobs.arrive()
        self._check()

    def _check(self) -> None:
        assert self.story.there or not self.story.listed, "an acknowledged file has lost its bytes"
