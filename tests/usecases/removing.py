"""Bytes that are removed while they are uploaded again, over a store that may carry out a removal long after it was asked.

The real use cases run in threads that stop before and after every step on the database and the store. A test says whose turn it
is, who is killed there, when a late removal arrives and when hours pass.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from sqlalchemy import select

from tests.usecases.uploading import Index, Package, basic
from trustpub.errors import Denied, Unreachable
from trustpub.parties.archives.fake import FakeValidators
from trustpub.settings import Limits
from trustpub.storage.blobs import LocalBlobs, Temp
from trustpub.storage.database import Connection, Database
from trustpub.storage.files import find_file
from trustpub.storage.tables import blob_removals, blob_uses, files, leases
from trustpub.usecases.collect_garbage import KEPT_WITHOUT_ROW, Collected, collect_garbage
from trustpub.usecases.upload import Admission, Received, Upload, credential

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
