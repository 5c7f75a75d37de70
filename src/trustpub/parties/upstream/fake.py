"""An index to stand behind one in tests: pages and files as they are set, and everything that was asked."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from trustpub.errors import Unreachable
from trustpub.parties.upstream.port import Incoming, NoPage, UpstreamPage

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class FakeUpstream:
    """Holds pages by name and bytes by address; with `down` it answers nobody."""

    url: str = "https://behind.example/simple"
    pages: dict[str, UpstreamPage] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    down: bool = False
    piece: int = 4

    def page(self, name: str, etag: str = "") -> UpstreamPage | NoPage:
        """Answer as the real one: by the tag, or that there is none."""
        self._ask(name)
        page = self.pages.get(name)
        if page is None:
            return NoPage.MISSING
        return NoPage.UNCHANGED if etag and etag == page.etag else replace(page)

    @contextmanager
    def open(self, url: str) -> Iterator[Incoming]:
        """Give the bytes in small pieces."""
        self._ask(url)
        body = self.files.get(url)
        if body is None:
            raise Unreachable(f"`{url}`", why="it answered 404")
        yield Incoming(len(body), (body[start : start + self.piece] for start in range(0, len(body), self.piece)))

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.down:
            raise Unreachable(f"`{what}`", why="nobody answers")
