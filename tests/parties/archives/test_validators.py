"""One contract for the validators in other processes and the one in this thread; and what only processes can do."""

from __future__ import annotations

import os
import signal
import threading
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.distributions import METADATA, SDIST_NAME, WHEEL_NAME, sdist, tar_header, wheel
from trustpub.errors import Broken
from trustpub.parties.archives.child import MEMORY, TOO_MUCH
from trustpub.parties.archives.fake import FakeValidators
from trustpub.parties.archives.pool import STUCK, ChildValidators, _Child
from trustpub.parties.archives.port import Inspected, Job, Limits, Rejected, Validators

JOB = Job(WHEEL_NAME, "bdist_wheel")


@pytest.fixture(params=["children", "fake"])
def validators(request: pytest.FixtureRequest) -> Iterator[Validators]:
    """Both implementations."""
    made: Validators = ChildValidators(1) if request.param == "children" else FakeValidators()
    yield made
    made.close()


@pytest.fixture
def children() -> Iterator[ChildValidators]:
    """Two processes, replaced after three files each."""
    made = ChildValidators(2, files_each=3)
    yield made
    made.close()


def write(folder: Path, data: bytes) -> int:
    """An open file with these bytes, whose position is not at the start."""
    fd = os.open(folder / os.urandom(4).hex(), os.O_RDWR | os.O_CREAT)
    os.write(fd, data)
    return fd


def look(validators: Validators, folder: Path, data: bytes, job: Job = JOB) -> Inspected | Rejected:
    """Inspect these bytes."""
    fd = write(folder, data)
    try:
        with validators.begin(fd, job) as pending:
            return pending.result()
    finally:
        os.close(fd)


def pids(children: ChildValidators) -> set[int]:
    """The processes that live now."""
    return {child.pid for child in children._all}


def test_a_good_wheel_gives_its_metadata(validators: Validators, tmp_path: Path) -> None:
    """The bytes as they stand, and the same read."""
    found = look(validators, tmp_path, wheel())

    assert isinstance(found, Inspected)
    assert found.metadata == METADATA
    assert found.core.one("name") == "tiny-demo"
    assert found.core.description == "Hello.\n"


def test_a_good_sdist_gives_its_pkg_info(validators: Validators, tmp_path: Path) -> None:
    """The same for a source distribution."""
    found = look(validators, tmp_path, sdist(), Job(SDIST_NAME, "sdist"))

    assert isinstance(found, Inspected)
    assert found.metadata == METADATA


def test_a_bad_file_is_rejected_and_the_next_is_not(validators: Validators, tmp_path: Path) -> None:
    """A rejection leaves nothing behind for the next file."""
    rejected = look(validators, tmp_path, wheel() + b"x")

    assert rejected == Rejected("ZIP archive not accepted: bytes follow its end")
    assert isinstance(look(validators, tmp_path, wheel()), Inspected)


def test_an_empty_file_is_rejected(validators: Validators, tmp_path: Path) -> None:
    """No bytes, no archive."""
    assert look(validators, tmp_path, b"") == Rejected("Invalid distribution file. It is empty")


def test_a_large_metadata_travels_whole(validators: Validators, tmp_path: Path) -> None:
    """A megabyte of description comes back as it is, in many pieces."""
    metadata = METADATA + "é".encode() * 500_000

    found = look(validators, tmp_path, wheel(metadata))

    assert isinstance(found, Inspected)
    assert found.metadata == metadata


def test_limits_travel_with_the_job(validators: Validators, tmp_path: Path) -> None:
    """Each job brings its own limits."""
    tight = Job(WHEEL_NAME, "bdist_wheel", limits=Limits(members=2))

    assert look(validators, tmp_path, wheel(), tight) == Rejected("ZIP archive not accepted: it has more than 2 members")


def test_processes_are_kept_and_replaced_after_their_share(children: ChildValidators, tmp_path: Path) -> None:
    """Two processes do six files, then two others follow; never one a file."""
    seen: set[int] = set()
    files = 0
    while len(seen) < 6 and files < 2000:
        assert isinstance(look(children, tmp_path, wheel()), Inspected)
        seen |= pids(children)
        files += 1

    assert len(seen) == 6
    assert files >= 12 - 3
    assert 2 <= len(pids(children)) <= 4  # two work, and each may have a fresh one beside it for a moment


