"""`/manage/project/NAME/collaboration/`: who has which role, who is invited; inviting, changing, removing, leaving."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.again import page_or_again
from trustpub.web.pages.of_project import finished, of_project
from trustpub.web.pages.site import Who
from trustpub.web.pages.your_projects import PATH as YOUR_PROJECTS

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.usecases.projects.mine import MyProject
    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PAGE = "collaboration/"
PATH = f"/manage/project/{{name}}/{PAGE}"
TEMPLATE = "project/people.html"


def routes(site: Site) -> list[Route]:
    """One page, and an address for each thing that it changes."""
    return [
        site.route(PATH, get=of_project(show), post=of_project(invite), who=Who.PROVEN),
        site.route(PATH + "cancel/", post=of_project(cancel), who=Who.PROVEN),
        site.route(PATH + "change/", post=of_project(change), who=Who.PROVEN),
        site.route(PATH + "remove/", post=of_project(remove), who=Who.PROVEN),
        site.route(PATH + "leave/", post=of_project(leave), who=Who.PROVEN),
    ]


def show(visit: Visit, project: MyProject) -> Response:
    """The people."""
    return _page(visit, project)


def invite(visit: Visit, project: MyProject) -> Response:
    """Offer a role; the link is mailed."""
    done = visit.site.projects.people.invite(visit.caller, project.name, visit.form.text("who"), visit.form.text("role"))
    return _page(visit, project, done) if isinstance(done, NotDone) else finished(visit, project, done, PAGE, "invited")


def cancel(visit: Visit, project: MyProject) -> Response:
    """Take an offer back."""
    done = visit.site.projects.people.cancel(visit.caller, project.name, visit.form.number("invitation"))
    return finished(visit, project, done, PAGE, "invitation-cancelled")


def change(visit: Visit, project: MyProject) -> Response:
    """Make an owner of a maintainer, or the other way round."""
    done = visit.site.projects.people.change_role(visit.caller, project.name, visit.form.text("user"), visit.form.text("role"))
    return finished(visit, project, done, PAGE, "role-changed")


def remove(visit: Visit, project: MyProject) -> Response:
    """Take somebody's role away."""
    done = visit.site.projects.people.remove(visit.caller, project.name, visit.form.text("user"))
    return finished(visit, project, done, PAGE, "role-removed")


def leave(visit: Visit, project: MyProject) -> Response:
    """Give the own role back."""
    done = visit.site.projects.people.leave(visit.caller, project.name)
    return visit.refused(done, back=YOUR_PROJECTS) if isinstance(done, NotDone) else visit.see_other(YOUR_PROJECTS, "left")


def _page(visit: Visit, project: MyProject, why: NotDone | None = None) -> Response:
    listed = visit.site.projects.people.listed(visit.caller, project.name)
    if isinstance(listed, NotDone):
        return visit.refused(listed)
    return page_or_again(visit, TEMPLATE, why, project=project, listed=listed)
