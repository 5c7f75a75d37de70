"""What the public pages of projects read: one release at a time, and never the README of a release that is not shown."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, exists, func, or_, select

from trustpub.storage.projects import COLUMNS, Project, read_project
from trustpub.storage.tables import events, files, projects, releases

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trustpub.domain.claims import JSON
    from trustpub.storage.files import File

QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """One release that has files, as a list of releases shows it."""

    version: str
    yanked: bool
    yanked_reason: str
    created: float


@dataclass(frozen=True, slots=True)
class NewRelease:
    """One release as a feed tells of it."""

    normalized: str
    name: str
    version: str
    summary: str
    created: float


@dataclass(frozen=True, slots=True)
class NewProject:
    """One project as a feed tells of it."""

    normalized: str
    name: str
    summary: str
    created: float


_HAS_FILES = exists().where(files.c.release_id == releases.c.id)


def release_lines(connection: Connection, project_id: int) -> tuple[ReleaseLine, ...]:
    """Every release of the project that has files, oldest first."""
    query = (
        select(releases.c.version, releases.c.yanked, releases.c.yanked_reason, releases.c.created)
        .where(releases.c.project_id == project_id, _HAS_FILES)
        .order_by(releases.c.id)
    )
    return tuple(ReleaseLine(row[0], bool(row[1]), row[2], row[3]) for row in connection.execute(query))


def origins(connection: Connection, project_id: int, shown: Sequence[File]) -> dict[str, Mapping[str, JSON]]:
    """What the audit log keeps about where these files came from, by file name.

    A file and its event are written at one moment, which narrows the log of a project with many releases.
    """
    if not shown:
        return {}
    moments = [file.upload_time for file in shown]
    query = select(events.c.detail).where(
        events.c.project_id == project_id,
        events.c.kind == "file:added",
        events.c.at >= min(moments),
        events.c.at <= max(moments),
    )
    wanted = {file.filename for file in shown}
    found = [json.loads(detail) for detail in connection.execute(query).scalars()]
    return {each["filename"]: each for each in found if each.get("filename") in wanted}


def provenances(connection: Connection, release_id: int) -> dict[str, str]:
    """The provenance of each file of a release that has one, by file name."""
    query = select(files.c.filename, files.c.provenance).where(files.c.release_id == release_id, files.c.provenance.is_not(None))
    return {row[0]: row[1] for row in connection.execute(query)}


def newest_releases(connection: Connection, limit: int, project_id: int | None = None) -> tuple[NewRelease, ...]:
    """The newest releases first, of one project or of the whole index; none of a quarantined project."""
    query = (
        select(projects.c.normalized, projects.c.name, releases.c.version, projects.c.summary, releases.c.created)
        .join_from(releases, projects, releases.c.project_id == projects.c.id)
        .where(projects.c.state != QUARANTINED, _HAS_FILES)
        .order_by(releases.c.id.desc())
        .limit(limit)
    )
    if project_id is not None:
        query = query.where(releases.c.project_id == project_id)
    return tuple(NewRelease(*row) for row in connection.execute(query))


def newest_projects(connection: Connection, limit: int) -> tuple[NewProject, ...]:
    """The newest projects first; no quarantined one."""
    query = (
        select(projects.c.normalized, projects.c.name, projects.c.summary, projects.c.created)
        .where(projects.c.state != QUARANTINED)
        .order_by(projects.c.id.desc())
        .limit(limit)
    )
    return tuple(NewProject(*row) for row in connection.execute(query))


def projects_called(connection: Connection, words: str, limit: int, after: int) -> tuple[Project, ...]:
    """Projects of whatever state whose name holds these words, by name; all of them for no words."""
    query = select(*COLUMNS).order_by(projects.c.normalized).limit(limit).offset(after)
    if words:
        text = words.lower()
        query = query.where(
            or_(
                projects.c.normalized.contains(text, autoescape=True), func.lower(projects.c.name).contains(text, autoescape=True)
            )
        )
    return tuple(read_project(row) for row in connection.execute(query))
