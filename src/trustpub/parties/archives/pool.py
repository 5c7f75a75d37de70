"""Validator processes: started once, lent to one upload at a time, replaced when they have worked long or gone wrong."""

from __future__ import annotations

import contextlib
import queue
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Self

from trustpub.errors import Broken
from trustpub.parties.archives.port import Rejected
from trustpub.parties.archives.wire import READY, receive_answer, send_job
from trustpub.parties.confined import end, folders_of, start
from trustpub.parties.frames import Gone, be_patient

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from trustpub.parties.archives.port import Inspected, Job

FILES_EACH = 500
"""Files after which a process is replaced, so that nothing that piles up in one lasts."""

GRACE = 15.0
"""Seconds beyond a file's processor time until a silent process counts as stuck: a loaded machine is slow, not broken."""

TRIES = 2
"""How often a file is looked at whose process was ended by something else than the file's own time."""
STUCK = "Invalid distribution file. It could not be checked: reading it takes too much time or memory"
_NEEDED = ("trustpub", "packaging", "trove_classifiers", "readme_renderer", "docutils", "nh3", "pygments")
_MODULE = "trustpub.parties.archives.child"


class _Child:
    """One validator process and the socket to it."""

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._process, self.channel = start(_MODULE, folders_of(_NEEDED))
        self.files = 0
        self.worn = False
        """It has done its share, and a fresh one has its place."""
        self._ready = False
        self._patience = 0.0

    @property
    def pid(self) -> int:
        return self._process.pid

    def take(self, fd: int, job: Job) -> bool:
        """Give it a job; False when it is dead. Raises Broken when it never came to life."""
        self._be_patient(job.limits.seconds + self._grace)
        self.wait_until_ready()
        self.files += 1
        try:
            send_job(self.channel, fd, job)
        except OSError:
            return False
        return True

    def _be_patient(self, seconds: float) -> None:
        if seconds != self._patience:
            be_patient(self.channel, seconds)
            self._patience = seconds

    def wait_until_ready(self) -> None:
        """Wait until it can take a job. Raises Broken when it does not come to life."""
        if self._ready:
            return
        if not self._patience:
            self._be_patient(self._grace)
        try:
            self._ready = self.channel.recv(1) == READY
        except OSError:
            self._ready = False
        if not self._ready:
            raise Broken("a validator process cannot be started", why="it ended or stayed silent before its first file")

    @property
    def ran_out_of_time(self) -> bool:
        """Whether it has ended because its file took more processor time than it may; waits for its end."""
        try:
            return self._process.wait(self._grace) == -signal.SIGXCPU
        except subprocess.TimeoutExpired:
            return True

    def end(self, *, kill: bool) -> None:
        """Let it go: it ends when its socket closes, or at once with `kill`. Waits until it is gone."""
        self.channel.close()
        end(self._process, self._grace, kill=kill)


class _Inspection:
    """One file in the hands of one child."""

    __slots__ = ("_answer", "_child", "_fd", "_job", "_pool", "_tries")

    def __init__(self, pool: ChildValidators, child: _Child, fd: int, job: Job) -> None:
        self._pool = pool
        self._child: _Child | None = child
        self._fd = fd
        self._job = job
        self._tries = TRIES
        self._answer: Inspected | Rejected = Rejected(STUCK)

    def result(self) -> Inspected | Rejected:
        """Wait for the answer; a child that used up its time or stays silent makes it a rejection."""
        while self._child is not None:
            child, self._child = self._child, None
            self._tries -= 1
            try:
                self._answer = receive_answer(child.channel)
            except (Gone, ConnectionError):
                again = self._tries > 0 and not child.ran_out_of_time
                self._pool.replace(child)
                if again:  # somebody ended it, perhaps not because of this file
                    self._child = self._pool.lend(self._fd, self._job)
            except OSError:
                self._pool.replace(child)
            else:
                give = self._pool.replace if isinstance(self._answer, Rejected) and self._answer.spent else self._pool.give_back
                give(child)
        return self._answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None) -> None:
        """A child whose answer nobody took is in the middle of something: replace it."""
        if self._child is not None:
            child, self._child = self._child, None
            self._pool.replace(child)


