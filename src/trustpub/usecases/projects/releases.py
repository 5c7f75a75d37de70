"""Releases and files of a project: yank what should not be chosen, delete what should not be there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Database
    from trustpub.storage.files import File
    from trustpub.usecases.not_done import NotDone
    from trustpub.usecases.projects.principal import Actor


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release with its files; `created` in seconds since the epoch."""

    version: str
    yanked: bool
    yanked_reason: str
    created: float
    files: tuple[File, ...]


class Releases:
    """What owners do with releases. Yanking also is for maintainers, as on PyPI deletion is not."""

    def __init__(self, database: Database, settings: ServerSettings, clock: Callable[[], float]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def listed(self, actor: Actor, project: str) -> tuple[ReleaseRow, ...] | NotDone:
        """Every release, the newest version first; for the project's people."""
        raise NotImplementedError

    def yank(self, actor: Actor, project: str, version: str, reason: str = "") -> ReleaseRow | NotDone:
        """Keep a release from being chosen unless somebody asks for exactly this version (PEP 592)."""
        raise NotImplementedError

    def unyank(self, actor: Actor, project: str, version: str) -> ReleaseRow | NotDone:
        """Let a release be chosen again."""
        raise NotImplementedError

    def delete_file(self, actor: Actor, project: str, filename: str, confirm: str) -> File | NotDone:
        """Delete one file; its name is never used again. `confirm` is the project's name, typed."""
        raise NotImplementedError

    def delete_release(self, actor: Actor, project: str, version: str, confirm: str) -> ReleaseRow | NotDone:
        """Delete a release with its files. `confirm` is the version, typed."""
        raise NotImplementedError
