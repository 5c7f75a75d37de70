"""`/manage/account/log/`: what happened in the account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.pages.site import Who
from trustpub.web.pages.told_event import actor_said, detail_said
from trustpub.web.pages.visit import PROFILE

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = f"{PROFILE}log/"
TEMPLATE = "account/log.html"
NEWEST = 100
OWN = frozenset({"user"})
"""Whose log it is."""


def routes(site: Site) -> list[Route]:
    """The page."""
    return [site.route(PATH, get=show, who=Who.FULL)]


def show(visit: Visit) -> Response:
    """The newest events first."""
    found, language = visit.site.accounts.log.of(visit.caller, NEWEST), visit.language
    rows = [(each, actor_said(language, each.actor), detail_said(language, each.detail, OWN)) for each in found]
    return visit.page(TEMPLATE, events=rows, newest=NEWEST)
