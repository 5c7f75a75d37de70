"""Names of another index: asked for once in a while, never for a name of ours, and believed only with proof."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.domain.names import normalize
from trustpub.errors import Unreachable
from trustpub.parties.upstream.fake import FakeUpstream
from trustpub.parties.upstream.port import NoPage, UpstreamFile, UpstreamPage
from trustpub.settings import Upstream as Rules
from trustpub.storage.database import Database
from trustpub.storage.kept_files import KeptFiles
from trustpub.storage.projects import create_project
from trustpub.usecases.upstream import FRESH, RETRY_AFTER, STALE, Absent, Shown, Upstream, _patterns

BYTES = b"bytes of a file"
SHA = sha256(BYTES).hexdigest()
URL = "https://files.example/other-1.0.tar.gz"


def entry(**changed: object) -> UpstreamFile:
    """The one file of the other project."""
    told: dict[str, object] = {
        "filename": "other-1.0.tar.gz", "url": URL, "sha256": SHA, "size": len(BYTES), "requires_python": None,
        "upload_time": None, "yanked": False, "metadata_sha256": None,
    }  # fmt: skip
    return UpstreamFile(**{**told, **changed})  # type: ignore[arg-type]


def page(*files: UpstreamFile, etag: str = "1") -> UpstreamPage:
    """The other project's page."""
    return UpstreamPage("other", "https://behind.example/simple/other/", etag, "active", "", ("1.0",), files)


class Watching:
    """Follows a file, and remembers how far it came."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.size: int | None = -1

    def began(self, path: Path, size: int | None) -> None:
        self.size = size

    def moved(self, written: int) -> None:
        self.steps.append(written)


class Stage:
    """One use case over a fake, with a time of its own."""

    def __init__(self, folder: Path, database: Database, **rules: tuple[str, ...]) -> None:
        self.now = 1_000_000.0
        self.behind = FakeUpstream(pages={"other": page(entry())}, files={URL: BYTES})
        self.folder = folder / "upstream"
        self.kept = KeptFiles(self.folder, 1000)
        self.database = database
        self.upstream = Upstream(self.behind, database, self.kept, Rules("https://behind.example/simple", **rules), self._clock)

    def _clock(self) -> float:
        return self.now

    def fetch(self, **changed: object) -> tuple[bytes, Watching]:
        """Fetch the one file as its page tells of it."""
        self.behind.pages["other"] = page(entry(**changed), etag=str(len(self.behind.asked)))
        self.now += FRESH
        wanted = self.upstream.file("other", str(changed.get("sha256", SHA)), "other-1.0.tar.gz")
        assert not isinstance(wanted, Absent)
        watching = Watching()
        return self.upstream.fetch(wanted, watching).read_bytes(), watching


def status(found: Shown | Absent) -> int:
    """The status with which a page is answered."""
    return found.status if isinstance(found, Absent) else 200


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Everything allowed."""
    with Database.open(tmp_path / "data") as database:
        yield Stage(tmp_path, database)


def test_one_question_a_minute(stage: Stage) -> None:
    """Also for what is not there; afterwards with the tag."""
    assert [Shown(page(entry()))] * 3 == [stage.upstream.page("other") for _ in range(3)]
    assert isinstance(stage.upstream.page("nobody"), Absent)
    assert isinstance(stage.upstream.page("nobody"), Absent)
    stage.now += FRESH
    assert Shown(page(entry())) == stage.upstream.page("other")
    assert ["other", "nobody", "other"] == stage.behind.asked


def test_who_does_not_answer_is_left_alone_for_a_moment(stage: Stage) -> None:
    """Every reader of a page that does not come would otherwise wait for it again."""
    stage.behind.down = True
    found = [stage.upstream.page("other") for _ in range(5)]
    assert [503] * 5 == [each.status for each in found if isinstance(each, Absent)]
    assert ["other"] == stage.behind.asked
    stage.behind.down = False
    stage.now += RETRY_AFTER
    assert isinstance(stage.upstream.page("other"), Shown)


def test_an_old_page_lives_for_a_day(stage: Stage) -> None:
    """With its age; what was missing is never shown as missing again without asking."""
    stage.upstream.page("other")
    stage.upstream.page("nobody")
    stage.behind.down = True
    stage.now += STALE - 1
    assert Shown(page(entry()), int(STALE) - 1) == stage.upstream.page("other")
    assert 503 == status(stage.upstream.page("nobody"))
    stage.now += RETRY_AFTER
    assert 503 == status(stage.upstream.page("other"))


