"""`GET /pypi/NAME/json` and `/pypi/NAME/VERSION/json`: a project, or one version of it, for tools that read PyPI's older JSON.

Mirrors: warehouse/legacy/api/json.py @6b62157, its order of keys (that of the alphabet) included. Downloads are -1, as PyPI has
said for ten years.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import Response

from trustpub.domain.names import normalize
from trustpub.web.answers import moved, not_found, origin
from trustpub.web.conditional import matches
from trustpub.web.methods import Only
from trustpub.web.simple import file_url, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.storage.files import File, Release
    from trustpub.usecases.browse import Described
    from trustpub.web.service import Service

PATH = "/pypi/{name}/json"
VERSION_PATH = "/pypi/{name}/{version}/json"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,198}[A-Za-z0-9])?", re.ASCII)
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode

TEXTS = (
    "author", "author_email", "description_content_type", "download_url", "home_page", "license", "license_expression",
    "maintainer", "maintainer_email", "requires_python", "summary",
)  # fmt: skip
"""Keys of `info` whose value is one text or null."""


def routes(service: Service) -> list[BaseRoute]:
    """With and without a slash at the end, as PyPI."""

    async def project_json(scope: Scope, _receive: Receive) -> Response:
        name: str = scope["path_params"]["name"]
        version: str | None = scope["path_params"].get("version")
        if not _NAME.fullmatch(name):
            return not_found()
        normalized = normalize(name)
        if name != normalized:
            rest = "" if version is None else f"{quote(version, safe='')}/"
            return moved(scope, service.settings.url, f"/pypi/{normalized}/{rest}json")
        described = await asyncio.get_running_loop().run_in_executor(service.pool, service.browse.described, normalized, version)
        if described is None:
            return not_found()
        root = origin(scope, service.settings.url)
        return _answer(scope, project(described, root, alone=version is not None), described.listing.serial)

    paths = (PATH, PATH + "/", VERSION_PATH, VERSION_PATH + "/")
    return [Only("GET", path, project_json) for path in paths]


def _answer(scope: Scope, content: JSON, serial: int) -> Response:
    """The answer, or 304 for who has it: tools that watch many projects ask again and again."""
    body = _ENCODE(content).encode("ascii")
    etag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    headers = {
        "etag": etag,
        "cache-control": "no-cache",
        "x-pypi-last-serial": str(serial),
        "x-content-type-options": "nosniff",
    }
    had = next((value for name, value in scope["headers"] if name == b"if-none-match"), b"")
    if had and matches(had, etag.encode()):
        return Response(status_code=304, headers=headers)
    return Response(body, headers={"content-type": "application/json", **headers})


def project(described: Described, root: str, *, alone: bool = False) -> JSON:
    """The whole answer, or with `alone` that about one version, which leaves the other releases out.

    Addresses are absolute here, because its readers keep it and follow them later.
    """
    listing, shown = described.listing, described.latest
    by_version: dict[str, list[JSON]] = {version: [] for version in listing.versions}
    for file in listing.files:
        if not alone or file.version == shown.version:
            by_version[file.version].append(_file(file, root))
    roles: list[JSON] = [{"role": each.role.capitalize(), "user": each.user} for each in described.roles]
    releases: dict[str, JSON] = {} if alone else {"releases": dict(by_version)}
    return {
        "info": _info(listing.name, listing.normalized, shown, root),
        "last_serial": listing.serial,
        "ownership": {"organization": None, "roles": roles},
        **releases,
        "urls": by_version.get(shown.version, []),
        "vulnerabilities": [],
    }


def _info(name: str, normalized: str, release: Release, root: str) -> JSON:
    metadata = release.metadata
    page = f"{root}/project/{normalized}/"
    info: dict[str, JSON] = {key: _text(metadata.get(key)) for key in TEXTS}
    info |= {
        "name": name,
        "version": release.version,
        "description": _text(metadata.get("description")) or "",
        "keywords": _joined(metadata.get("keywords")),
        "platform": _joined(metadata.get("platforms")),
        "classifiers": metadata.get("classifiers") or [],
        "license_files": metadata.get("license_files"),
        "requires_dist": metadata.get("requires_dist"),
        "provides_extra": metadata.get("provides_extra"),
        "dynamic": metadata.get("dynamic"),
        "project_urls": _project_urls(metadata),
        "project_url": page,
        "package_url": page,
        "release_url": f"{page}{quote(release.version)}/",
        "docs_url": None,
        "bugtrack_url": None,
        "downloads": {"last_day": -1, "last_month": -1, "last_week": -1},
        "yanked": release.yanked,
        "yanked_reason": release.yanked_reason or None,
    }
    return dict(sorted(info.items()))


def _file(file: File, root: str) -> JSON:
    return {
        "comment_text": None,
        "core-metadata": {"sha256": file.metadata_sha256} if file.metadata_sha256 else False,
        "digests": {"blake2b_256": file.blake2_256, "md5": file.md5, "sha256": file.sha256},
        "downloads": -1,
        "filename": file.filename,
        "has_sig": False,
        "md5_digest": file.md5,
        "packagetype": file.packagetype,
        "python_version": file.python_version,
        "requires_python": file.requires_python,
        "size": file.size,
        "upload_time": datetime.fromtimestamp(file.upload_time, UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "upload_time_iso_8601": moment(file.upload_time),
        "url": file_url(file, root),
        "yanked": file.yanked,
        "yanked_reason": file.yanked_reason or None,
    }


def _text(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _joined(value: JSON) -> str | None:
    if isinstance(value, list):
        return ",".join(item for item in value if isinstance(item, str)) or None
    return _text(value)


def _project_urls(metadata: Mapping[str, JSON]) -> JSON:
    """Label to address, from either shape: a mapping, or the header's own `Label, https://...`."""
    urls = metadata.get("project_urls")
    if isinstance(urls, list):
        pairs = [item.partition(",") for item in urls if isinstance(item, str)]
        return {label.strip(): address.strip() for label, _, address in pairs} or None
    return urls or None
