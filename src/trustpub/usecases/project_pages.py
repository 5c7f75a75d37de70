"""What visitors see of projects: one release and where each of its files came from, what is new; and the list of all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.names import normalize
from trustpub.domain.provenance import Signed, signed_by
from trustpub.storage.files import files_of_release, find_release
from trustpub.storage.project_pages import (
    QUARANTINED,
    newest_projects,
    newest_releases,
    origins,
    projects_called,
    provenances,
    release_lines,
)
from trustpub.storage.projects import find_project, roles_of
from trustpub.storage.publishers import publisher_by_id
from trustpub.usecases.browse import latest_version, version_key
from trustpub.usecases.not_done import NotDone
from trustpub.usecases.projects.principal import administrator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustpub.domain.claims import JSON
    from trustpub.domain.publishers import Publisher
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.files import File, Release
    from trustpub.storage.project_pages import NewProject, NewRelease, ReleaseLine
    from trustpub.storage.projects import Project, Role
    from trustpub.usecases.projects.principal import Actor

RELEASES_IN_FEED = 100
RELEASES_OF_PROJECT_IN_FEED = 40
PROJECTS_IN_FEED = 40
"""Mirrors: warehouse/rss/views.py @6b62157."""
PROJECTS_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file came from.

    `by` is a publisher in words, or a user's name; `trusted` whether a trusted publisher uploaded it. `publisher` is its row as
    it is now (None: it was removed), `claims` what the index keeps of the token's claims.
    """

    by: str
    trusted: bool
    publisher: Publisher | None
    claims: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ShownFile:
    """One file, where it came from, and who signed that; nobody for a file without attestations."""

    file: File
    origin: Origin
    signed: tuple[Signed, ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """One project with one of its releases; `release` is None when it has none to show. `releases`: the newest version first."""

    project: Project
    latest: str
    release: Release | None
    files: tuple[ShownFile, ...]
    releases: tuple[ReleaseLine, ...]
    roles: tuple[Role, ...]


class ProjectPages:
    """Reads for the pages of projects."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    def page(self, name: str, version: str | None = None) -> ProjectPage | None:
        """A project with the release of this version, or with its latest; None when there is no such project or release."""
        with self._database.read() as connection:
            project = find_project(connection, name)
            if project is None:
                return None
            lines = () if project.state == QUARANTINED else release_lines(connection, project.id)
            latest = latest_version((line.version, line.yanked) for line in lines)
            known = {line.version for line in lines}
            if version is not None and version not in known:
                return None
            release = find_release(connection, project.id, version or latest) if known else None
            files = files_of_release(connection, release.id) if release is not None else ()
            shown = _with_origins(connection, project.id, files)
            roles = roles_of(connection, project.id)
        ordered = sorted(lines, key=lambda line: version_key(line.version), reverse=True)
        return ProjectPage(project, latest, release, shown, tuple(ordered), roles)

    def newest_releases(self, limit: int = RELEASES_IN_FEED) -> tuple[NewRelease, ...]:
        """The newest releases of the index."""
        with self._database.read() as connection:
            return newest_releases(connection, limit)

    def newest_projects(self) -> tuple[NewProject, ...]:
        """The newest projects of the index."""
        with self._database.read() as connection:
            return newest_projects(connection, PROJECTS_IN_FEED)

    def releases_of(self, name: str) -> tuple[Project, tuple[NewRelease, ...]] | None:
        """The newest releases of one project; None when there is none of this name."""
        with self._database.read() as connection:
            project = find_project(connection, normalize(name))
            if project is None or project.state == QUARANTINED:
                return None
            return project, newest_releases(connection, RELEASES_OF_PROJECT_IN_FEED, project.id)

    def all_projects(self, actor: Actor, words: str = "", after: int = 0) -> tuple[Project, ...] | NotDone:
        """Every project of whatever state whose name holds `words`, so many at once; for whoever runs the index."""
        with self._database.read() as connection:
            who = administrator(connection, actor, self._clock())
            if isinstance(who, NotDone):
                return who
            return projects_called(connection, words, PROJECTS_AT_ONCE + 1, max(0, after))


def _with_origins(connection: Connection, project_id: int, files: tuple[File, ...]) -> tuple[ShownFile, ...]:
    told = origins(connection, project_id, files)
    publishers: dict[int, Publisher | None] = {}
    for detail in told.values():
        row_id = detail.get("publisher_id")
        if isinstance(row_id, int) and row_id not in publishers:
            found = publisher_by_id(connection, row_id)
            publishers[row_id] = found.publisher if found else None
    proofs = provenances(connection, files[0].release_id) if any(file.provenance is not None for file in files) else {}
    return tuple(
        ShownFile(file, _origin(file, told.get(file.filename, {}), publishers), signed_by(proofs.get(file.filename, "")))
        for file in files
    )


def _origin(file: File, detail: Mapping[str, JSON], publishers: Mapping[int, Publisher | None]) -> Origin:
    row_id, claims = detail.get("publisher_id"), detail.get("claims")
    publisher = publishers.get(row_id) if isinstance(row_id, int) else None
    told = {name: str(value) for name, value in claims.items() if value} if isinstance(claims, dict) else {}
    trusted = detail.get("uploaded_via_trusted_publisher") is True
    return Origin(file.uploaded_by, trusted, publisher, told)
