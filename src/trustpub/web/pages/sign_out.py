"""`POST /account/logout/`: ends this session."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = "/account/logout/"


def routes(site: Site) -> list[Route]:
    """The button's address; opened by hand it leads to the first page."""
    return [site.route(PATH, get=lambda visit: visit.see_other("/"), post=sign_out)]


def sign_out(visit: Visit) -> Response:
    """Forget the session here and in the browser."""
    if visit.who is not None:
        visit.site.accounts.sign_in.sign_out(visit.who)
    return visit.site.ended(visit, visit.see_other("/", note="signed-out"))
