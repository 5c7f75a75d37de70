"""`/project/NAME/` and `/project/NAME/VERSION/`: one release, what it says of itself, its files, and where each came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from markupsafe import Markup
from packaging.version import InvalidVersion, Version

from trustpub.domain.names import is_project_name, normalize
from trustpub.web.answers import origin
from trustpub.web.pages.described import described
from trustpub.web.pages.links import project_path, release_path
from trustpub.web.pages.provenance import provenance_of
from trustpub.web.pages.site import Who
from trustpub.web.pages.visible import visible
from trustpub.web.simple import file_url

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import Route

    from trustpub.usecases.project_pages import ProjectPage
    from trustpub.web.pages.site import Site
    from trustpub.web.pages.visit import Visit

RELEASES_AT_FIRST = 20


def routes(site: Site) -> list[Route]:
    """The latest release, and any other."""
    return [
        site.route("/project/{name}/", get=latest, who=Who.READER),
        site.route("/project/{name}/{version}/", get=release, who=Who.READER),
    ]


def latest(visit: Visit) -> Response:
    """The project with its latest release."""
    name = visit.part("name")
    if not is_project_name(name):
        return visit.nothing_here()
    if name != normalize(name):
        return visit.see_other(project_path(normalize(name)))
    found = visit.site.service.project_pages.page(name)
    return visit.nothing_here() if found is None else _shown(visit, found)


def release(visit: Visit) -> Response:
    """The project with the release of one version."""
    name, version = visit.part("name"), visit.part("version")
    if not is_project_name(name):
        return visit.nothing_here()
    canonical = _canonical(version)
    if (name, version) != (normalize(name), canonical):
        return visit.see_other(release_path(normalize(name), canonical))
    found = visit.site.service.project_pages.page(name, version)
    return visit.nothing_here() if found is None else _shown(visit, found)


def _canonical(version: str) -> str:
    try:
        return str(Version(version))
    except InvalidVersion:
        return version


def _shown(visit: Visit, found: ProjectPage) -> Response:
    metadata = found.release.metadata if found.release else {}
    readme = visit.site.service.readmes.now(metadata)
    root = origin(visit.scope, visit.site.settings.url)
    project = found.project
    version = found.release.version if found.release else ""
    return visit.page(
        "public/project.html",
        project=project,
        reason=visible(project.reason),
        release=found.release,
        yanked_reason=visible(found.release.yanked_reason) if found.release else "",
        about=described(metadata),
        readme_html=Markup(readme.html),  # noqa: S704 - the renderer's promise: see `parties.readme.port`
        readme_text=readme.text,
        files=[
            (each.file, provenance_of(each, project.normalized), file_url(each.file, visit.site.root)) for each in found.files
        ],
        releases=[(each, visible(each.yanked_reason)) for each in found.releases],
        first=RELEASES_AT_FIRST,
        latest=found.latest,
        roles=found.roles,
        mine=visit.who is not None and visit.who.user.name in {each.user for each in found.roles},
        install=f"{project.normalized}=={version}" if version and version != found.latest else project.normalized,
        simple=f"{root}/simple/",
    )
