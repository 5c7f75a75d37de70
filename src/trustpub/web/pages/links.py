"""Where the pages of projects are, and which addresses that strangers wrote may be links."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

LONGEST = 2000


def project_path(name: str) -> str:
    """A project's public page."""
    return f"/project/{quote(name, safe='')}/"


def release_path(name: str, version: str) -> str:
    """A release's public page."""
    return f"{project_path(name)}{quote(version, safe='')}/"


def manage_path(name: str, page: str = "") -> str:
    """A page on which a project's people manage it."""
    return f"/manage/project/{quote(name, safe='')}/{page}"


def followable(address: str) -> str:
    """The address as a link may hold it; empty for one that is not of the web: `javascript:`, `data:`, a broken one."""
    text = address.strip()
    if len(text) > LONGEST or not text.isprintable() or any(each.isspace() for each in text):
        return ""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme == "mailto":
        return text if parts.path else ""
    return text if parts.scheme in ("http", "https") and host else ""
