"""`GET /healthz`: whether this process answers and its database can be read."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trustpub.web.answers import NO_STORE, JsonAnswer
from trustpub.web.methods import Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.web.service import Service

PATH = "/healthz"


def routes(service: Service) -> list[BaseRoute]:
    """One address. A database that cannot be read makes it a 500, as every request would be."""

    async def health(_scope: Scope, _receive: Receive) -> Response:
        await asyncio.get_running_loop().run_in_executor(service.pool, service.browse.serial)
        return JsonAnswer({"status": "ok"}, headers=NO_STORE)

    return [Only("GET", PATH, health)]
