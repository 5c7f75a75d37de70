"""What the pages share on which a project's people manage it: the project is found first, and only its own people go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.names import is_project_name
from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.links import manage_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response

    from trustpub.usecases.projects.mine import MyProject
    from trustpub.web.pages.visit import Visit

    Page = Callable[[Visit, MyProject], Response]
    Answer = Callable[[Visit], Response]


def of_project(page: Page) -> Answer:
    """The page as a route takes it: the project of the address goes in as its second argument."""

    def answer(visit: Visit) -> Response:
        name = visit.part("name")
        if not is_project_name(name):
            return visit.nothing_here()
        found = visit.site.projects.get(visit.caller, name)
        if isinstance(found, NotDone):
            return visit.nothing_here() if found.status == 404 else visit.refused(found)
        return page(visit, found)

    return answer


def finished(visit: Visit, project: MyProject, done: object, page: str, note: str) -> Response:
    """On to a page of the project after a change that was made; what was wrong when it was not."""
    then = manage_path(project.normalized, page)
    return visit.refused(done, back=then) if isinstance(done, NotDone) else visit.see_other(then, note)
