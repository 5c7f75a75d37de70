"""`/manage/project/NAME/releases/`: yank what should not be chosen, delete what should not be there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from trustpub.usecases.not_done import NotDone
from trustpub.web.pages.again import page_or_again
from trustpub.web.pages.links import manage_path
from trustpub.web.pages.of_project import finished, of_project
from trustpub.web.pages.site import Who
from trustpub.web.pages.visible import visible

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.usecases.projects.mine import MyProject
    from trustpub.usecases.projects.releases import ReleaseRow
    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

PAGE = "releases/"
RELEASE = "/manage/project/{name}/release/{version}/"
TEMPLATE = "project/release.html"


def routes(site: Site) -> list[Route]:
    """The list, and a page for each release."""
    return [
        site.route(f"/manage/project/{{name}}/{PAGE}", get=of_project(show), who=Who.FULL),
        site.route(RELEASE, get=of_project(release), who=Who.PROVEN),
        site.route(RELEASE + "yank/", post=of_project(yank), who=Who.PROVEN),
        site.route(RELEASE + "unyank/", post=of_project(unyank), who=Who.PROVEN),
        site.route(RELEASE + "delete/", post=of_project(delete), who=Who.PROVEN),
        site.route(RELEASE + "delete-file/", post=of_project(delete_file), who=Who.PROVEN),
    ]


def show(visit: Visit, project: MyProject) -> Response:
    """Every release."""
    listed = visit.site.projects.releases.listed(visit.caller, project.name)
    if isinstance(listed, NotDone):
        return visit.refused(listed)
    rows = [(each, visible(each.yanked_reason)) for each in listed]
    return visit.page("project/releases.html", project=project, releases=rows)


def release(visit: Visit, project: MyProject) -> Response:
    """One release and its files."""
    return _page(visit, project)


def yank(visit: Visit, project: MyProject) -> Response:
    """Keep it from being chosen."""
    done = visit.site.projects.releases.yank(visit.caller, project.name, visit.part("version"), visit.form.text("reason"))
    return finished(visit, project, done, _page_of(visit), "yanked")


def unyank(visit: Visit, project: MyProject) -> Response:
    """Let it be chosen again."""
    done = visit.site.projects.releases.unyank(visit.caller, project.name, visit.part("version"))
    return finished(visit, project, done, _page_of(visit), "unyanked")


def delete(visit: Visit, project: MyProject) -> Response:
    """Delete it with its files; its version was typed."""
    done = visit.site.projects.releases.delete_release(
        visit.caller, project.name, visit.part("version"), visit.form.text("confirm")
    )
    if isinstance(done, NotDone):
        return _page(visit, project, done, at="delete")
    return finished(visit, project, done, PAGE, "release-deleted")


def delete_file(visit: Visit, project: MyProject) -> Response:
    """Delete one file; the project's name was typed."""
    filename = visit.form.text("filename")
    done = visit.site.projects.releases.delete_file(visit.caller, project.name, filename, visit.form.text("confirm"))
    if isinstance(done, NotDone):
        return _page(visit, project, done, at=filename)
    page = PAGE if _row(visit, project) is None else _page_of(visit)  # it was perhaps the last of its release
    return finished(visit, project, done, page, "file-deleted")


def _page_of(visit: Visit) -> str:
    """This release's own page, below the project's."""
    return f"release/{quote(visit.part('version'), safe='')}/"


def _row(visit: Visit, project: MyProject) -> ReleaseRow | NotDone | None:
    listed = visit.site.projects.releases.listed(visit.caller, project.name)
    if isinstance(listed, NotDone):
        return listed
    return next((each for each in listed if each.version == visit.part("version")), None)


def _page(visit: Visit, project: MyProject, why: NotDone | None = None, at: str = "") -> Response:
    """The page; with `why`, what was wrong at the form `at` (a file's name, or `delete`)."""
    row = _row(visit, project)
    if isinstance(row, NotDone):
        return visit.refused(row)
    if row is None:
        return visit.nothing_here()
    back, reason = manage_path(project.normalized, _page_of(visit)), visible(row.yanked_reason)
    return page_or_again(visit, TEMPLATE, why, back=back, project=project, release=row, reason=reason, at=at)
