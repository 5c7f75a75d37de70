"""`/account/reset-password/?token=...`: the link of somebody who forgot their password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.pages.forgotten_password import TEMPLATE as ASK_AGAIN
from trustpub.web.pages.visit import SIGN_IN

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = "/account/reset-password/"
TEMPLATE = "account/new_password.html"


def routes(site: Site) -> list[Route]:
    """The form and its answer."""
    return [site.route(PATH, get=show, post=reset)]


def show(visit: Visit) -> Response:
    """The form, or that the link is worth nothing any more."""
    token = visit.query.text("token")
    refused = visit.site.accounts.passwords.reset_of(token)
    return visit.refused(refused, ASK_AGAIN, sent=False) if refused else visit.page(TEMPLATE, secret=True, token=token)


def reset(visit: Visit) -> Response:
    """The new password; every session is ended, this browser's too."""
    token = visit.form.text("token")
    refused = visit.site.accounts.passwords.reset(token, visit.form, visit.address)
    if refused and refused.code == "link-over":
        return visit.refused(refused, ASK_AGAIN, sent=False)
    if refused:
        return visit.refused(refused, TEMPLATE, secret=True, token=token)
    return visit.site.ended(visit, visit.see_other(SIGN_IN, note="password-set"))
