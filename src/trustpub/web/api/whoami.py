"""`GET /api/v1/whoami`: whose token this is, and what it is good for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.api.asking import answered
from trustpub.web.methods import Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.usecases.not_done import NotDone
    from trustpub.usecases.projects.whoami import Whoami
    from trustpub.usecases.upload_credential import Admission
    from trustpub.web.service import Service

PATH = "/api/v1/whoami"
FAILED = "Nobody is known by this token"


def routes(service: Service) -> list[BaseRoute]:
    """One address."""

    def look(who: Admission) -> Whoami | NotDone:
        from trustpub.usecases.projects.whoami import whoami

        return whoami(service.database, who, service.clock())

    async def get(scope: Scope, _receive: Receive) -> Response:
        return await answered(service, scope, FAILED, look, shown)

    return [Only("GET", PATH, get)]


def shown(found: Whoami) -> JSON:
    """The token's user, its scope, its project if it is for one, and its end if it has one."""
    row: dict[str, JSON] = {"user": found.user, "admin": found.admin, "scope": found.scope}
    return {**row, "project": found.project, "expires": found.expires}