class Watched(ChildValidators):
    """Remembers which threads started processes."""

    def __init__(self, count: int, files_each: int) -> None:
        super().__init__(count, files_each)
        self.starters: list[str] = []

    def _new(self) -> _Child:
        self.starters.append(threading.current_thread().name)
        return super()._new()


def test_no_upload_starts_a_process(tmp_path: Path) -> None:
    """Once they were started, those that are worn or have died are replaced by threads of the pool."""
    validators = Watched(2, files_each=3)
    try:
        validators.start()
        begun = len(validators.starters)
        for number in range(20):
            assert isinstance(look(validators, tmp_path, wheel()), Inspected)
            if number == 10:
                os.kill(next(iter(pids(validators))), signal.SIGKILL)
        assert len(validators.starters) > begun
        assert set(validators.starters[begun:]) == {"trustpub-validators"}
    finally:
        validators.close()


def test_a_process_that_hangs_rejects_its_file_and_no_other(tmp_path: Path) -> None:
    """Silence is given up after the time of the file, and a fresh process follows."""
    validators = ChildValidators(1, grace=1.0)
    fd = write(tmp_path, wheel())
    try:
        assert isinstance(look(validators, tmp_path, wheel()), Inspected)
        (hanging,) = pids(validators)
        os.kill(hanging, signal.SIGSTOP)
        with validators.begin(fd, Job(WHEEL_NAME, "bdist_wheel", limits=Limits(seconds=0))) as pending:
            assert pending.result() == Rejected(STUCK)
        assert isinstance(look(validators, tmp_path, wheel()), Inspected)
        assert hanging not in pids(validators)
    finally:
        os.close(fd)
        validators.close()


def test_who_ran_out_of_memory_reads_no_other_file(long_run: bool, tmp_path: Path) -> None:
    """The limit of memory holds, is told in words, and ends the process; a short run looks at the limit alone."""
    validators = ChildValidators(1)
    try:
        assert isinstance(look(validators, tmp_path, wheel()), Inspected)
        (first,) = pids(validators)
        limits = {line[:25].strip(): line[26:47].strip() for line in Path(f"/proc/{first}/limits").read_text().splitlines()}
        assert int(limits["Max address space"]) == MEMORY + len(wheel())
        if long_run:
            data = wheel(METADATA + bytes(800 * 1024**2))
            generous = Limits(metadata=2**40, inflated=2**40, ratio=10**9)
            found = look(validators, tmp_path, data, Job(WHEEL_NAME, "bdist_wheel", limits=generous))
            assert found == Rejected(TOO_MUCH, spent=True)
            assert isinstance(look(validators, tmp_path, wheel()), Inspected)
            assert first not in pids(validators)
    finally:
        validators.close()


def test_a_process_that_dies_over_a_file_rejects_that_file_only(children: ChildValidators, tmp_path: Path) -> None:
    """Killed between job and answer: a clear text at once, and the next file is served by another process."""
    fd = write(tmp_path, wheel())
    try:
        with children.begin(fd, JOB) as pending:
            for pid in pids(children):
                os.kill(pid, signal.SIGSTOP)
                os.kill(pid, signal.SIGKILL)
            found = pending.result()
    finally:
        os.close(fd)

    assert isinstance(found, (Rejected, Inspected))  # it may have answered before it was killed
    assert isinstance(look(children, tmp_path, wheel()), Inspected)


def test_too_much_processor_time_ends_the_process_not_the_server(tmp_path: Path) -> None:
    """A file that inflates for longer than its time is refused with words."""
    validators = ChildValidators(1)
    greedy = Job(SDIST_NAME, "sdist", limits=Limits(seconds=0, ratio=10**9, inflated=64 * 1024**3))
    try:
        found = look(validators, tmp_path, endless(), greedy)
        assert isinstance(found, Rejected)
        assert "could not be checked" in found.message
        assert isinstance(look(validators, tmp_path, wheel()), Inspected)
    finally:
        validators.close()


