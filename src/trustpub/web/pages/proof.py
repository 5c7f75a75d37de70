"""`/account/reauthenticate/`: the password again, before anything dangerous."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.site import Who
from trustpub.web.pages.visit import PROFILE, PROVE

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

TEMPLATE = "account/proof.html"


def routes(site: Site) -> list[Route]:
    """The form and its answer."""
    return [site.route(PROVE, get=show, post=prove, who=Who.FULL)]


def show(visit: Visit) -> Response:
    """The form."""
    return visit.page(TEMPLATE, next=visit.next_path(PROFILE))


def prove(visit: Visit) -> Response:
    """The session gets a new cookie, and the visitor goes back to what they wanted to do."""
    then = visit.next_path(PROFILE)
    session = visit.site.accounts.passwords.prove(visit.caller, visit.form)
    if isinstance(session, NotDone):
        return visit.refused(session, TEMPLATE, next=then)
    return visit.site.began(visit, session, visit.see_other(then, note="proven"))
