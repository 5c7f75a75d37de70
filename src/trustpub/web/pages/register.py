"""`/account/register/`: a new account; by invitation with the secret of the mailed link in `?token=`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.visit import FACTORS, PROFILE

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.usecases.accounts import NewSession
    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = "/account/register/"
TEMPLATE = "account/register.html"


def routes(site: Site) -> list[Route]:
    """The form and its answer."""
    return [site.route(PATH, get=show, post=register)]


def show(visit: Visit) -> Response:
    """The form, or why there is none."""
    token = visit.query.text("token")
    if visit.who is not None:
        return visit.see_other(PROFILE)
    if not token:
        form = visit.site.settings.accounts.registration == "open"
        return _page(visit, "") if form else visit.trouble(403, f"registration-{visit.site.settings.accounts.registration}")
    email = visit.site.accounts.registration.invited(token)
    return visit.refused(email) if isinstance(email, NotDone) else _page(visit, token, email)


def register(visit: Visit) -> Response:
    """The account, signed in at once; what it waits for next is its mail."""
    token = visit.form.text("token")
    given = {**visit.form, "language": visit.language}
    session = visit.site.accounts.registration.register(given, visit.address, visit.agent, token)
    if isinstance(session, NotDone):
        return visit.refused(session, TEMPLATE, secret=bool(token), token=token, invited="")
    return visit.site.began(visit, session, _welcome(visit, session))


def _welcome(visit: Visit, session: NewSession) -> Response:
    """An invited person's address is proven by the invitation's link; others wait for a mail."""
    if session.user.email_verified:
        return visit.see_other(FACTORS, note="welcome-verified")
    return visit.see_other(PROFILE, note="welcome")


def _page(visit: Visit, token: str, email: str = "") -> Response:
    return visit.page(TEMPLATE, secret=bool(token), token=token, invited=email)
