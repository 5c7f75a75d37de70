"""A project as the simple API's JSON tells it, read strictly: what is not as agreed is an error, never a guess.

Mirrors: PEP 691, 700, 708, 714, 740 and 792.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import urljoin

from packaging.utils import parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from trustpub.domain.index_project import IndexFile
from trustpub.parties.index.asking import nonsense

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trustpub.domain.claims import JSON
    from trustpub.parties.index.asking import Object

Status = Literal["active", "archived", "quarantined", "deprecated"]
STATUSES = ("active", "archived", "quarantined", "deprecated")
ACCEPT = "application/vnd.pypi.simple.v1+json"


def status_of(page: Object, url: str) -> Status | str:
    """The project's status, `active` where the index does not say (PEP 792); any other word as it stands."""
    told = page.get("project-status", {})
    status = told.get("status", "active") if isinstance(told, dict) else None
    if not isinstance(status, str):
        raise nonsense(url, "`project-status`", "a status (PEP 792)")
    return cast("Status", status) if status in STATUSES else status


def files_of(page: Object, url: str) -> tuple[IndexFile, ...]:
    """The files of a project, the newest versions last; within a version in the index's order."""
    meta = page.get("meta")
    version = meta.get("api-version") if isinstance(meta, dict) else None
    if not isinstance(version, str) or not version.startswith("1."):
        raise nonsense(url, "`meta.api-version`", "a 1.x, the simple API that is known here (PEP 691)")
    rows = page.get("files")
    if not isinstance(rows, list):
        raise nonsense(url, "`files`", "a list")
    listed = page.get("versions", [])
    versions = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
    files = [_file(row, versions, url) for row in rows]
    return tuple(sorted(files, key=lambda file: _key(file.version)))


def latest_of(files: Sequence[IndexFile]) -> str:
    """The newest version with a file that is not yanked; a pre-release only when there is nothing else, as PyPI shows it."""
    kept = [file for file in files if not file.yanked] or files
    return max((file.version for file in kept if file.version), key=lambda version: (_final(version), _key(version)), default="")


def _file(row: JSON, versions: Sequence[str], url: str) -> IndexFile:
    if not isinstance(row, dict):
        raise nonsense(url, "one of `files`", "a JSON object")
    filename = row.get("filename")
    if not isinstance(filename, str) or not filename or not filename.isprintable():
        raise nonsense(url, "the `filename` of one of `files`", "a file's name")
    hashes, size, yanked = row.get("hashes"), row.get("size"), row.get("yanked", False)
    sha256 = hashes.get("sha256", "") if isinstance(hashes, dict) else None
    if not isinstance(sha256, str):
        raise nonsense(url, f"the `hashes` of `{filename}`", "hashes by name")
    if not isinstance(yanked, bool | str):
        raise nonsense(url, f"`yanked` of `{filename}`", "true, false or a reason")
    return IndexFile(
        filename,
        _version(filename, versions),
        _moment(row.get("upload-time"), filename, url),
        sha256,
        size if isinstance(size, int) and not isinstance(size, bool) else None,
        yanked is not False,
        _provenance(row, filename, url),
    )


def _provenance(row: Object, filename: str, url: str) -> str | None:
    """Where its provenance is; empty for a file without any, None when the index does not speak of it (PEP 740)."""
    if "provenance" not in row:
        return None
    told = row["provenance"]
    if told is None:
        return ""
    if not isinstance(told, str):
        raise nonsense(url, f"`provenance` of `{filename}`", "an address")
    return urljoin(url, told)


def _moment(told: JSON, filename: str, url: str) -> float | None:
    """Seconds since the epoch; None when the index does not say (PEP 700 came later than PEP 691)."""
    if told is None:
        return None
    try:
        moment = datetime.fromisoformat(told) if isinstance(told, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise nonsense(url, f"`upload-time` of `{filename}`", "a moment in UTC (PEP 700)")
    return moment.timestamp()


def _version(filename: str, versions: Sequence[str]) -> str:
    """The version that a file's name carries: the page does not say it. Old kinds of files by the list of versions."""
    try:
        if filename.endswith(".whl"):
            return str(parse_wheel_filename(filename)[1])
        if filename.endswith((".tar.gz", ".zip")):
            return str(parse_sdist_filename(filename)[1])
    except ValueError:  # also for a number that is too long to be one
        pass
    return max((each for each in versions if f"-{each}" in filename), key=len, default="")


def _key(version: str) -> tuple[int, Version | str]:
    try:
        return 1, Version(version)
    except ValueError:
        return 0, version


def _final(version: str) -> bool:
    key = _key(version)[1]
    return isinstance(key, Version) and not key.is_prerelease
