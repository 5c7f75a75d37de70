"""`/account/login/`: user name and password, then on to the second step for whoever has one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.visit import SECOND_STEP, SIGN_IN, with_next

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

TEMPLATE = "account/sign_in.html"
AFTERWARDS = "/manage/projects/"


def routes(site: Site) -> list[Route]:
    """The form and its answer."""
    return [site.route(SIGN_IN, get=show, post=sign_in)]


def show(visit: Visit) -> Response:
    """The form; whoever is signed in already goes on."""
    then = visit.next_path(AFTERWARDS)
    if visit.who is not None and visit.who.level == "full":
        return visit.see_other(then)
    return visit.page(TEMPLATE, next=then)


def sign_in(visit: Visit) -> Response:
    """A new session, and on: to the second step, or to where the visitor wanted to go."""
    then = visit.next_path(AFTERWARDS)
    # The password exactly as it was typed: blanks are part of it.
    began = visit.site.accounts.sign_in.password(
        visit.form.text("username"), visit.form.get("password", ""), visit.address, visit.agent
    )
    if isinstance(began, NotDone):
        return visit.refused(began, TEMPLATE, next=then)
    answer = visit.see_other(then if began.level == "full" else with_next(SECOND_STEP, then))
    return visit.site.began(visit, began, answer)
