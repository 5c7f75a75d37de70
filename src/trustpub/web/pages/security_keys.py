"""`/manage/account/two-factor/key/`: a security key is added in two posts (its name, then its answer), and removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.second_factors import TEMPLATE
from trustpub.web.pages.second_step import CEREMONY
from trustpub.web.pages.site import Who
from trustpub.web.pages.visit import FACTORS

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = f"{FACTORS}key/"
REMOVE = f"{PATH}remove/"


def routes(site: Site) -> list[Route]:
    """Add and remove."""

    def to_factors(visit: Visit) -> Response:
        return visit.see_other(FACTORS)

    return [
        site.route(PATH, get=to_factors, post=add, who=Who.FULL),
        site.route(REMOVE, get=to_factors, post=remove, who=Who.FULL),
    ]


def add(visit: Visit) -> Response:
    """What to ask the new key, or its answer."""
    factors, label = visit.site.accounts.second_factors, visit.form.text("label")
    if not visit.form.has("answer"):
        options = factors.begin_key(visit.caller)
        if isinstance(options, NotDone):
            return visit.refused(options, back=FACTORS)
        return visit.page(CEREMONY, options=options, asks="create", to=PATH, label=label, next="", back=FACTORS)
    refused = factors.add_key(visit.caller, label, visit.form["answer"])
    if refused:
        return visit.refused(refused, TEMPLATE, back=FACTORS, factors=factors.listed(visit.caller))
    return visit.see_other(FACTORS, note="key-added")


def remove(visit: Visit) -> Response:
    """One key less."""
    refused = visit.site.accounts.second_factors.remove_key(visit.caller, visit.form.number("id"))
    return visit.refused(refused, back=FACTORS) if refused else visit.see_other(FACTORS, note="key-removed")
