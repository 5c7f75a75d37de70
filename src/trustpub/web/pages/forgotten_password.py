"""`/account/request-password-reset/`: a mail for whoever forgot their password. The page never says if there is an account."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = "/account/request-password-reset/"
TEMPLATE = "account/forgotten_password.html"


def routes(site: Site) -> list[Route]:
    """The form and its answer."""
    return [site.route(PATH, get=show, post=ask)]


def show(visit: Visit) -> Response:
    """The form."""
    return visit.page(TEMPLATE, sent=False)


def ask(visit: Visit) -> Response:
    """The same answer for every address."""
    visit.site.accounts.passwords.forgot(visit.form.text("email"), visit.address)
    return visit.page(TEMPLATE, sent=True)
