"""Uploads while things change, many at once, on a disk that fails; and the sweeping of what they leave."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update

from tests.distributions import wheel_of
from tests.usecases.uploading import LIFETIME, NOW, PUBLISHER, Index, Package, basic, reason
from trustpub.domain.tokens import digest
from trustpub.errors import Broken
from trustpub.parties.archives.fake import FakeValidators
from trustpub.parties.archives.port import Job
from trustpub.storage.blobs import LocalBlobs
from trustpub.storage.database import Connection
from trustpub.storage.projects import create_project
from trustpub.storage.publishers import get_or_create_publisher, unlink
from trustpub.storage.tables import blob_uses, projects, upload_tokens
from trustpub.storage.tokens import burn_upload_token
from trustpub.usecases.collect_garbage import Collected, collect_garbage
from trustpub.usecases.upload import Admission, Stored, credential

AUTH = "403 Invalid or non-existent authentication information."
OTHER_BYTES = Package(data=wheel_of("tiny-demo", "1.0", {"tiny_demo/more.py": b"x"})[1], filename=Package().filename)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An empty index."""
    with Index(tmp_path) as made:
        yield made


def uses(index: Index) -> int:
    """Blobs that are announced and not yet named."""
    with index.database.read() as connection:
        return connection.execute(select(func.count()).select_from(blob_uses)).scalar_one()


def meanwhile(folder: Path, change: Callable[[Index], object]) -> Index:
    """An index in which something happens between the first look and the transaction, once."""
    pending = [change]

    def before(_: Job) -> None:
        if pending:
            pending.pop()(made)

    made = Index(folder, FakeValidators(before))
    return made


def burn(token: str) -> Callable[[Index], object]:
    """Give the token back."""
    return lambda index: index.database.write(lambda c: burn_upload_token(c, digest(token), NOW)).result()


def unlinked(connection: Connection) -> None:
    """Take the publisher from its first project."""
    unlink(connection, get_or_create_publisher(connection, PUBLISHER, NOW), 1)


