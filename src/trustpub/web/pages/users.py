"""`/admin/`: the accounts of the index, for those who run it: invite, close, open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.site import Who

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Values, Visit

PATH = "/admin/"
INVITE = f"{PATH}invite/"
ACTIVE = f"{PATH}active/"
TEMPLATE = "account/users.html"


def routes(site: Site) -> list[Route]:
    """The list, and its two forms."""

    def to_list(visit: Visit) -> Response:
        return visit.see_other(PATH)

    return [
        site.route(PATH, get=show, who=Who.ADMIN),
        site.route(INVITE, get=to_list, post=invite, who=Who.ADMIN),
        site.route(ACTIVE, get=to_list, post=set_active, who=Who.ADMIN),
    ]


def show(visit: Visit) -> Response:
    """Every account, and how many mails wait."""
    users = visit.site.accounts.administration.users(visit.caller)
    return visit.refused(users) if isinstance(users, NotDone) else visit.page(TEMPLATE, **_values(visit, users))


def invite(visit: Visit) -> Response:
    """Mail somebody the link to an account of their own."""
    refused = visit.site.accounts.registration.invite(visit.caller, visit.form.text("email"))
    return _again(visit, refused) if refused else visit.see_other(PATH, note="invited")


def set_active(visit: Visit) -> Response:
    """Close an account, or open it again."""
    active = visit.form.text("active") == "yes"
    refused = visit.site.accounts.administration.set_active(visit.caller, visit.form.number("id"), active)
    return _again(visit, refused) if refused else visit.see_other(PATH, note="account-opened" if active else "account-closed")


def _again(visit: Visit, refused: NotDone) -> Response:
    users = visit.site.accounts.administration.users(visit.caller)
    listed = () if isinstance(users, NotDone) else users
    return visit.refused(refused, TEMPLATE, back=PATH, **_values(visit, listed))


def _values(visit: Visit, users: object) -> Values:
    waiting = visit.site.accounts.administration.mails_waiting(visit.caller)
    return {"users": users, "waiting": 0 if isinstance(waiting, NotDone) else waiting}
