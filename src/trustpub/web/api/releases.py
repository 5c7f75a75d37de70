"""`/api/v1/projects/{name}/releases`: releases and files: list, yank, delete.

GET    /api/v1/projects/{name}/releases
DELETE /api/v1/projects/{name}/releases/{version}         {"confirm": VERSION}
POST   /api/v1/projects/{name}/releases/{version}/yank    {"reason"?}
DELETE /api/v1/projects/{name}/releases/{version}/yank
DELETE /api/v1/projects/{name}/files/{filename}           {"confirm": NAME of the project}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.api.asking import answered, strict_object, text
from trustpub.web.api.projects import MEMBER
from trustpub.web.methods import Each, Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.storage.files import File
    from trustpub.usecases.projects.releases import ReleaseRow
    from trustpub.web.service import Service

PATH = MEMBER + "/releases"
FILES = MEMBER + "/files"
FAILED = "The release was not changed"
NOT_LISTED = "The releases are not listed"
CONFIRM = {"confirm": "text"}


def routes(service: Service) -> list[BaseRoute]:
    """Releases, and files."""

    async def listed(scope: Scope, _receive: Receive) -> Response:
        def show(found: tuple[ReleaseRow, ...]) -> JSON:
            return {"releases": [release(each) for each in found]}

        name = scope["path_params"]["name"]
        return await answered(service, scope, NOT_LISTED, lambda who: service.projects.releases.listed(who, name), show)

    async def delete(scope: Scope, receive: Receive) -> Response:
        read = await strict_object(scope, receive, FAILED, CONFIRM, ("confirm",))
        if not isinstance(read, dict):
            return read
        name, version, typed = scope["path_params"]["name"], scope["path_params"]["version"], text(read, "confirm")
        releases = service.projects.releases
        return await answered(service, scope, FAILED, lambda who: releases.delete_release(who, name, version, typed), release)

    async def yank(scope: Scope, receive: Receive) -> Response:
        read = await strict_object(scope, receive, FAILED, {"reason": "text"})
        if not isinstance(read, dict):
            return read
        name, version, reason = scope["path_params"]["name"], scope["path_params"]["version"], text(read, "reason")
        releases = service.projects.releases
        return await answered(service, scope, FAILED, lambda who: releases.yank(who, name, version, reason), release)

    async def unyank(scope: Scope, _receive: Receive) -> Response:
        name, version = scope["path_params"]["name"], scope["path_params"]["version"]
        releases = service.projects.releases
        return await answered(service, scope, FAILED, lambda who: releases.unyank(who, name, version), release)

    async def delete_file(scope: Scope, receive: Receive) -> Response:
        read = await strict_object(scope, receive, FAILED, CONFIRM, ("confirm",))
        if not isinstance(read, dict):
            return read
        name, filename, typed = scope["path_params"]["name"], scope["path_params"]["filename"], text(read, "confirm")
        releases = service.projects.releases
        return await answered(service, scope, FAILED, lambda who: releases.delete_file(who, name, filename, typed), file)

    return [
        Only("GET", PATH, listed),
        Only("DELETE", PATH + "/{version}", delete),
        Each(PATH + "/{version}/yank", {"POST": yank, "DELETE": unyank}),
        Only("DELETE", FILES + "/{filename}", delete_file),
    ]


def release(each: ReleaseRow) -> JSON:
    """A release with its files."""
    files: list[JSON] = [file(one) for one in each.files]
    row: dict[str, JSON] = {"version": each.version, "yanked": each.yanked, "reason": each.yanked_reason}
    return {**row, "created": each.created, "files": files}


def file(each: File) -> JSON:
    """A file."""
    row: dict[str, JSON] = {"filename": each.filename, "version": each.version, "sha256": each.sha256, "size": each.size}
    return {**row, "uploaded_by": each.uploaded_by, "uploaded": each.upload_time}
