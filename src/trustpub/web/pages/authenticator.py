"""`/manage/account/two-factor/totp/`: an authenticator app is added with a picture and its first code, and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.site import Who
from trustpub.web.pages.visit import FACTORS

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = f"{FACTORS}totp/"
CONFIRM = f"{PATH}confirm/"
REMOVE = f"{PATH}remove/"
TEMPLATE = "account/authenticator.html"


def routes(site: Site) -> list[Route]:
    """Begin, confirm, remove."""

    def to_factors(visit: Visit) -> Response:
        return visit.see_other(FACTORS)

    return [
        site.route(PATH, get=to_factors, post=begin, who=Who.FULL),
        site.route(CONFIRM, get=to_factors, post=confirm, who=Who.FULL),
        site.route(REMOVE, get=to_factors, post=remove, who=Who.FULL),
    ]


def begin(visit: Visit) -> Response:
    """The picture to scan, and the field for the first code."""
    offer = visit.site.accounts.second_factors.begin_totp(visit.caller)
    if isinstance(offer, NotDone):
        return visit.refused(offer, back=FACTORS)
    picture = Markup(offer.svg)  # noqa: S704 - drawn by us
    return visit.page(TEMPLATE, secret=True, offer=offer, picture=picture)


def confirm(visit: Visit) -> Response:
    """On, if the code is right; else the field again: the app has its secret already, and another picture would void it."""
    refused = visit.site.accounts.second_factors.confirm_totp(visit.caller, visit.form.text("code"))
    if refused is None:
        return visit.see_other(FACTORS, note="totp-on")
    return visit.refused(refused, TEMPLATE, back=FACTORS, offer=None, picture="")


def remove(visit: Visit) -> Response:
    """Off."""
    refused = visit.site.accounts.second_factors.remove_totp(visit.caller)
    return visit.refused(refused, back=FACTORS) if refused else visit.see_other(FACTORS, note="totp-off")
