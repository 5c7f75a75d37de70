"""Names that are not this index's own, answered from the index behind it: by rule, with every hash checked.

A name that exists here is never answered from there, in whatever state its project is: active, archived, quarantined, deleted
(its name is retired), or expected (a pending publisher waits for its first upload). So whoever may publish here can close a name;
the other way round, somebody outside could slip in between a registration and the first upload.

What could not be asked about is no "not found": clients would take that for an answer and go elsewhere.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from trustpub.domain.names import normalize
from trustpub.errors import Broken, Unreachable
from trustpub.parties.upstream.port import NoPage, UpstreamPage
from trustpub.storage.names_here import is_name_here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from trustpub.parties.upstream.port import UpstreamIndex
    from trustpub.settings import Upstream as Rules
    from trustpub.storage.database import Database
    from trustpub.storage.kept_files import KeptFiles

FRESH = 60.0
"""Seconds for which a page (or that there is none) is believed without asking again."""
STALE = 24 * 3600.0
"""Seconds for which a page is still shown when nobody answers behind us; it then says how old it is."""
MOST_KEPT = 50_000
"""Files on all pages that are remembered, about 1 KB each."""
RETRY_AFTER = 5
"""Seconds for which a page that did not come is not asked for again."""
MOST_FAILED = 1000
LARGEST_METADATA = 8 << 20
METADATA = ".metadata"


@dataclass(frozen=True, slots=True)
class Absent:
    """Why nothing is shown: the HTTP status (404: nobody has it; 503: nobody knows), and the words for it."""

    status: int
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A page from behind; `stale` is its age in seconds when it could not be asked about, else 0."""

    page: UpstreamPage
    stale: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file (or a file's metadata): where it is, what it must hash to, and how long it is if that was told."""

    name: str
    filename: str
    url: str
    sha256: str
    size: int | None
    most: int


class Follower(Protocol):
    """Whoever watches a file come; called from the thread that fetches it."""

    def began(self, path: Path, size: int | None) -> None:
        """The bytes will be in this file; so many of them, or nobody knows."""

    def moved(self, written: int) -> None:
        """So many bytes can be read."""


class _Remembered:
    """Pages by name with when they were asked for, bounded by the files they name."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, tuple[UpstreamPage | None, float]] = OrderedDict()
        self._files = 0
        self._lock = threading.Lock()

    def get(self, name: str) -> tuple[UpstreamPage | None, float] | None:
        with self._lock:
            found = self._held.get(name)
            if found is not None:
                self._held.move_to_end(name)
            return found

    def put(self, name: str, page: UpstreamPage | None, now: float) -> None:
        with self._lock:
            self._files -= _weight(self._held.pop(name, None))
            self._held[name] = (page, now)
            self._files += _weight(self._held[name])
            while self._files > MOST_KEPT and len(self._held) > 1:
                self._files -= _weight(self._held.popitem(last=False)[1])


def _weight(held: tuple[UpstreamPage | None, float] | None) -> int:
    return 0 if held is None else 1 if held[0] is None else 2 + len(held[0].files)


class Upstream:
    """The index behind this one, as this one lets it be seen. Blocking; any number of threads may ask."""

    def __init__(
        self, index: UpstreamIndex, database: Database, kept: KeptFiles, rules: Rules, clock: Callable[[], float]
    ) -> None:
        self._index = index
        self._database = database
        self._kept = kept
        self._allow = _patterns(rules.allow)
        self._deny = _patterns(rules.deny)
        self._clock = clock
        self._pages = _Remembered()
        self._failed: dict[str, tuple[Absent, float]] = {}
        self._closing = threading.Event()

    @property
    def url(self) -> str:
        """The address of its simple pages."""
        return self._index.url

    def remembered(self, name: str) -> bool:
        """Whether nobody has to be asked for this name now."""
        held = self._pages.get(name)
        return held is not None and self._clock() - held[1] < FRESH

    def page(self, name: str) -> Shown | Absent:
        """The page of this normalized name; asked for when what is remembered is too old."""
        closed = self._closed(name)
        if closed is not None:
            return closed
        found = self._current(name)
        if isinstance(found, Shown) and self._is_here(name):  # it appeared meanwhile, and counts from that moment
            return _HERE
        return found

    def file(self, name: str, digest: str, filename: str) -> Wanted | Absent:
        """What has to be fetched for one of the addresses that our pages name."""
        shown = self.page(name)
        if isinstance(shown, Absent):
            return shown
        bare = filename.removesuffix(METADATA)
        for file in shown.page.files:
            if file.sha256 == digest and file.filename == filename:
                return Wanted(name, filename, file.url, file.sha256, file.size, self._kept.limit)
            if file.sha256 == digest and file.filename == bare and file.metadata_sha256 is not None:
                return Wanted(name, filename, file.url + METADATA, file.metadata_sha256, None, LARGEST_METADATA)
        return Absent(404, "no page of the index behind this one names this file")

    def kept(self, wanted: Wanted) -> Path | None:
        """Where the file lies, when it is on this host already."""
        return self._kept.path(wanted.sha256)

    def fetch(self, wanted: Wanted, follower: Follower) -> Path:
        """Fetch the file and keep it; `Unreachable` when it does not come, or other bytes do than its page promised."""
        coming = self._kept.begin()
        try:
            self._receive(wanted, follower, coming.write, coming.path)
            return self._kept.adopt(coming, wanted.sha256)
        except BaseException:
            coming.drop()
            raise

    def close(self) -> None:
        """Let files that are on their way come no further."""
        self._closing.set()

    def _receive(self, wanted: Wanted, follower: Follower, write: Callable[[bytes], None], path: Path) -> None:
        what = f"`{wanted.filename}` from the index behind this one"
        with self._index.open(wanted.url) as incoming:
            if None not in (wanted.size, incoming.size) and wanted.size != incoming.size:
                raise Unreachable(what, why="it has another size than its page promises")
            size = wanted.size if wanted.size is not None else incoming.size
            most = wanted.most if size is None else min(size, wanted.most)
            if size is not None and size > most:
                raise Unreachable(what, why="it is larger than all that may be kept")
            follower.began(path, size)
            digest, written = sha256(), 0
            for chunk in incoming.chunks:
                written += len(chunk)
                if written > most:
                    raise Unreachable(what, why="it is longer than promised")
                if self._closing.is_set():
                    raise Unreachable(what, why="this server ends")
                digest.update(chunk)
                try:
                    write(chunk)
                except OSError as problem:  # our own disk's, and nothing that the other side has to do with
                    raise Broken(what, why=f"it cannot be kept here: {problem.strerror}") from problem
                follower.moved(written)
        if digest.hexdigest() != wanted.sha256:
            raise Unreachable(what, why="its bytes are not those that its page promises (SHA-256)")

    def _closed(self, name: str) -> Absent | None:
        if not self._allow(name) or self._deny(name):
            return Absent(404, f"`{name}` is not taken from the index behind this one: a rule of this index leaves it out")
        return _HERE if self._is_here(name) else None

    def _is_here(self, name: str) -> bool:
        with self._database.read() as connection:
            return is_name_here(connection, name)

    def _current(self, name: str) -> Shown | Absent:
        now, held = self._clock(), self._pages.get(name)
        before, asked = held or (None, 0.0)
        if held is not None and 0 <= now - asked < FRESH:
            return _MISSING if before is None else Shown(before)
        answer = self._ask(name, before.etag if before is not None else "", now)
        if isinstance(answer, Absent):
            old = before is not None and 0 <= now - asked < STALE
            return Shown(before, max(1, int(now - asked))) if before is not None and old else answer
        page = before if answer is NoPage.UNCHANGED else answer
        found = page if isinstance(page, UpstreamPage) else None
        self._pages.put(name, found, now)
        return _MISSING if found is None else Shown(found)

    def _ask(self, name: str, etag: str, now: float) -> UpstreamPage | NoPage | Absent:
        """Ask, but not again and again: who did not answer is left alone for a moment."""
        failed = self._failed.get(name)
        if failed is not None and 0 <= now - failed[1] < RETRY_AFTER:
            return failed[0]
        try:
            return self._index.page(name, etag)
        except Unreachable as problem:
            words = f"the index behind this one does not answer, so nobody knows whether it has `{name}`: {problem}"
            if len(self._failed) >= MOST_FAILED:
                self._failed.clear()
            absent = Absent(503, words)
            self._failed[name] = (absent, now)
            return absent


_HERE = Absent(404, "the name is one of this index, which shows no files for it")
_MISSING = Absent(404, "neither this index nor the one behind it has a project of this name")


def _patterns(given: Iterable[str]) -> Callable[[str], bool]:
    """Whether a normalized name fits one of these patterns, in which `*` stands for anything."""
    parts = ("*".join(normalize(part) if part else "" for part in each.split("*")) for each in given)
    whole = re.compile("|".join(re.escape(each).replace(r"\*", ".*") for each in parts) or r"(?!)")
    return lambda name: whole.fullmatch(name) is not None
