"""`/manage/project/NAME/history/`: what happened in a project, for its owners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.of_project import of_project
from trustpub.web.pages.site import Who
from trustpub.web.pages.told_event import actor_said, detail_said

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.usecases.projects.mine import MyProject
    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

EVENTS = 200


def routes(site: Site) -> list[Route]:
    """One page."""
    return [site.route("/manage/project/{name}/history/", get=of_project(show), who=Who.FULL)]


def show(visit: Visit, project: MyProject) -> Response:
    """The newest events first."""
    found = visit.site.projects.log.of(visit.caller, project.name, EVENTS)
    if isinstance(found, NotDone):
        return visit.refused(found)
    language = visit.language
    rows = [(each, actor_said(language, each.actor), detail_said(language, each.detail)) for each in found]
    return visit.page("project/log.html", project=project, events=rows)
