"""What readers see: projects, their files, the list of names; always from committed rows, each read in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from trustpub.storage.files import File, Release, files_of_project, find_file, releases_of_project
from trustpub.storage.projects import Project, Role, find_project, names_of_index, project_by_id, roles_of, serials

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from trustpub.storage.database import Connection, Database

QUARANTINED = "quarantined"
"""The state in which a project keeps its name and shows no file."""


@dataclass(frozen=True, slots=True)
class Listing:
    """One project at one serial: its files sorted by version and name, none of them when it is quarantined.

    `reason` is why it is in its state, in its owners' or the administrators' words.
    """

    normalized: str
    name: str
    serial: int
    state: str
    files: tuple[File, ...]
    versions: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """The list of names at one serial, as (normalized, spelled), sorted; quarantined projects are not in it."""

    serial: int
    names: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Found:
    """One file, and the project whose serial and state say whether this is still so."""

    project: str
    serial: int
    state: str
    file: File


@dataclass(frozen=True, slots=True)
class Described:
    """One project with its people and what its releases say about themselves.

    `latest` is what a visitor should see first, or the one release that was asked for.
    """

    listing: Listing
    releases: tuple[Release, ...]
    latest: Release
    roles: tuple[Role, ...]


def version_key(version: str) -> tuple[int, Version | str]:
    """Sorts versions as they follow each other; what is no version comes first, by its text."""
    try:
        return 1, Version(version)
    except InvalidVersion:
        return 0, version


def latest_of(releases: tuple[Release, ...]) -> Release | None:
    """The highest release that is not yanked and not a pre-release; else the highest not yanked; else the highest."""
    return max(releases, key=lambda release: _rank(release.version, yanked=release.yanked), default=None)


def latest_version(versions: Iterable[tuple[str, bool]]) -> str:
    """The same choice from versions alone, each with whether it is yanked; "" when there is none."""
    return max(versions, key=lambda each: _rank(each[0], yanked=each[1]), default=("", False))[0]


def _rank(version: str, *, yanked: bool) -> tuple[bool, bool, tuple[int, Version | str]]:
    key = version_key(version)
    final = isinstance(key[1], Version) and not key[1].is_prerelease
    return not yanked, final, key


class Browse:
    """Reads for the pages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def project(self, normalized: str) -> Listing | None:
        """One project with its files, or None when there is none of this normalized name."""
        with self._database.read() as connection:
            found = _exact(connection, normalized)
            return None if found is None else _listing(connection, found)

    def serial(self) -> int:
        """The serial of the last change to the index; an error when the database cannot be read."""
        with self._database.read() as connection:
            return serials(connection)[0]

    def names(self) -> Names:
        """Every name of the index."""
        with self._database.read() as connection:
            _, serial = serials(connection)
            return Names(serial, names_of_index(connection))

    def file(self, filename: str) -> Found | None:
        """One listed file, or None when no project lists it."""
        with self._database.read() as connection:
            row = find_file(connection, filename)
            project = project_by_id(connection, row.project_id) if row else None
        if row is None or project is None or project.state == QUARANTINED:
            return None
        return Found(project.normalized, project.serial, project.state, row)

    def described(self, normalized: str, version: str | None = None) -> Described | None:
        """One project with its releases; None when there is none, or none of its releases (or not this one) is to be seen."""
        with self._database.read() as connection:
            found = _exact(connection, normalized)
            if found is None:
                return None
            listing = _listing(connection, found)
            releases = releases_of_project(connection, found.id)
            roles = roles_of(connection, found.id)
        seen = tuple(release for release in releases if release.version in listing.versions)
        asked = seen if version is None else _same(seen, version)
        latest = latest_of(asked)
        return None if latest is None else Described(listing, seen, latest, roles)


def _same(releases: tuple[Release, ...], version: str) -> tuple[Release, ...]:
    """The release of this version, however it is written: `1.0` is `1.0.0`."""
    wanted = version_key(version)
    return tuple(release for release in releases if wanted[0] and version_key(release.version) == wanted)


def _exact(connection: Connection, normalized: str) -> Project | None:
    found = find_project(connection, normalized)
    return found if found is not None and found.normalized == normalized else None


def _listing(connection: Connection, project: Project) -> Listing:
    rows = () if project.state == QUARANTINED else files_of_project(connection, project.id)
    by_version = {version: version_key(version) for version in {row.version for row in rows}}
    listed = sorted(rows, key=lambda row: (by_version[row.version], row.filename))
    versions = tuple(dict.fromkeys(row.version for row in listed))
    return Listing(project.normalized, project.name, project.serial, project.state, tuple(listed), versions, project.reason)
