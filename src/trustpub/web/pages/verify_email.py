"""`/account/verify-email/?token=...`: the link in a mail. A button verifies, since programs open links before people do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.site import Who
from trustpub.web.pages.visit import FACTORS, PROFILE, SIGN_IN

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = "/account/verify-email/"
AGAIN = "/manage/account/verify-email/"
TEMPLATE = "account/verify_email.html"


def routes(site: Site) -> list[Route]:
    """The link's page, and the button that has another mail sent."""
    return [
        site.route(PATH, get=show, post=verify),
        site.route(AGAIN, get=lambda visit: visit.see_other(PROFILE), post=again, who=Who.FULL),
    ]


def show(visit: Visit) -> Response:
    """The button."""
    return visit.page(TEMPLATE, secret=True, token=visit.query.text("token"))


def verify(visit: Visit) -> Response:
    """The address is proven. Whoever is signed in here goes on, to the second factor if there is none; others sign in."""
    user = visit.site.accounts.registration.verify(visit.form.text("token"))
    if isinstance(user, NotDone):
        return visit.refused(user, TEMPLATE, secret=True, token="")
    if visit.who is None:
        return visit.see_other(SIGN_IN, note="verified")
    return visit.see_other(PROFILE if visit.who.second_factor else FACTORS, note="verified")


def again(visit: Visit) -> Response:
    """Another mail."""
    refused = visit.site.accounts.registration.resend(visit.caller)
    return visit.refused(refused, back=PROFILE) if refused else visit.see_other(PROFILE, note="mail-sent")
