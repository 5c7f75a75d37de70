"""`/manage/account/sessions/`: where the account is signed in; each session can be ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.pages.browser_named import browser_named
from trustpub.web.pages.site import Who
from trustpub.web.pages.visit import PROFILE

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = f"{PROFILE}sessions/"
TEMPLATE = "account/sessions.html"


def routes(site: Site) -> list[Route]:
    """The list, and its buttons."""
    return [site.route(PATH, get=show, post=end, who=Who.FULL)]


def show(visit: Visit) -> Response:
    """All sessions of the account."""
    listed = visit.site.accounts.sessions.listed(visit.caller)
    return visit.page(TEMPLATE, sessions=[(each, browser_named(each.agent)) for each in listed])


def end(visit: Visit) -> Response:
    """End one, or all but this."""
    sessions = visit.site.accounts.sessions
    if visit.form.has("others"):
        refused = sessions.end_others(visit.caller)
        return visit.refused(refused) if refused else visit.see_other(PATH, note="sessions-ended")
    refused = sessions.end(visit.caller, visit.form.number("id"))
    return visit.refused(refused) if refused else visit.see_other(PATH, note="session-ended")