CHANGES: dict[str, tuple[Callable[[Index, str], object], str]] = {
    "burnt": (lambda index, token: burn(token)(index), AUTH),
    "expired": (lambda index, _: setattr(index, "now", NOW + LIFETIME), "403 Invalid API Token: token is expired"),
    "unlinked": (
        lambda index, _: index.database.write(unlinked).result(),
        "403 Invalid API Token: OIDC scoped token is not valid for project 'tiny-demo'",
    ),
    "closed": (
        lambda index, _: index.database.write(lambda c: c.execute(update(projects).values(state="archived"))).result(),
        "403 The given token isn't allowed to upload to project 'tiny-demo'.",
    ),
    "publisher gone": (
        lambda index, _: index.database.write(lambda c: c.execute(delete(upload_tokens))).result(),
        AUTH,
    ),
    "project gone": (
        lambda index, _: index.database.write(lambda c: c.execute(delete(projects))).result(),
        "400 Non-user identities cannot create new projects.",
    ),
    "name taken": (
        lambda index, _: index.send(index.upload_token("tiny-demo"), OTHER_BYTES),
        "400 File already exists",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_in_the_middle_counts(tmp_path: Path, name: str) -> None:
    """Every question is asked again inside the transaction."""
    change, start = CHANGES[name]
    token = ""
    index = meanwhile(tmp_path, lambda made: change(made, token))
    with index:
        token = index.upload_token("tiny-demo", "other")
        found = reason(index.send(token))

        assert found.startswith(start)
        assert [file.sha256 for file in index.files()] == (
            [hashlib.sha256(OTHER_BYTES.data).hexdigest()] if name == "name taken" else []
        )
        assert uses(index) == 0


def test_the_same_file_stored_by_another_in_the_middle_is_fine(tmp_path: Path) -> None:
    """Both are answered 200; one of them stored it."""
    index = meanwhile(tmp_path, lambda made: made.send(made.upload_token("tiny-demo")))
    with index:
        outcome = index.send(index.upload_token("tiny-demo"))

        assert outcome == Stored(Package().filename, new=False)
        assert len(index.files()) == 1


def test_a_project_that_appears_in_the_middle_is_not_taken_over(tmp_path: Path) -> None:
    """A user's first upload of a new name loses to whoever created the project meanwhile."""

    def create(made: Index) -> None:
        made.database.write(lambda c: create_project(c, "tiny-demo", NOW)).result()

    index = meanwhile(tmp_path, create)
    with index:
        assert reason(index.send(index.user_token())).startswith("403 The user 'hana' isn't allowed to upload")


def test_fifty_clients_upload_the_same_file(index: Index) -> None:
    """All are answered 200, and there is one file, one event, one blob."""
    token = index.upload_token("tiny-demo")
    with ThreadPoolExecutor(50) as threads:
        outcomes = list(threads.map(lambda _: index.send(token), range(50)))

    assert [reason(outcome) for outcome in outcomes] == [""] * 50
    assert sum(isinstance(outcome, Stored) and outcome.new for outcome in outcomes) == 1
    assert len(index.files()) == 1
    assert len(index.events("file:added")) == 1
    assert len(index.stored()) == 1
    assert uses(index) == 0


def test_fifty_clients_upload_different_bytes_under_one_name(index: Index) -> None:
    """Exactly one wins, and it is the one that is listed."""
    token = index.upload_token("tiny-demo")
    packages = [
        Package(filename=Package().filename, data=wheel_of("tiny-demo", "1.0", {"tiny_demo/n.py": b"%d" % number})[1])
        for number in range(50)
    ]
    with ThreadPoolExecutor(50) as threads:
        outcomes = list(threads.map(lambda package: index.send(token, package), packages))
    winners = [package for package, outcome in zip(packages, outcomes, strict=True) if reason(outcome) == ""]

    assert len(winners) == 1
    assert [file.sha256 for file in index.files()] == [hashlib.sha256(winners[0].data).hexdigest()]
    assert all(reason(outcome).startswith(("400 File already exists", "")) for outcome in outcomes)
    assert uses(index) == 0


def test_many_users_create_one_project(index: Index) -> None:
    """The first upload of a name by many people: one owns it, the others are told that it is not theirs."""
    tokens = [index.user_token(f"user{number}") for number in range(12)]
    with ThreadPoolExecutor(12) as threads:
        outcomes = list(
            threads.map(lambda pair: index.send(pair[1], Package(version=f"{pair[0]}.0")), enumerate(tokens, 1)),
        )
    refused = [reason(outcome) for outcome in outcomes if reason(outcome)]

    assert len(refused) == 11
    assert all("isn't allowed to upload to project 'tiny-demo'" in text for text in refused)
    assert len(index.events("project:created")) == 1


def together(index: Index, *sent: tuple[str, Package]) -> list[str]:
    """The outcomes of uploads that are accepted at once: refusals with their text, exceptions with their name."""
    asked = []
    for token, package in sent:
        admission = credential(basic(token))
        assert isinstance(admission, Admission)
        asked.append((admission, index.received(package)))
    outcomes = index.upload.accept_all(asked)
    return [type(each).__name__ if isinstance(each, Exception) else reason(each) for each in outcomes]


def test_uploads_at_once_have_outcomes_of_their_own(index: Index) -> None:
    """Good ones, a stranger's, one that is no archive, one that is there already: in their order, and nothing is left over."""
    token = index.upload_token("tiny-demo")
    index.send(token, Package(version="9.0"))
    good, another = Package(version="1.0"), Package(version="2.0")
    broken = Package(filename=Package(version="3.0").filename, version="3.0", data=b"hello")
    found = together(
        index,
        (token, good),
        (index.upload_token("other"), another),
        (token, broken),
        (token, another),
        (token, Package(version="9.0")),
    )

    assert [text[:30] for text in found] == [
        "",
        "403 Invalid API Token: OIDC sc",
        "400 ZIP archive not accepted: ",
        "",
        "",
    ]
    assert {file.version for file in index.files()} == {"1.0", "2.0", "9.0"}
    assert len(index.stored()) == 3
    assert uses(index) == 0


def test_the_same_file_twice_at_once_is_one_file(index: Index) -> None:
    """Both are answered 200. With other bytes under the name, the first wins."""
    token = index.upload_token("tiny-demo")

    assert together(index, (token, Package()), (token, Package())) == ["", ""]
    assert len(index.files()) == 1
    other = Package(version="2.0"), Package(version="2.0", data=wheel_of("tiny-demo", "2.0", {"tiny_demo/x.py": b"x"})[1])
    other[1].filename = other[0].filename
    first, second = together(index, *((token, package) for package in other))
    assert (first, second[:23]) == ("", "400 File already exists")
    assert uses(index) == 0


def test_a_disk_that_fails_one_upload_fails_that_one(tmp_path: Path) -> None:
    """Its neighbours are stored; it is not, and its announcement is taken back."""
    disk = FailingDisk()
    with Index(tmp_path, blobs=LocalBlobs(tmp_path / "data", disk)) as index:
        token = index.upload_token("tiny-demo")
        index.send(token, Package(version="9.0"))
        disk.left = 2
        found = together(index, *((token, Package(version=f"{number}.0")) for number in (1, 2, 3)))

        assert found == ["", "OSError", ""]
        assert {file.version for file in index.files()} == {"1.0", "3.0", "9.0"}
        assert uses(index) == 0
        assert not any("/." in name for name in index.stored())


def test_a_database_that_fails_fails_all_of_them(index: Index) -> None:
    """What they share is everybody's."""
    token = index.upload_token("tiny-demo")
    admission = credential(basic(token))
    assert isinstance(admission, Admission)
    asked = [(admission, index.received(Package(version=f"{number}.0"))) for number in (1, 2)]
    index.database.close()

    assert all(isinstance(each, Exception) for each in index.upload.accept_all(asked))
    assert not any("/." in name for name in index.stored())


class FailingDisk:
    """Fails the n-th fsync."""

    def __init__(self) -> None:
        self.left = -1
        self.folders = 0

    def __call__(self, fd: int) -> None:
        self.left -= 1
        if self.left == 0:
            self.folders += stat.S_ISDIR(os.fstat(fd).st_mode)
            raise OSError(errno.EIO, "injected")


def test_an_interrupted_upload_lists_nothing(tmp_path: Path) -> None:
    """Whichever fsync fails, the error comes out, no file is listed, no temp file stays; other uploads go on."""
    disk = FailingDisk()
    with Index(tmp_path, blobs=LocalBlobs(tmp_path / "data", disk)) as index:
        token = index.upload_token("tiny-demo")
        failures = 0
        for step in range(1, 20):
            disk.left = step
            package = Package(version=f"{step}.0")
            listed = len(index.files())
            try:
                assert reason(index.send(token, package)) == ""
            except OSError:
                failures += 1
                assert len(index.files()) == listed
                assert not any("/." in name for name in index.stored())
            else:
                break
        disk.left = -1
        assert failures >= 3
        assert disk.folders >= 1
        assert reason(index.send(token, Package(version="99.0"))) == ""


def test_a_closed_database_acknowledges_nothing(index: Index) -> None:
    """A commit that cannot be made comes out as an error, never as an answer."""
    token = index.upload_token("tiny-demo")
    received = index.received(Package())
    admission = credential(basic(token))
    assert isinstance(admission, Admission)
    index.database.close()
    with pytest.raises(Broken):
        index.upload.accept(admission, received)

    assert not any("/." in name for name in index.stored())


def test_sweeping_leaves_what_is_listed_and_what_is_announced(index: Index) -> None:
    """A day later only what nobody names is gone."""
    index.send(index.user_token())
    listed = index.stored()
    orphan, announced = index.upload.temp(), index.upload.temp()
    for temp, text in ((orphan, b"orphan"), (announced, b"announced")):
        temp.write(text)
        index.blobs.adopt(temp, hashlib.sha256(text).hexdigest())
    forgotten = index.upload.temp()
    names = [hashlib.sha256(text).hexdigest() for text in (b"announced", b"dead")]
    day = 86_400.0
    index.now = os.stat(forgotten.path).st_ctime + day + 1  # noqa: PTH116 - the clock of the file system
    index.database.write(
        lambda c: c.execute(blob_uses.insert(), [{"sha256": names[0], "created": index.now - day + 5}]),
    ).result()

    swept = collect_garbage(index.database, index.blobs, lambda: index.now)

    assert swept == Collected(temps=1, blobs=1, kept=len(listed) + 1)
    assert index.stored() == sorted([*listed, f"blobs/{names[0][:2]}/{names[0]}"])
    forgotten.discard()


def test_a_dead_announcement_keeps_nothing(index: Index) -> None:
    """A use row of an upload that was killed days ago does not keep its blob."""
    temp = index.upload.temp()
    temp.write(b"dead")
    name = hashlib.sha256(b"dead").hexdigest()
    index.blobs.adopt(temp, name)
    path = index.blobs.path(name)
    assert path is not None
    index.now = path.stat().st_ctime + 200_000
    index.database.write(lambda c: c.execute(blob_uses.insert(), [{"sha256": name, "created": index.now - 100_000}])).result()

    collect_garbage(index.database, index.blobs, lambda: index.now)

    assert index.stored() == []
