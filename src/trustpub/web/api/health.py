"""Whether this process lives, and whether it can do its work.

    GET /healthz          200 while the process answers: restart it when it does not
    GET /readyz           200 while its databases take writes and its stores take files; else 503, and which do not
    GET /healthz?ready    the same

A process that was told to end answers 503 to the second, so that a proxy sends it nothing more; it is alive until it ends.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from trustpub.usecases.health import Health
from trustpub.web.answers import NO_STORE, JsonAnswer
from trustpub.web.methods import Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.web.service import Service

ALIVE = "/healthz"
READY = "/readyz"
KEPT = 1.0
"""Seconds for which an answer about readiness is good: anybody may ask, and each question is a write."""
PATIENCE = 10.0
"""Seconds for all stores of a process together."""


def routes(service: Service) -> list[BaseRoute]:
    """Both addresses, about all indexes of this process."""
    readiness = Readiness(service)
    fine = JsonAnswer({"status": "ok"}, headers=NO_STORE)

    async def alive(scope: Scope, _receive: Receive) -> Response:
        return await readiness.answer() if scope["query_string"] in (b"ready", b"ready=") else fine

    async def ready(_scope: Scope, _receive: Receive) -> Response:
        return await readiness.answer()

    return [Only("GET", ALIVE, alive), Only("GET", READY, ready)]


class Readiness:
    """Asks the stores, once for all who want to know at the same time."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._health = [(each.settings.path, Health(each.database, each.blobs, each.clock)) for each in service.all]
        self._asking: asyncio.Task[tuple[str, ...]] | None = None
        self._until = 0.0

    async def answer(self) -> Response:
        """200, or 503 with the names of what fails: never why."""
        if self._service.stopping.is_set():
            return JsonAnswer({"status": "stopping"}, 503, NO_STORE)
        now = asyncio.get_running_loop().time()
        if self._asking is None or (self._asking.done() and now > self._until):
            self._asking = asyncio.create_task(self._ask())
        failing = await asyncio.shield(self._asking)
        if failing:
            return JsonAnswer({"status": "failing", "failing": list(failing)}, 503, NO_STORE)
        return JsonAnswer({"status": "ok"}, headers=NO_STORE)

    async def _ask(self) -> tuple[str, ...]:
        loop = asyncio.get_running_loop()
        asked = [loop.run_in_executor(self._service.pool, health.failing) for _, health in self._health]
        try:
            async with asyncio.timeout(PATIENCE):
                found = await asyncio.gather(*asked)
        except TimeoutError:
            return ("threads",)  # nobody came to ask: everything waits for something
        finally:
            self._until = loop.time() + KEPT
        return tuple(part + path for (path, _), parts in zip(self._health, found, strict=True) for part in parts)
