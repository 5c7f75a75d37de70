"""How much a project may hold: asked before a file is looked at, and again where it is listed, as others upload meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from trustpub.record import NamedTuple
from trustpub.storage.files import size_of_project
from trustpub.usecases.upload_credential import UploadRefused

if TYPE_CHECKING:
    from trustpub.storage.database import Connection
    from trustpub.storage.projects import Project


class Limits(Protocol):
    """What one index takes in, in bytes."""

    @property
    def file_size(self) -> int:
        """For one file."""

    @property
    def project_size(self) -> int:
        """For all files of one project."""


class Room(NamedTuple):
    """What was left for other files beside one that is on its way, in bytes, when its project had this serial."""

    left: int
    serial: int = 0


class Sizes:
    """How many bytes each project has, remembered as long as its serial stands: summing a large project takes time."""

    MOST = 4096

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._known: dict[int, tuple[int, int]] = {}

    def room(self, connection: Connection, project: Project | None, size: int) -> Room | UploadRefused:
        """What is left beside a file of this size, which has room itself."""
        if project is None:
            return Room(self._limits.project_size - size)
        serial, total = self._known.get(project.id, (-1, 0))
        if serial != project.serial:
            total = size_of_project(connection, project.id)
            self._remember(project.id, project.serial, total)
        left = self._limits.project_size - total - size
        return Room(left, project.serial) if left >= 0 else self._full(project)

    def filled(self, connection: Connection, project: Project, size: int, room: Room) -> UploadRefused | None:
        """The same inside the transaction that lists the file.

        Each file takes a new serial of the whole index, so the serials since then bound what can have come; only what they do not
        rule out is summed. Nothing is remembered: the transaction may still be undone.
        """
        if (project.serial - room.serial) * self._limits.file_size <= room.left:
            return None
        fits = size_of_project(connection, project.id) + size <= self._limits.project_size
        return None if fits else self._full(project)

    def grew(self, project_id: int, before: int, after: int, size: int) -> None:
        """Count a committed file that took the project from one serial to another, if what was known is what it was added to."""
        serial, total = self._known.get(project_id, (-1, 0))
        if serial == before:
            self._remember(project_id, after, total + size)

    def _remember(self, project_id: int, serial: int, total: int) -> None:
        if len(self._known) >= self.MOST:
            self._known.clear()
        self._known[project_id] = (serial, total)

    def _full(self, project: Project) -> UploadRefused:
        megabytes = self._limits.project_size // 1024**2
        return UploadRefused(400, f"Project size too large. Limit for project '{project.name}' total size is {megabytes} MB.")
