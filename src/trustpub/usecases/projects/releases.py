"""Releases and files of a project: yank what should not be chosen, delete what should not be there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.version import InvalidVersion, Version

from trustpub.storage import files, withdrawals
from trustpub.storage.events import Event, record
from trustpub.storage.projects import bump_serial
from trustpub.usecases.browse import version_key
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.projects.changing import change
from trustpub.usecases.projects.mailing import tell_owners
from trustpub.usecases.projects.principal import as_member, misspelled, reading, unconfirmed

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.domain.claims import JSON
    from trustpub.settings import ServerSettings
    from trustpub.storage.database import Connection, Database
    from trustpub.storage.files import File, Release
    from trustpub.storage.projects import Project
    from trustpub.usecases.projects.principal import Actor, Principal

LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One release with its files; `created` in seconds since the epoch."""

    version: str
    yanked: bool
    yanked_reason: str
    created: float
    files: tuple[File, ...]


class Releases:
    """What owners do with releases; maintainers look at them."""

    def __init__(self, database: Database, settings: ServerSettings, clock: Callable[[], float]) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    def listed(self, actor: Actor, project: str) -> tuple[ReleaseRow, ...] | NotDone:
        """Every release, the newest version first; for the project's people."""
        with self._database.read() as connection:
            who = reading(connection, actor, self._clock())
            if isinstance(who, NotDone):
                return who
            found = as_member(connection, who, project)
            if isinstance(found, NotDone):
                return found
            rows = [_row(connection, each) for each in files.releases_of_project(connection, found.id)]
        return tuple(sorted(rows, key=lambda row: version_key(row.version), reverse=True))

    def yank(self, actor: Actor, project: str, version: str, reason: str = "") -> ReleaseRow | NotDone:
        """Keep a release from being chosen unless somebody asks for exactly this version (PEP 592)."""
        return self._yank(actor, project, version, reason.strip(), yanked=True)

    def unyank(self, actor: Actor, project: str, version: str) -> ReleaseRow | NotDone:
        """Let a release be chosen again."""
        return self._yank(actor, project, version, "", yanked=False)

    def delete_file(self, actor: Actor, project: str, filename: str, confirm: str) -> File | NotDone:
        """Delete one file; its name is never used again. `confirm` is the project's name, typed."""
        now = self._clock()

        def work(connection: Connection, who: Principal, found: Project) -> File | NotDone:
            file = files.find_file(connection, filename)
            if file is None or file.project_id != found.id:
                return not_done(404, "not-found", "`filename`: the project has no file of this name", "filename")
            wrong = misspelled(found, confirm)
            if wrong is not None:
                return wrong
            withdrawals.delete_file(connection, file.id)
            bump_serial(connection, found.id)
            detail: dict[str, JSON] = {"filename": file.filename, "version": file.version, "sha256": file.sha256}
            record(connection, Event("file:removed", who.name, now, detail, found.id))
            tell_owners(
                connection, found.id, "file-deleted", now, {"by": who.name, "project": found.name, "filename": file.filename}
            )
            return file

        return change(self._database, now, actor, project, work)

    def delete_release(self, actor: Actor, project: str, version: str, confirm: str) -> ReleaseRow | NotDone:
        """Delete a release with its files. `confirm` is the version, typed."""
        now = self._clock()

        def work(connection: Connection, who: Principal, found: Project) -> ReleaseRow | NotDone:
            release = _release(connection, found, version)
            if isinstance(release, NotDone):
                return release
            wrong = unconfirmed(confirm, (release.version, version), f"type the version to confirm: `{release.version}`")
            if wrong is not None:
                return wrong
            row = _row(connection, release)
            withdrawals.delete_release(connection, release.id)
            bump_serial(connection, found.id)
            names: list[JSON] = [each.filename for each in row.files]
            record(connection, Event("release:removed", who.name, now, {"version": release.version, "files": names}, found.id))
            said = {"by": who.name, "project": found.name, "version": release.version, "files": str(len(names))}
            tell_owners(connection, found.id, "release-deleted", now, said)
            return row

        return change(self._database, now, actor, project, work)

    def _yank(self, actor: Actor, project: str, version: str, reason: str, *, yanked: bool) -> ReleaseRow | NotDone:
        now = self._clock()

        def work(connection: Connection, who: Principal, found: Project) -> ReleaseRow | NotDone:
            release = _release(connection, found, version)
            if isinstance(release, NotDone):
                return release
            wrong = reason_problem(reason)
            if wrong is not None:
                return wrong
            if (release.yanked, release.yanked_reason) != (yanked, reason):
                withdrawals.set_yanked(connection, release.id, yanked, reason)
                bump_serial(connection, found.id)
                kind = "release:yanked" if yanked else "release:unyanked"
                record(connection, Event(kind, who.name, now, {"version": release.version, "reason": reason}, found.id))
                said = {"by": who.name, "project": found.name, "version": release.version}
                tell_owners(connection, found.id, kind.partition(":")[2], now, said, (("reason", reason),))
            return _row(connection, files.find_release(connection, found.id, release.version) or release)

        return change(self._database, now, actor, project, work)


def reason_problem(reason: str) -> NotDone | None:
    """Why this text cannot be shown to readers as a reason."""
    if len(reason) <= LONGEST_REASON and all(each.isprintable() for each in reason):
        return None
    return not_done(422, "invalid-field", f"`reason`: at most {LONGEST_REASON} characters on one line", "reason")


def _release(connection: Connection, project: Project, version: str) -> Release | NotDone:
    try:
        canonical = str(Version(version))
    except InvalidVersion:
        canonical = version
    found = files.find_release(connection, project.id, canonical)
    return found or not_done(404, "not-found", "`version`: the project has no release of this version", "version")


def _row(connection: Connection, release: Release) -> ReleaseRow:
    listed = files.files_of_project(connection, release.project_id)
    mine = tuple(each for each in listed if each.release_id == release.id)
    return ReleaseRow(release.version, release.yanked, release.yanked_reason, release.created, mine)
