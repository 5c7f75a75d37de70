"""Routes that know one method each, and say so in the one shape of a refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from starlette.routing import Match, Route

from trustpub.web.answers import not_allowed

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

Endpoint = Callable[["Scope", "Receive"], Awaitable["Response"]]
"""What answers a request. It gets ASGI's own two values: a request object for each exchange would cost a tenth of it."""


class Answering:
    """An endpoint as an ASGI application."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        answer = await self._endpoint(scope, receive)
        await answer(scope, receive, send)


class Each(Route):
    """A route with an endpoint for each method (GET brings HEAD); any other method is refused with 405, `Allow`, and JSON."""

    def __init__(self, path: str, endpoints: Mapping[str, Endpoint]) -> None:
        async def chosen(scope: Scope, receive: Receive) -> Response:
            method: str = scope["method"]
            return await endpoints["GET" if method == "HEAD" else method](scope, receive)

        super().__init__(path, Answering(chosen), methods=[*endpoints])

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match the path alone; `handle` looks at the method."""
        match, child = super().matches(scope)
        return (Match.FULL if match is Match.PARTIAL else match), child

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse the method."""
        methods = self.methods or set()
        if scope["method"] in methods:
            await self.app(scope, receive, send)
            return
        allow = ", ".join(sorted(methods))
        await not_allowed(allow)(scope, receive, send)


class Only(Each):
    """A route of one method."""

    def __init__(self, method: str, path: str, endpoint: Endpoint) -> None:
        Route.__init__(self, path, Answering(endpoint), methods=[method])  # the exchange's way has no choice in it
