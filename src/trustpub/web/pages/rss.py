"""`/rss/...`: what is new, for feed readers: the newest releases, the newest projects, and the releases of one project.

Mirrors: warehouse/rss/views.py @6b62157.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from starlette.responses import Response

from trustpub.web.answers import origin
from trustpub.web.pages.links import project_path, release_path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.routing import Route

    from trustpub.storage.project_pages import NewRelease
    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

HEADERS = {
    "cache-control": "no-cache",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
_NOT_IN_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(55296, 57344), 65534, 65535), "�")

Item = tuple[str, str, str, float]
"""Title, path, description, when (seconds since the epoch)."""


def routes(site: Site) -> list[Route]:
    """Three feeds. Of a private index only who shows a token gets this far (`web.private`)."""
    return [
        site.route("/rss/updates.xml", get=updates),
        site.route("/rss/packages.xml", get=packages),
        site.route("/rss/project/{name}/releases.xml", get=releases),
    ]


def updates(visit: Visit) -> Response:
    """The newest releases of the index."""
    found = visit.site.service.project_pages.newest_releases()
    title = f"{visit.site.name} newest releases"
    return _feed(visit, title, "/", (_item(each, f"{each.name} {each.version}") for each in found))


def packages(visit: Visit) -> Response:
    """The newest projects of the index."""
    found = visit.site.service.project_pages.newest_projects()
    items = ((f"{each.name} added", project_path(each.normalized), each.summary, each.created) for each in found)
    return _feed(visit, f"{visit.site.name} newest projects", "/", items)


def releases(visit: Visit) -> Response:
    """The newest releases of one project."""
    found = visit.site.service.project_pages.releases_of(visit.part("name"))
    if found is None:
        return visit.nothing_here()
    project, newest = found
    title = f"{visit.site.name} recent releases of {project.name}"
    return _feed(visit, title, project_path(project.normalized), (_item(each, each.version) for each in newest))


def _item(release: NewRelease, title: str) -> Item:
    return title, release_path(release.normalized, release.version), release.summary, release.created


def _feed(visit: Visit, title: str, path: str, items: Iterable[Item]) -> Response:
    root = origin(visit.scope, visit.site.settings.url)
    return Response(feed(title, root, path, items), 200, HEADERS, media_type="text/xml")


def feed(title: str, root: str, path: str, items: Iterable[Item]) -> str:
    """The feed as RSS 2.0; whatever XML cannot hold becomes a replacement character."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<rss version="2.0">',
        "<channel>",
        f"<title>{_text(title)}</title>",
        f"<link>{_text(root + path)}</link>",
        f"<description>{_text(title)}</description>",
        "<language>en</language>",
    ]
    for name, where, said, at in items:
        lines += [
            "<item>",
            f"<title>{_text(name)}</title>",
            f"<link>{_text(root + where)}</link>",
            f'<guid isPermaLink="true">{_text(root + where)}</guid>',
            f"<description>{_text(said)}</description>",
            f"<pubDate>{format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True)}</pubDate>",
            "</item>",
        ]
    return "\n".join([*lines, "</channel>", "</rss>", ""])


def _text(text: str) -> str:
    return escape(text.translate(_NOT_IN_XML))
