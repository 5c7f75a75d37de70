"""`GET /pypi/NAME/json`: one project for tools that look at PyPI's older JSON.

Mirrors: warehouse/legacy/api/json.py @6b62157. Downloads are -1, as PyPI has said for ten years.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trustpub.domain.names import normalize
from trustpub.web.answers import JsonAnswer, moved, not_found, origin
from trustpub.web.methods import Only
from trustpub.web.simple import file_url, moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.storage.files import File
    from trustpub.usecases.browse import Described
    from trustpub.web.service import Service

PATH = "/pypi/{name}/json"

TEXTS = (
    "author", "author_email", "description_content_type", "download_url", "home_page", "license", "license_expression",
    "maintainer", "maintainer_email", "requires_python", "summary",
)  # fmt: skip
"""Keys of `info` whose value is one text or null."""


def routes(service: Service) -> list[BaseRoute]:
    """With and without a slash at the end, as PyPI."""

    async def project_json(scope: Scope, _receive: Receive) -> Response:
        name: str = scope["path_params"]["name"]
        normalized = normalize(name)
        if name != normalized:
            if not name.isascii() or not name.replace("-", "").replace("_", "").replace(".", "").isalnum():
                return not_found()
            return moved(scope, service.settings.url, f"/pypi/{normalized}/json")
        described = await asyncio.get_running_loop().run_in_executor(service.pool, service.browse.described, normalized)
        if described is None:
            return not_found()
        root = origin(scope, service.settings.url)
        headers = {"cache-control": "no-cache", "x-pypi-last-serial": str(described.listing.serial)}
        return JsonAnswer(project(described, root), headers=headers)

    return [Only("GET", PATH, project_json), Only("GET", PATH + "/", project_json)]


def project(described: Described, root: str) -> JSON:
    """The whole answer; addresses are absolute here, because its readers keep it and follow them later."""
    listing, latest = described.listing, described.latest
    by_version: dict[str, list[JSON]] = {version: [] for version in listing.versions}
    for file in listing.files:
        by_version[file.version].append(_file(file, root))
    metadata = latest.metadata
    info: dict[str, JSON] = {key: _text(metadata.get(key)) for key in TEXTS}
    info |= {
        "name": listing.name,
        "version": latest.version,
        "description": _text(metadata.get("description")) or "",
        "keywords": _joined(metadata.get("keywords")),
        "platform": _joined(metadata.get("platforms")),
        "classifiers": metadata.get("classifiers") or [],
        "license_files": metadata.get("license_files"),
        "requires_dist": metadata.get("requires_dist"),
        "provides_extra": metadata.get("provides_extra"),
        "dynamic": metadata.get("dynamic"),
        "project_urls": _project_urls(metadata),
        "project_url": f"{root}/simple/{listing.normalized}/",
        "package_url": f"{root}/simple/{listing.normalized}/",
        "release_url": f"{root}/simple/{listing.normalized}/",
        "docs_url": None,
        "bugtrack_url": None,
        "downloads": {"last_day": -1, "last_month": -1, "last_week": -1},
        "yanked": latest.yanked,
        "yanked_reason": latest.yanked_reason or None,
    }
    releases: dict[str, JSON] = dict(by_version)
    roles: list[JSON] = [{"role": each.role.capitalize(), "user": each.user} for each in described.roles]
    return {
        "info": info,
        "last_serial": listing.serial,
        "ownership": {"roles": roles, "organization": None},
        "releases": releases,
        "urls": by_version.get(latest.version, []),
        "vulnerabilities": [],
    }


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
