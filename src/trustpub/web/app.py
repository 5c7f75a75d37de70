"""The application: the read path first, then the routes, with the guard around everything."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from starlette.routing import Route, Router

from trustpub.web.api import (
    audience,
    burn_token,
    discovery,
    health,
    integrity,
    legacy,
    metrics,
    mint_token,
    openapi,
    people,
    project_json,
    projects,
    publishers,
    read_token,
    readers,
    releases,
    whoami,
)
from trustpub.web.auth.session_reader import reads_by_session
from trustpub.web.door import Door
from trustpub.web.fast import Fast, Pages
from trustpub.web.files import Files
from trustpub.web.guard import Guard
from trustpub.web.indexes import Index, Indexes
from trustpub.web.private import Private
from trustpub.web.proxies import Proxies
from trustpub.web.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence

    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from trustpub.web.fast import Serials
    from trustpub.web.service import Service
    from trustpub.web.upstream import Behind

MANAGEMENT = (publishers, projects, people, releases, readers, whoami, openapi)
"""`/api/v1`."""
ROUTES = (audience, mint_token, read_token, burn_token, legacy, project_json, integrity, health, metrics, discovery, *MANAGEMENT)


class Application:
    """An index as an ASGI application. Everything on one loop; `close` gives back what belongs to it."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._serials: Serials | None = None
        settings = service.settings
        behind = self._behind = _behind(service)
        pages = Pages(
            service.browse,
            self._read_serials,
            service.pool,
            settings.url,
            behind.pages if behind else None,
            private=settings.private,
        )
        files: ASGIApp = Files(
            service.browse,
            service.blobs,
            service.upload.sidecars,
            self._read_serials,
            service.pool,
            private=settings.private,
            sending=settings.sending,
        )
        files = behind.files(files) if behind else files
        routes = [route for module in ROUTES for route in module.routes(service)]
        app: ASGIApp = Fast(pages, files, exact_routes(routes), router(routes, Door(service)))
        if settings.private:
            by_session = partial(reads_by_session, service)
            app = Private(app, service.database, service.pool, service.clock, settings.name, by_session)
        app = Guard(app, service.log, service.clock, service.tally, partial(_apology, service), every=settings.log_requests)
        self._app = Recorder(app, service.record, service.clock) if service.record else app

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request. Of HTTP: uvicorn sends nothing else with `ws="none"` and `lifespan="off"`."""
        return self._app(scope, receive, send)

    async def close(self) -> None:
        """Close the read path's connection, on the thread that opened it."""
        if self._serials is not None:
            self._serials.close()
            self._serials = None
        if self._behind is not None:
            self._behind.close()

    def _read_serials(self) -> Serials:
        if self._serials is None:  # on the loop's thread, which it then belongs to
            self._serials = self._service.database.serials()
        return self._serials


def _behind(service: Service) -> Behind | None:
    """Answers for names that are none of ours, where the settings name an index behind this one."""
    if service.settings.upstream.url is None:
        return None
    from trustpub.web.upstream import Behind

    return Behind(service)


def _apology(service: Service, scope: Scope, status: int) -> Response:
    """The page of a crash. Loaded when there is one: an index starts without pages."""
    from trustpub.web.pages.apology import apology

    return apology(scope, status, service.settings.name, service.base)


def exact_routes(routes: Iterable[BaseRoute]) -> dict[str, ASGIApp]:
    """The routes that are found by looking their path up, without asking one after the other."""
    return {route.path: route.handle for route in routes if isinstance(route, Route) and "{" not in route.path}


def router(routes: Sequence[BaseRoute], pages: ASGIApp) -> Router:
    """Starlette's routing for the others, then the pages. Without its application class: the guard is ours."""
    return Router(routes, redirect_slashes=False, default=pages)


def create_app(service: Service) -> Index:
    """Put an index together, or all indexes of a process, behind the proxies that the settings trust."""
    app: Index = Application(service)
    if service.others:
        app = Indexes(app, {other.settings.path: Application(other) for other in service.others})
    if service.settings.trusted_proxies:
        app = Proxies(app, service.settings.trusted_proxies)
    return app
