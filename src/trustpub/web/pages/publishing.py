"""`/manage/account/publishing/`: pending publishers, whose first use makes a project: the list, the form, removing, testing.

One workflow may make several projects: the form takes several names, and registers one pending publisher for each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.names import project_name_problem
from trustpub.usecases.not_done import NotDone, Problem, not_done
from trustpub.web.pages.again import page_or_again
from trustpub.web.pages.publisher_form import PROJECT_NAME, form_shown, link, values_of
from trustpub.web.pages.publisher_test import tested
from trustpub.web.pages.site import Who

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.usecases.publishing import Registration
    from trustpub.web.pages.form import Form
    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = "/manage/account/publishing/"
TEMPLATE = "publishing/account.html"
MOST_NAMES = 50
TOO_MANY = f"At most {MOST_NAMES} projects at once. Register the others afterwards."


def routes(site: Site) -> list[Route]:
    """The page, and those of one pending publisher."""
    return [
        site.route(PATH, get=show, post=add, who=Who.PROVEN),
        site.route(PATH + "test/", get=test, post=test, who=Who.PROVEN),
        site.route(PATH + "{id}/remove/", get=ask, post=remove, who=Who.PROVEN),
    ]


def show(visit: Visit) -> Response:
    """The list and the form, which an address may fill in."""
    return _page(visit)


def add(visit: Visit) -> Response:
    """Register a pending publisher for every name that was given; the form comes back with those that it could not be for."""
    names = visit.form.text(PROJECT_NAME).replace(",", " ").split() or [""]
    if len(names) > MOST_NAMES:
        return _page(visit, not_done(422, "too-many-names", TOO_MANY, PROJECT_NAME))
    problems: list[Problem] = []
    left: list[str] = []
    status = 422
    for name in names:
        done = visit.site.publishing.add_pending(visit.caller, {**visit.form, PROJECT_NAME: name})
        if isinstance(done, NotDone):
            status, left = done.status, [*left, name]
            problems += [each for each in _named(done, visit.form, name) if each not in problems]
    if left:
        return _page(visit, NotDone(status, tuple(problems)), left=" ".join(left), some=len(left) < len(names))
    return visit.see_other(PATH, "pending-added")


def ask(visit: Visit) -> Response:
    """The page that asks before one is removed."""
    found = _one(visit)
    if isinstance(found, NotDone):
        return visit.refused(found)
    return visit.nothing_here() if found is None else visit.page("publishing/remove.html", each=found, project=None, above=PATH)


def remove(visit: Visit) -> Response:
    """Remove it."""
    found = _one(visit)
    if isinstance(found, NotDone) or found is None:
        return visit.nothing_here() if found is None else visit.refused(found)
    done = visit.site.publishing.remove(visit.caller, found.id)
    return visit.refused(done) if isinstance(done, NotDone) else visit.see_other(PATH, "publisher-removed")


def test(visit: Visit) -> Response:
    """What pasted claims would get from the pending publishers."""
    found = visit.site.publishing.pending_of(visit.caller)
    return visit.refused(found) if isinstance(found, NotDone) else tested(visit, found, None, PATH)


def _one(visit: Visit) -> Registration | NotDone | None:
    listed = visit.site.publishing.pending_of(visit.caller)
    if isinstance(listed, NotDone):
        return listed
    return next((each for each in listed if each.id == visit.part("id")), None)


def _named(why: NotDone, form: Form, name: str) -> list[Problem]:
    """What is wrong with the name at the field of names, and by the name it is about; the other problems as they are."""
    return [
        Problem(each.code, each.description.replace("`project`:", f"`{name}`:", 1), PROJECT_NAME)
        if each.field == "project" and _of_name(each, form, name)
        else each
        for each in why.problems
    ]


def _of_name(problem: Problem, form: Form, name: str) -> bool:
    """Whether this is about the new project, and not about the GitLab or ActiveState project that has the workflow."""
    return not form.has("project") or problem.code != "invalid-field" or project_name_problem(name) is not None


def _page(visit: Visit, why: NotDone | None = None, left: str = "", *, some: bool = False) -> Response:
    listed = visit.site.publishing.pending_of(visit.caller)
    if isinstance(listed, NotDone):
        return visit.refused(listed)
    shown = form_shown(visit, pending=True)
    values = {**shown.values, PROJECT_NAME: left} if left else shown.values
    rows = [
        (each, link(PATH, each.publisher.provider, {**values_of(each.publisher), PROJECT_NAME: each.project})) for each in listed
    ]
    days = visit.site.settings.pending_days
    return page_or_again(
        visit, TEMPLATE, why, shown=shown, form=values, rows=rows, project=None, pending=True, here=PATH, days=days, some=some
    )
