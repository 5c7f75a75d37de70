"""The door to the pages: an index that serves programs alone never loads them.

Templates, words and everything behind them cost a tenth of a second and some megabytes. They are loaded by the first request
for a page, in the pool, while the loop goes on sending files. What is no page's address is answered here without them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trustpub.web.answers import not_found
from trustpub.web.metrics import OTHER, route_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from trustpub.web.service import Service

PLACES = frozenset({"", "account", "admin", "help", "invitations", "manage", "project", "rss", "search", "static"})
"""The first words of all pages' addresses."""
PAGES = frozenset({OTHER, "project", "search"})
"""What pages are called where requests are counted: anything else is for programs."""


class Door:
    """Answers what no program's route does: a page, or that there is nothing here."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._loading: asyncio.Future[ASGIApp] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path: str = scope["path"]  # of `OPTIONS *` it begins with no slash
        if not path.startswith("/") or (path.split("/", 2)[1] not in PLACES and not is_browser(scope)):
            await not_found()(scope, receive, send)
            return
        pages = await self._pages()
        await pages(scope, receive, send)

    async def _pages(self) -> ASGIApp:
        """The pages, loaded once. A loading that failed is tried again by the next who asks."""
        if self._loading is None or (self._loading.done() and self._loading.exception()):
            self._loading = asyncio.get_running_loop().run_in_executor(self._service.pool, _load, self._service)
        return await asyncio.shield(self._loading)


def _load(service: Service) -> ASGIApp:
    from trustpub.web.pages import load

    return load(service)


def reads_page(scope: Scope) -> bool:
    """Whether a person is shown this answer as a page: what is a program's address is answered for programs, whoever asks."""
    return is_browser(scope) and route_of(scope["path"]) in PAGES


def is_browser(scope: Scope) -> bool:
    """Whether somebody reads the answer: browsers ask for HTML by name, programs do not."""
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
