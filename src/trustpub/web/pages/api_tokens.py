"""`/manage/account/token/`: API tokens: listed, made (the text is shown once), revoked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.site import Who
from trustpub.web.pages.visit import PROFILE

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Values, Visit

PATH = f"{PROFILE}token/"
REVOKE = f"{PATH}revoke/"
TEMPLATE = "account/api_tokens.html"
SHOWN_ONCE = "account/new_token.html"


def routes(site: Site) -> list[Route]:
    """The list with the form of a new one, and the revoking."""
    return [
        site.route(PATH, get=show, post=create, who=Who.FULL),
        site.route(REVOKE, get=lambda visit: visit.see_other(PATH), post=revoke, who=Who.FULL),
    ]


def show(visit: Visit) -> Response:
    """The tokens that are not revoked."""
    return visit.page(TEMPLATE, **_values(visit))


def create(visit: Visit) -> Response:
    """A new one, on a page that nobody keeps."""
    made = visit.site.accounts.api_tokens.create(visit.caller, visit.form)
    if isinstance(made, NotDone):
        return visit.refused(made, TEMPLATE, **_values(visit))
    return visit.page(SHOWN_ONCE, secret=True, made=made)


def revoke(visit: Visit) -> Response:
    """One token less."""
    refused = visit.site.accounts.api_tokens.revoke(visit.caller, visit.form.number("id"))
    return visit.refused(refused, back=PATH) if refused else visit.see_other(PATH, note="token-revoked")


def _values(visit: Visit) -> Values:
    mine = visit.site.projects.mine(visit.caller)
    projects = [] if isinstance(mine, NotDone) else [(each.name, each.name) for each in mine.projects]
    return {"tokens": visit.site.accounts.api_tokens.listed(visit.caller), "projects": projects}
