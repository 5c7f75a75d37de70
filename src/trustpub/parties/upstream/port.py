"""What is asked of the index behind this one: a project's page, and the bytes of a file that the page named."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager


@dataclass(frozen=True, slots=True)
class UpstreamFile:
    """One file that the page names. `url` is absolute; `size` None when the page does not say; `upload_time` as it is written."""

    filename: str
    url: str
    sha256: str
    size: int | None
    requires_python: str | None
    upload_time: str | None
    yanked: bool | str
    metadata_sha256: str | None


@dataclass(frozen=True, slots=True)
class UpstreamPage:
    """A project's page, read strictly; `url` is where it is, `etag` what to ask with whether it has changed ("": nothing)."""

    name: str
    url: str
    etag: str
    status: str
    reason: str
    versions: tuple[str, ...]
    files: tuple[UpstreamFile, ...]
    alternates: tuple[str, ...] = ()


class NoPage(Enum):
    """Answers that are no page: there is no such project, or the page is still what the caller has."""

    MISSING = "missing"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file on its way: how many bytes are promised (None: it was not said), and the bytes as they come."""

    size: int | None
    chunks: Iterator[bytes]


class UpstreamIndex(Protocol):
    """The index behind this one. Every method raises `Unreachable` when it does not answer, or not its own protocol."""

    @property
    def url(self) -> str:
        """The address of its simple pages, without a slash at the end."""

    def page(self, name: str, etag: str = "") -> UpstreamPage | NoPage:
        """The page of this normalized name; with `etag` only if it is another one by now."""

    def open(self, url: str) -> AbstractContextManager[Incoming]:
        """The bytes at an address that a page named."""
