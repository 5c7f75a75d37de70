"""`/manage/account/password/`: another password, by whoever knows the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.pages.site import Who
from trustpub.web.pages.visit import PROFILE

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = f"{PROFILE}password/"
TEMPLATE = "account/password.html"


def routes(site: Site) -> list[Route]:
    """The form and its answer."""
    return [site.route(PATH, get=show, post=change, who=Who.FULL)]


def show(visit: Visit) -> Response:
    """The form."""
    return visit.page(TEMPLATE)


def change(visit: Visit) -> Response:
    """The new password; all other sessions are ended."""
    refused = visit.site.accounts.passwords.change(visit.caller, visit.form)
    return visit.refused(refused, TEMPLATE) if refused else visit.see_other(PATH, note="password-changed")