def test_a_project_that_goes_behind_goes_here(stage: Stage) -> None:
    """No page is kept that is known to be gone."""
    stage.upstream.page("other")
    del stage.behind.pages["other"]
    stage.now += FRESH
    assert isinstance(stage.upstream.page("other"), Absent)
    stage.behind.down = True
    stage.now += FRESH
    assert isinstance(stage.upstream.page("other"), Absent)


def test_a_name_that_appears_while_it_is_asked_for_wins(stage: Stage) -> None:
    """It is looked for again after the answer came."""

    class Slow(FakeUpstream):
        def page(self, name: str, etag: str = "") -> UpstreamPage | NoPage:
            stage.database.write(lambda connection: create_project(connection, name, 1.0)).result()
            return super().page(name, etag)

    behind = Slow(pages={"other": page(entry())})
    found = Upstream(behind, stage.database, stage.kept, Rules("x"), lambda: stage.now).page("other")
    assert (True, ["other"]) == (isinstance(found, Absent), behind.asked)


def test_a_file_is_kept_when_it_is_proven(stage: Stage) -> None:
    """Whoever follows it is told how far it is."""
    content, watching = stage.fetch()
    assert (BYTES, len(BYTES), [4, 8, 12, 15]) == (content, watching.size, watching.steps)
    assert stage.kept.path(SHA) is not None


@pytest.mark.parametrize(
    "changed", [{"sha256": "0" * 64}, {"size": len(BYTES) + 1}, {"size": len(BYTES) - 1}, {"size": 2000}, {"url": URL + "x"}]
)
def test_what_is_not_as_promised_is_not_kept(stage: Stage, changed: dict[str, object]) -> None:
    """Other bytes, another length, more than there is room for, nothing at all."""
    with pytest.raises(Unreachable):
        stage.fetch(**changed)
    assert [] == [path for path in stage.folder.rglob("*") if path.is_file()]


def test_a_file_of_no_told_size_may_not_be_endless(stage: Stage) -> None:
    """The room is the limit."""
    stage.behind.files[URL] = b"x" * 5000
    with pytest.raises(Unreachable, match="larger than all that may be kept"):
        stage.fetch(size=None)


def test_a_server_that_ends_lets_nothing_come(stage: Stage) -> None:
    """A file of a gigabyte would otherwise keep it."""
    stage.upstream.close()
    with pytest.raises(Unreachable, match="ends"):
        stage.fetch()


def test_only_what_a_page_names_is_fetched(stage: Stage) -> None:
    """Another name, another hash, metadata that is not promised: nothing to fetch."""
    for digest, filename in ((SHA, "evil.tar.gz"), ("0" * 64, "other-1.0.tar.gz"), (SHA, "other-1.0.tar.gz.metadata")):
        assert isinstance(stage.upstream.file("other", digest, filename), Absent)
    stage.now += FRESH
    stage.behind.pages["other"] = page(entry(metadata_sha256="1" * 64), etag="2")
    wanted = stage.upstream.file("other", SHA, "other-1.0.tar.gz.metadata")
    assert not isinstance(wanted, Absent)
    assert (URL + ".metadata", "1" * 64) == (wanted.url, wanted.sha256)


@pytest.mark.parametrize(
    ("patterns", "name", "fits"),
    [
        (("*",), "anything", True), ((), "anything", False), (("acme-*",), "acme-x", True), (("acme-*",), "acme", False),
        (("ACME_*",), "acme-x", True), (("acme.*.inner",), "acme-a-b-inner", True), (("a", "b"), "b", True),
        (("a?",), "ab", False), (("[a]",), "a", False), (("acme",), "acme-x", False), (("*secret*",), "my-secret-x", True),
    ],
)  # fmt: skip
def test_patterns(patterns: tuple[str, ...], name: str, fits: bool) -> None:
    """`*` stands for anything, every other character for itself, and spelling does not count."""
    assert fits is _patterns(patterns)(name)


@given(st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,20}[A-Za-z0-9])?", fullmatch=True))
def test_a_name_is_denied_in_every_spelling(name: str) -> None:
    """A rule that names a project means it however either of them is written."""
    assert _patterns((name,))(normalize(name))
