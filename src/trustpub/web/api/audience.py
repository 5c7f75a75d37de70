"""`GET /_/oidc/audience`: for whom an ID token must be made out. Mirrors: warehouse/oidc/views.py (oidc_audience) @6b62157."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.answers import JsonAnswer
from trustpub.web.methods import Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.web.service import Service

PATH = "/_/oidc/audience"


def routes(service: Service) -> list[BaseRoute]:
    """The audience is a setting: one answer, made once."""
    answer = JsonAnswer({"audience": service.settings.audience})

    async def audience(_scope: Scope, _receive: Receive) -> Response:
        return answer

    return [Only("GET", PATH, audience)]
