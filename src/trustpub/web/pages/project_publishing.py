"""`/manage/project/NAME/settings/publishing/`: the publishers of a project: list, form, constrain, remove, test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.again import page_or_again
from trustpub.web.pages.links import manage_path
from trustpub.web.pages.of_project import finished, of_project
from trustpub.web.pages.publisher_form import form_shown, link, values_of
from trustpub.web.pages.publisher_test import tested
from trustpub.web.pages.site import Who

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.usecases.projects.mine import MyProject
    from trustpub.usecases.publishing import Registration
    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

    One = Callable[[Visit, MyProject, Registration], Response]

PAGE = "settings/publishing/"
PATH = f"/manage/project/{{name}}/{PAGE}"
TEMPLATE = "publishing/project.html"


def routes(site: Site) -> list[Route]:
    """The page, and those of one publisher."""
    return [
        site.route(PATH, get=of_project(show), post=of_project(add), who=Who.PROVEN),
        site.route(PATH + "test/", get=of_project(test), post=of_project(test), who=Who.PROVEN),
        site.route(PATH + "{id}/remove/", get=of_project(_one(ask)), post=of_project(_one(remove)), who=Who.PROVEN),
        site.route(PATH + "{id}/constrain/", get=of_project(_one(limits)), post=of_project(_one(constrain)), who=Who.PROVEN),
    ]


def show(visit: Visit, project: MyProject) -> Response:
    """The list and the form, which an address may fill in."""
    return _page(visit, project)


def add(visit: Visit, project: MyProject) -> Response:
    """Let a publisher upload to the project."""
    done = visit.site.publishing.add(visit.caller, project.name, dict(visit.form))
    if isinstance(done, NotDone):
        return _page(visit, project, done)
    return finished(visit, project, done, PAGE, "publisher-added" if done.new else "publisher-there")


def ask(visit: Visit, project: MyProject, each: Registration) -> Response:
    """The page that asks before one is removed."""
    return visit.page("publishing/remove.html", project=project, each=each, above=manage_path(project.normalized, PAGE))


def remove(visit: Visit, project: MyProject, each: Registration) -> Response:
    """Take it from the project."""
    return finished(visit, project, visit.site.publishing.remove(visit.caller, each.id), PAGE, "publisher-removed")


def limits(visit: Visit, project: MyProject, each: Registration) -> Response:
    """What the publisher is held to, as a form."""
    return _limits(visit, project, each)


def constrain(visit: Visit, project: MyProject, each: Registration) -> Response:
    """Hold it to what the form says."""
    done = visit.site.publishing.constrain(visit.caller, each.id, dict(visit.form))
    if isinstance(done, NotDone):
        return _limits(visit, project, each, done)
    return finished(visit, project, done, PAGE, "publisher-constrained")


def test(visit: Visit, project: MyProject) -> Response:
    """What pasted claims would get from the project's publishers."""
    found = visit.site.publishing.of_project(visit.caller, project.name)
    if isinstance(found, NotDone):
        return visit.refused(found)
    return tested(visit, found, project, manage_path(project.normalized, PAGE))


def _one(page: One) -> Callable[[Visit, MyProject], Response]:
    """A page about one publisher of the project."""

    def answer(visit: Visit, project: MyProject) -> Response:
        listed = visit.site.publishing.of_project(visit.caller, project.name)
        if isinstance(listed, NotDone):
            return visit.refused(listed)
        found = next((each for each in listed if each.id == visit.part("id")), None)
        return visit.nothing_here() if found is None else page(visit, project, found)

    return answer


def _limits(visit: Visit, project: MyProject, each: Registration, why: NotDone | None = None) -> Response:
    above = manage_path(project.normalized, PAGE)
    template = "publishing/constrain.html"
    return page_or_again(visit, template, why, project=project, each=each, held=values_of(each.publisher), above=above)


def _page(visit: Visit, project: MyProject, why: NotDone | None = None) -> Response:
    listed = visit.site.publishing.of_project(visit.caller, project.name)
    if isinstance(listed, NotDone):
        return visit.refused(listed)
    here = manage_path(project.normalized, PAGE)
    shown = form_shown(visit, pending=False)
    rows = [(each, link(here, each.publisher.provider, values_of(each.publisher))) for each in listed]
    return page_or_again(
        visit, TEMPLATE, why, project=project, shown=shown, form=shown.values, rows=rows, pending=False, here=here
    )
