"""`/`: what this index is, how to install from it, how to publish to it, and what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.answers import origin
from trustpub.web.pages.site import Who

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

NEWEST = 8


def routes(site: Site) -> list[Route]:
    """One page."""
    return [site.route("/", get=show, who=Who.READER)]


def show(visit: Visit) -> Response:
    """The page; every address on it is this index's own."""
    service = visit.site.service
    address = origin(visit.scope, visit.site.settings.url)
    return visit.page(
        "public/home.html",
        address=address,
        host=address.partition("://")[2].partition("/")[0],
        plain_http=address.startswith("http://"),
        settings=visit.site.settings,
        newest=service.project_pages.newest_releases(NEWEST),
    )