def endless() -> bytes:
    """Six gigabytes of zeros in one member, in a few megabytes: one deflate block, flushed, over and over."""
    size = 6 * 1024**3
    stream = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = stream.compress(tar_header(b"tiny_demo-1.0/zeros", size)) + stream.flush(zlib.Z_FULL_FLUSH)
    block = stream.compress(bytes(16 * 1024**2)) + stream.flush(zlib.Z_FULL_FLUSH)
    return head + block * (size // (16 * 1024**2))


def test_a_process_killed_while_idle_is_nobodys_fault(children: ChildValidators, tmp_path: Path) -> None:
    """The next file is served by a new process."""
    assert isinstance(look(children, tmp_path, wheel()), Inspected)
    for pid in pids(children):
        os.kill(pid, signal.SIGKILL)

    for _ in range(3):
        assert isinstance(look(children, tmp_path, wheel()), Inspected)


def test_signals_for_the_index_do_not_end_a_validator(children: ChildValidators, tmp_path: Path) -> None:
    """A supervisor that stops the whole group does not make an upload that is under way fail."""
    assert isinstance(look(children, tmp_path, wheel()), Inspected)
    before = pids(children)
    for pid in before:
        os.kill(pid, signal.SIGTERM)
        os.kill(pid, signal.SIGINT)

    assert isinstance(look(children, tmp_path, wheel()), Inspected)
    assert before <= pids(children)


def test_an_answer_that_nobody_takes_does_not_reach_the_next_file(tmp_path: Path) -> None:
    """An inspection that was given up costs its process, never the next file's answer."""
    validators = ChildValidators(1)
    fd = write(tmp_path, wheel() + b"x")
    try:
        with validators.begin(fd, JOB):
            pass
        assert isinstance(look(validators, tmp_path, wheel()), Inspected)
    finally:
        os.close(fd)
        validators.close()


def test_many_threads_share_two_processes(children: ChildValidators, tmp_path: Path) -> None:
    """Each thread gets the answer to its own file."""
    names = [f"Name: tiny-demo\nVersion: 1.0\nSummary: number {number}\n".encode() for number in range(40)]

    def one(rest: bytes) -> bool:
        metadata = b"Metadata-Version: 2.1\n" + rest + b"\n"
        found = look(children, tmp_path, wheel(metadata))
        return isinstance(found, Inspected) and found.metadata == metadata

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(one, names)) == [True] * 40


def test_started_processes_wait_for_work(tmp_path: Path) -> None:
    """`start` brings every process up before the first file."""
    validators = ChildValidators(2)
    try:
        assert pids(validators) == set()
        validators.start()
        assert len(pids(validators)) == 2
        assert isinstance(look(validators, tmp_path, wheel()), Inspected)
        assert len(pids(validators)) == 2
    finally:
        validators.close()


def test_nothing_is_left_after_closing(tmp_path: Path) -> None:
    """Closing ends the processes and refuses further files, by words that do not blame the file."""
    validators = ChildValidators(2)
    assert isinstance(look(validators, tmp_path, wheel()), Inspected)
    living = pids(validators)
    validators.close()

    for pid in living:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(Broken):
        look(validators, tmp_path, wheel())


def test_a_process_cannot_write_and_knows_no_environment(children: ChildValidators, tmp_path: Path) -> None:
    """What looks into foreign files has no file size to write, no descriptors of ours, and none of our environment."""
    assert isinstance(look(children, tmp_path, wheel()), Inspected)

    for pid in pids(children):
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert "Max file size             0" in limits
        assert b"PATH=" not in Path(f"/proc/{pid}/environ").read_bytes()
        opened = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
        assert {name.partition(":")[0] for name in opened} <= {"/dev/null", "socket"}


def test_waiting_for_a_free_process_does_not_deadlock(tmp_path: Path) -> None:
    """A second file waits until the first is done, and is then looked at."""
    validators = ChildValidators(1)
    fd = write(tmp_path, wheel())
    found: list[Inspected | Rejected] = []
    try:
        with validators.begin(fd, JOB) as pending:
            second = threading.Thread(target=lambda: found.append(look(validators, tmp_path, wheel())))
            second.start()
            assert isinstance(pending.result(), Inspected)
        second.join(30)
        assert isinstance(found[0], Inspected)
    finally:
        os.close(fd)
        validators.close()
