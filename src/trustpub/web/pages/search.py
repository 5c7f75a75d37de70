"""`/search/?q=WORDS`: projects by words. A plain form with GET, so that an address is a search."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from trustpub.web.pages.site import Who

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

AT_ONCE = 20
FARTHEST = 500
"""The last page that is given: whoever looks further gives more words."""
LONGEST = 200


def routes(site: Site) -> list[Route]:
    """One page."""
    return [site.route("/search/", get=show, who=Who.READER)]


def show(visit: Visit) -> Response:
    """The hits, so many at once."""
    words = visit.query.text("q")[:LONGEST]
    page = min(max(visit.query.number("page"), 1), FARTHEST)
    hits = visit.site.service.search.find(words, AT_ONCE + 1, (page - 1) * AT_ONCE)
    return visit.page(
        "public/search.html",
        q=words,
        hits=hits[:AT_ONCE],
        page=page,
        before=_address(words, page - 1) if page > 1 else "",
        after=_address(words, page + 1) if len(hits) > AT_ONCE and page < FARTHEST else "",
    )


def _address(words: str, page: int) -> str:
    return f"/search/?{urlencode({'q': words, 'page': page})}"
