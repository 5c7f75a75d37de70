"""`/manage/account/two-factor/`: what the account has beside its password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.pages.site import Who
from trustpub.web.pages.visit import FACTORS

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

TEMPLATE = "account/second_factors.html"


def routes(site: Site) -> list[Route]:
    """The page; each factor has a file of its own."""
    return [site.route(FACTORS, get=show, who=Who.FULL)]


def show(visit: Visit) -> Response:
    """The authenticator app, the security keys, the recovery codes."""
    return visit.page(TEMPLATE, factors=visit.site.accounts.second_factors.listed(visit.caller))
