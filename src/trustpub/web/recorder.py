"""Request records: who asked for what and was told what, one record after each answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.web.answers import CODE
from trustpub.web.protocol import REASON
from trustpub.web.service import RequestRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from trustpub.web.service import Record


class Recorder:
    """Calls `record` once for every request that was answered, on the loop: `record` must be quick and must not raise."""

    def __init__(self, app: ASGIApp, record: Record, clock: Callable[[], float]) -> None:
        self._app = app
        self._record = record
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and watch the answer's first message."""
        at = self._clock()

        async def watch(message: Message) -> None:
            if message["type"] == "http.response.start":  # before it is sent: a client that has its answer finds its record
                self._tell(scope, at, message["status"], message.get(REASON, b""))
            await send(message)

        await self._app(scope, receive, watch)

    def _tell(self, scope: Scope, at: float, status: int, reason: bytes) -> None:
        agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
        code = scope.get(CODE) or reason.decode("latin-1")
        self._record(RequestRecord(at, scope["method"], scope["path"], status, agent.decode("latin-1"), code))
