"""`/manage/project/NAME/settings/`: what owners switch on and off, archiving, giving the project away, and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.again import page_or_again
from trustpub.web.pages.links import manage_path
from trustpub.web.pages.of_project import finished, of_project
from trustpub.web.pages.site import Who
from trustpub.web.pages.visible import visible
from trustpub.web.pages.your_projects import PATH as YOUR_PROJECTS

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.usecases.projects.mine import MyProject
    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PATH = "/manage/project/{name}/settings/"
TEMPLATE = "project/settings.html"


def routes(site: Site) -> list[Route]:
    """One page, and an address for each thing that it changes."""
    return [
        site.route(PATH, get=of_project(show), who=Who.PROVEN),
        site.route(PATH + "trusted-only/", post=of_project(trusted_only), who=Who.PROVEN),
        site.route(PATH + "archive/", post=of_project(archive), who=Who.PROVEN),
        site.route(PATH + "unarchive/", post=of_project(unarchive), who=Who.PROVEN),
        site.route(PATH + "transfer/", post=of_project(transfer), who=Who.PROVEN),
        site.route(PATH + "delete/", post=of_project(delete), who=Who.PROVEN),
    ]


def show(visit: Visit, project: MyProject) -> Response:
    """The settings as they are; who uploads and yanks only is told whose they are."""
    return visit.trouble(403, "owners-only") if project.role == "maintainer" else _page(visit, project)


def trusted_only(visit: Visit, project: MyProject) -> Response:
    """Take uploads by trusted publishing alone, or by tokens as well."""
    done = visit.site.projects.switches.trusted_only(visit.caller, project.name, visit.form.has("on"))
    return finished(visit, project, done, "settings/", "saved")


def archive(visit: Visit, project: MyProject) -> Response:
    """Take no more files."""
    done = visit.site.projects.lifecycle.archive(visit.caller, project.name, visit.form.text("reason"))
    return finished(visit, project, done, "settings/", "archived")


def unarchive(visit: Visit, project: MyProject) -> Response:
    """Take files again."""
    done = visit.site.projects.lifecycle.unarchive(visit.caller, project.name)
    return finished(visit, project, done, "settings/", "unarchived")


def transfer(visit: Visit, project: MyProject) -> Response:
    """Give the project to one of its people."""
    form = visit.form
    done = visit.site.projects.people.transfer(
        visit.caller, project.name, form.text("user"), form.text("confirm"), remove_publishers=form.has("remove_publishers")
    )
    if isinstance(done, NotDone):
        return _page(visit, project, done, at="transfer")
    return visit.see_other(YOUR_PROJECTS, "transferred")


def delete(visit: Visit, project: MyProject) -> Response:
    """End the project; its name was typed."""
    done = visit.site.projects.lifecycle.delete(visit.caller, project.name, visit.form.text("confirm"))
    if isinstance(done, NotDone):
        return _page(visit, project, done, at="delete")
    return visit.see_other(YOUR_PROJECTS, "project-deleted")


def _page(visit: Visit, project: MyProject, why: NotDone | None = None, at: str = "") -> Response:
    """The page; with `why`, what was wrong at the form `at`."""
    listed = visit.site.projects.people.listed(visit.caller, project.name)
    if isinstance(listed, NotDone):
        return visit.refused(listed)
    others = [each for each in listed.people if not each.you]
    reason, back = visible(project.state_reason), manage_path(project.normalized, "settings/")
    return page_or_again(visit, TEMPLATE, why, project=project, reason=reason, others=others, at=at, back=back)
