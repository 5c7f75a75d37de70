"""`POST /_/oidc/mint-token`: the exchange, an ID token in, an upload token out.

Mirrors: warehouse/oidc/views.py (mint_token_from_oidc) @6b62157; the older address with the provider in it is what maturin asks.
The signature is checked on the loop (40 us of arithmetic; a thread hop would cost more), fetching keys and the transaction are
not.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trustpub.parties.issuer.port import KeysWanted
from trustpub.usecases.exchange import Refusal
from trustpub.web.answers import NO_STORE, JsonAnswer, refusal
from trustpub.web.body import token_body
from trustpub.web.methods import Only
from trustpub.web.together import Together

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.domain.outcome import Difference
    from trustpub.usecases.exchange import Ready
    from trustpub.web.service import Service

PATH = "/_/oidc/mint-token"
ALIAS = "/_/oidc/github/mint-token"
FAILED = "Token request failed"


def routes(service: Service) -> list[BaseRoute]:
    """Both addresses, one exchange."""
    settle = Together(service.exchange.settle)

    async def mint_token(scope: Scope, receive: Receive) -> Response:
        body = await token_body(scope, receive, FAILED)
        if not isinstance(body, bytes):
            return body
        opened = await open_exchange(service, body)
        if isinstance(opened, Refusal):
            return refused(opened)
        minted = await settle(opened)
        if isinstance(minted, Refusal):
            return refused(minted)
        return JsonAnswer({"success": True, "token": minted.token, "expires": minted.expires}, headers=NO_STORE)

    return [Only("POST", PATH, mint_token), Only("POST", ALIAS, mint_token)]


async def open_exchange(service: Service, body: bytes) -> Ready | Refusal:
    """Verify the ID token, fetching its issuer's keys at most once."""
    opened = service.exchange.open(body)
    if isinstance(opened, KeysWanted):
        await asyncio.get_running_loop().run_in_executor(service.keys_pool, service.verifier.refresh, opened.issuer)
        opened = service.exchange.open(body)
    if isinstance(opened, KeysWanted):  # the issuer has no such key, or did not answer
        return Refusal(422, "invalid-token", "malformed or invalid token", ())
    return opened


def refused(why: Refusal) -> Response:
    """A refusal of the exchange, in PyPI's words."""
    differences: list[JSON] = [_difference(each) for each in why.differences]
    return refusal(why.status, why.code, why.description, message=FAILED, headers=NO_STORE, differences=differences)


def _difference(each: Difference) -> JSON:
    """One field that differs; without what is registered when the caller may not know it."""
    shown: dict[str, JSON] = {"field": each.field, "got": each.got}
    return shown if each.expected is None else {**shown, "expected": each.expected}