class ChildValidators:
    """`count` validator processes, started by `start` (or at the first upload) and kept.

    Any number of threads may use it; each borrows one process from `begin` to `result`. Fresh processes come up on threads of
    their own: an upload waits for none, unless all of them died at once.
    """

    def __init__(self, count: int = 2, files_each: int = FILES_EACH, grace: float = GRACE) -> None:
        self._idle: queue.SimpleQueue[_Child | None] = queue.SimpleQueue()
        self._files_each = files_each
        self._grace = grace
        self._lock = threading.Lock()
        self._all: set[_Child] = set()
        self._closed = False
        self._started = False
        for _ in range(count):
            self._idle.put(None)  # a place for a process that is not started yet
        self._count = count

    def start(self) -> None:
        """Start every process now, without waiting until it is ready. Once: every index that shares them asks for it."""
        with self._lock:
            asked, self._started = self._started, True
        if asked:
            return
        places = [self._idle.get() for _ in range(self._count)]
        for child in places:
            self._idle.put(child or self._new())

    def begin(self, fd: int, job: Job) -> _Inspection:
        """Lend a process the open file; waits until one is free. Raises Broken when none can be started."""
        return _Inspection(self, self.lend(fd, job), fd, job)

    def lend(self, fd: int, job: Job) -> _Child:
        """A process that has taken the job."""
        while True:
            child = self._borrow()
            try:
                taken = child.take(fd, job)
            except BaseException:
                self.replace(child)
                raise
            if taken:
                return child
            self.replace(child)  # killed while it was idle, which says nothing about this file

    def _borrow(self) -> _Child:
        while True:
            place = self._idle.get()
            if place is None:
                break
            if not place.worn:
                return place
            _apart(self._forget, place)
        try:
            return self._new()
        except BaseException:
            self._idle.put(None)
            raise

    def give_back(self, child: _Child) -> None:
        """Take a process back that answered; one that has done its share goes on until a fresh one is ready."""
        self._idle.put(child)
        if child.files == self._files_each:
            _apart(self._relieve, child)

    def replace(self, child: _Child) -> None:
        """End a process that went wrong, and have a fresh one take its place."""
        _apart(self._succeed, child)

    def _relieve(self, worn: _Child) -> None:
        fresh = self._fresh()
        if fresh is not None:
            self._idle.put(fresh)
            worn.worn = True

    def _succeed(self, dead: _Child) -> None:
        self._idle.put(self._fresh())
        self._forget(dead, kill=True)

    def _fresh(self) -> _Child | None:
        """A new process that is ready; None when there can be none now: the next upload tries, and says why."""
        with contextlib.suppress(Broken):
            child = self._new()
            try:
                child.wait_until_ready()
            except Broken:
                self._forget(child, kill=True)
                raise
            return child
        return None

    def close(self) -> None:
        """End every process."""
        with self._lock:
            self._closed = True
            children, self._all = self._all, set()
        for child in children:
            child.end(kill=True)

    def _new(self) -> _Child:
        with self._lock:
            if self._closed:
                raise Broken("no file can be checked any more", why="the index is stopping")
            child = _Child(self._grace)
            self._all.add(child)
            return child

    def _forget(self, child: _Child, *, kill: bool = False) -> None:
        with self._lock:
            mine = child in self._all
            self._all.discard(child)
        if mine:
            child.end(kill=kill)


def _apart(work: Callable[[_Child], None], child: _Child) -> None:
    """Do it on a thread of its own: starting a process, and waiting for one to end, is no upload's affair."""
    threading.Thread(target=work, args=(child,), name="trustpub-validators", daemon=True).start()
