"""`/manage/account/`: name, language and e-mail address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.pages.site import Who
from trustpub.web.pages.visit import PROFILE

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

TEMPLATE = "account/profile.html"
EMAIL = f"{PROFILE}email/"


def routes(site: Site) -> list[Route]:
    """The page, and the form of the address, which asks for more."""
    return [
        site.route(PROFILE, get=show, post=change, who=Who.FULL),
        site.route(EMAIL, get=lambda visit: visit.see_other(PROFILE), post=change_email, who=Who.FULL),
    ]


def show(visit: Visit) -> Response:
    """What the account says."""
    return visit.page(TEMPLATE)


def change(visit: Visit) -> Response:
    """Another name, another language."""
    wanted = {name: visit.form.text(name) for name in ("full_name", "language") if visit.form.has(name)}
    refused = visit.site.accounts.profile.change(visit.caller, wanted)
    return visit.refused(refused, TEMPLATE) if refused else visit.see_other(PROFILE, note="saved")


def change_email(visit: Visit) -> Response:
    """Another address, which counts once it is verified."""
    refused = visit.site.accounts.profile.change(visit.caller, {"email": visit.form.text("email")})
    if refused:
        return visit.refused(refused, TEMPLATE, back=PROFILE)
    return visit.see_other(PROFILE, note="email-changing")
