"""`/manage/projects/`: what somebody has a role in, what waits for its first use, and what they are invited to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.usecases.projects.invitations import INVITATION
from trustpub.web.pages.site import Who
from trustpub.web.pages.visible import visible

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.usecases.projects.invitations import Invitation
    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = "/manage/projects/"
TEMPLATE = "project/your_projects.html"


def routes(site: Site) -> list[Route]:
    """The list, and the answers to invitations."""
    return [
        site.route(PATH, get=show, who=Who.FULL),
        site.route("/manage/projects/accept/", post=accept, who=Who.FULL),
        site.route("/manage/projects/decline/", post=decline, who=Who.FULL),
        site.route(INVITATION, get=ask, post=answer, who=Who.FULL),
    ]


def show(visit: Visit) -> Response:
    """Everything of theirs."""
    mine = visit.site.projects.mine(visit.caller)
    if isinstance(mine, NotDone):
        return visit.refused(mine)
    return visit.page(TEMPLATE, mine=mine, reasons={each.name: visible(each.state_reason) for each in mine.projects})


def accept(visit: Visit) -> Response:
    """Take a role that was offered."""
    return _done(visit, visit.site.projects.people.accept(visit.caller, visit.form.number("invitation")), "role-accepted")


def decline(visit: Visit) -> Response:
    """Refuse it."""
    return _done(visit, visit.site.projects.people.decline(visit.caller, visit.form.number("invitation")), "declined")


def ask(visit: Visit) -> Response:
    """The page that a mailed link leads to: which role, in which project, from whom."""
    token = visit.query.text("token")
    found = visit.site.projects.people.invitation(visit.caller, token)
    if isinstance(found, NotDone):
        return visit.refused(found)
    return visit.page("project/invitation.html", secret=True, invitation=found, token=token)


def answer(visit: Visit) -> Response:
    """Take or refuse what the mailed link offers."""
    people, link = visit.site.projects.people, visit.form.text("token")
    if visit.form.has("decline"):
        return _done(visit, people.decline(visit.caller, link), "declined")
    return _done(visit, people.accept(visit.caller, link), "role-accepted")


def _done(visit: Visit, done: Invitation | NotDone, note: str) -> Response:
    return visit.refused(done, back=PATH) if isinstance(done, NotDone) else visit.see_other(PATH, note)
