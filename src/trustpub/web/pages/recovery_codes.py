"""`/manage/account/recovery-codes/`: new recovery codes, shown once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.site import Who
from trustpub.web.pages.visit import FACTORS, PROFILE

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = f"{PROFILE}recovery-codes/"
TEMPLATE = "account/recovery_codes.html"


def routes(site: Site) -> list[Route]:
    """The button's address."""
    return [site.route(PATH, get=lambda visit: visit.see_other(FACTORS), post=make, who=Who.FULL)]


def make(visit: Visit) -> Response:
    """Eight codes on a page that can be printed; the old ones are void."""
    codes = visit.site.accounts.second_factors.new_recovery_codes(visit.caller)
    if isinstance(codes, NotDone):
        return visit.refused(codes, back=FACTORS)
    return visit.page(TEMPLATE, secret=True, codes=codes)
