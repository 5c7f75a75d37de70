"""`POST /_/oidc/burn-token`: an upload token is given back before it expires.

uv does so at the end of every publish, also a failed one, and may do it again: burning is idempotent, and whoever holds a token
may end it. Mirrors: what uv 0.13 sends and accepts (200 or 204).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trustpub.web.answers import NO_STORE, JsonAnswer
from trustpub.web.api.mint_token import FAILED, refused
from trustpub.web.body import token_body
from trustpub.web.methods import Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.web.service import Service

PATH = "/_/oidc/burn-token"


def routes(service: Service) -> list[BaseRoute]:
    """One address."""

    async def burn_token(scope: Scope, receive: Receive) -> Response:
        body = await token_body(scope, receive, FAILED)
        if not isinstance(body, bytes):
            return body
        why = await asyncio.wrap_future(service.exchange.burn(body))
        return JsonAnswer({"success": True}, headers=NO_STORE) if why is None else refused(why)

    return [Only("POST", PATH, burn_token)]
