"""A project's page as the index behind this one writes it (PEP 691 with 592, 700, 708, 714 and 792), read strictly.

Nothing of it is passed on that is not understood: a file without a SHA-256, with an odd name, or at an address that may not be
called is left out; a page that is not one, or is another project's, is an error.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from trustpub.domain.names import normalize
from trustpub.errors import Unreachable
from trustpub.parties.upstream.port import UpstreamFile, UpstreamPage
from trustpub.parties.wire import is_callable, is_loopback, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON

TYPE = "application/vnd.pypi.simple.v1+json"
LONGEST_TEXT = 500
"""Characters of a text that is passed on (a requirement, a reason)."""
MOST_FILES = 100_000
STATUSES = ("active", "archived", "quarantined", "deprecated")
LARGEST_FILE = 1 << 40

_FILENAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!-]{0,254}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+!_-]{0,99}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?Z", re.ASCII)


def read_page(body: bytes, name: str, url: str, etag: str) -> UpstreamPage:
    """The page of the project `name` that was found at `url`. Raises `Unreachable` for what is no such page."""
    try:
        page: JSON = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise _nonsense(url, "it is not JSON in UTF-8") from None
    if not isinstance(page, dict):
        raise _nonsense(url, "it is no JSON object")
    meta, said, files = page.get("meta"), page.get("name"), page.get("files")
    version = meta.get("api-version") if isinstance(meta, dict) else None
    if not isinstance(version, str) or not version.startswith("1."):
        raise _nonsense(url, "its `api-version` is none that is known here")
    if not isinstance(said, str) or not said.isascii() or normalize(said) != name:
        raise _nonsense(url, "it is another project's")
    if not isinstance(files, list) or len(files) > MOST_FILES:
        raise _nonsense(url, "it has no list of files, or one without end")
    status, reason = _status(page.get("project-status"))
    found = {file.filename: file for file in (_file(each, url) for each in files) if file is not None}
    listed = () if status == "quarantined" else tuple(found.values())
    versions = page.get("versions")
    told = [each for each in versions if isinstance(each, str) and _VERSION.fullmatch(each)] if isinstance(versions, list) else []
    return UpstreamPage(name, url, etag, status, reason, tuple(told), listed, _alternates(page.get("alternate-locations")))


def may_call(url: str, page: str) -> bool:
    """Whether an address that the page at `page` names may be called: https, or this machine when the page is there itself."""
    return is_callable(url) and (urlsplit(url).scheme == "https" or is_loopback(page))


def _file(entry: JSON, url: str) -> UpstreamFile | None:
    if not isinstance(entry, dict):
        return None
    filename, address, hashes = entry.get("filename"), entry.get("url"), entry.get("hashes")
    sha256 = hashes.get("sha256") if isinstance(hashes, dict) else None
    if not (isinstance(filename, str) and _FILENAME.fullmatch(filename) and isinstance(address, str)):
        return None
    if not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)):
        return None
    try:
        absolute = urljoin(url, address).partition("#")[0]
    except ValueError:
        return None
    if not may_call(absolute, url):
        return None
    size, yanked = entry.get("size"), entry.get("yanked", False)
    told = entry.get("upload-time")
    return UpstreamFile(
        filename,
        absolute,
        sha256,
        size if isinstance(size, int) and not isinstance(size, bool) and 0 <= size < LARGEST_FILE else None,
        _text(entry.get("requires-python")),
        told if isinstance(told, str) and _MOMENT.fullmatch(told) else None,
        yanked if isinstance(yanked, bool) else _text(yanked) or True,
        _metadata(entry),
    )


def _metadata(entry: Mapping[str, JSON]) -> str | None:
    told = entry.get("core-metadata", entry.get("dist-info-metadata", entry.get("data-dist-info-metadata")))
    sha256 = told.get("sha256") if isinstance(told, dict) else None
    return sha256 if isinstance(sha256, str) and _SHA256.fullmatch(sha256) else None


def _text(value: JSON) -> str | None:
    """One line of text that may be shown, or nothing."""
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_TEXT and value.isprintable() else None


def _status(told: JSON) -> tuple[str, str]:
    status = told.get("status") if isinstance(told, dict) else "active"
    reason = _text(told.get("reason")) if isinstance(told, dict) else None
    return (status, reason or "") if isinstance(status, str) and status in STATUSES else ("active", "")


def _alternates(told: JSON) -> tuple[str, ...]:
    urls = told if isinstance(told, list) else []
    return tuple(url for url in urls[:100] if isinstance(url, str) and len(url) <= LONGEST_TEXT and is_callable(url))


def _nonsense(url: str, why: str) -> Unreachable:
    return Unreachable(f"the page `{shown(url)}`", why=why, next_step="Check `[upstream] url`: it is the address of simple pages")
