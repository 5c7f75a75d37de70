"""`POST /_/oidc/read-token`: the exchange for reading, an ID token in, a short read token out.

For private indexes: the token is what `Authorization: Bearer` or the password of `__token__` takes. `mint-token` stays what it
is: for uploads alone.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import TYPE_CHECKING

from trustpub.usecases.exchange import Refusal
from trustpub.web.answers import NO_STORE, JsonAnswer
from trustpub.web.api.mint_token import FAILED, open_exchange, refused
from trustpub.web.body import token_body
from trustpub.web.methods import Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.usecases.read_exchange import ReadExchange
    from trustpub.web.service import Service

PATH = "/_/oidc/read-token"


def routes(service: Service) -> list[BaseRoute]:
    """One address."""

    @cache
    def reads() -> ReadExchange:
        from trustpub.usecases.read_exchange import ReadExchange  # most indexes are asked for none

        return ReadExchange(service.database, service.settings.profile, service.clock, service.random)

    async def read_token(scope: Scope, receive: Receive) -> Response:
        body = await token_body(scope, receive, FAILED)
        if not isinstance(body, bytes):
            return body
        opened = await open_exchange(service, body)
        if isinstance(opened, Refusal):
            return refused(opened)
        minted = await asyncio.wrap_future(reads().settle(opened))
        if isinstance(minted, Refusal):
            return refused(minted)
        return JsonAnswer({"success": True, "token": minted.token, "expires": minted.expires}, headers=NO_STORE)

    return [Only("POST", PATH, read_token)]
