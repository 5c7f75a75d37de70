"""`/admin/projects/`: every project, in whatever state, for whoever runs the index; quarantine and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from trustpub.usecases.not_done import NotDone
from trustpub.usecases.project_pages import PROJECTS_AT_ONCE
from trustpub.web.pages.site import Who
from trustpub.web.pages.visible import visible

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = "/admin/projects/"
PROJECT = "/admin/projects/{name}/"


def routes(site: Site) -> list[Route]:
    """The list, and one project."""
    return [
        site.route(PATH, get=show, who=Who.ADMIN),
        site.route(PROJECT, get=project, who=Who.ADMIN),
        site.route(PROJECT + "quarantine/", post=quarantine, who=Who.ADMIN),
        site.route(PROJECT + "release/", post=release, who=Who.ADMIN),
    ]


def show(visit: Visit) -> Response:
    """So many at once, by name."""
    words, page = visit.query.text("name")[:200], max(visit.query.number("page"), 1)
    found = visit.site.service.project_pages.all_projects(visit.caller, words, (page - 1) * PROJECTS_AT_ONCE)
    if isinstance(found, NotDone):
        return visit.refused(found)
    after = f"{PATH}?{urlencode({'name': words, 'page': page + 1})}" if len(found) > PROJECTS_AT_ONCE else ""
    rows = [(each, visible(each.reason)) for each in found[:PROJECTS_AT_ONCE]]
    return visit.page("project/admin_projects.html", words=words, projects=rows, after=after)


def project(visit: Visit) -> Response:
    """One project, and what an administrator does with it."""
    found = visit.site.projects.get(visit.caller, visit.part("name"))
    if isinstance(found, NotDone):
        return visit.nothing_here() if found.status == 404 else visit.refused(found)
    return visit.page("project/admin_project.html", project=found, reason=visible(found.state_reason))


def quarantine(visit: Visit) -> Response:
    """Hide every file, with the reason that readers see."""
    done = visit.site.projects.lifecycle.quarantine(visit.caller, visit.part("name"), visit.form.text("reason"))
    return visit.refused(done, back=PATH) if isinstance(done, NotDone) else visit.see_other(PATH, "quarantined")


def release(visit: Visit) -> Response:
    """Let the project be seen again."""
    done = visit.site.projects.lifecycle.release(visit.caller, visit.part("name"))
    return visit.refused(done, back=PATH) if isinstance(done, NotDone) else visit.see_other(PATH, "released")
