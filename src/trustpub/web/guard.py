"""The outermost application: nothing that breaks inside shows its insides.

A crash becomes one 500 answer in JSON without any text of the exception, and one line of JSON for the log, which says where it
happened and of which kind it was. The exception's message is left out unless it is one of ours, because it may quote a token.
"""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from trustpub.errors import TrustpubError
from trustpub.web.answers import CODE, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Receive, Scope, Send

PATH_LIMIT = 200
CRASHED = "internal-error"


def crash_line(problem: BaseException, scope: Scope, at: float) -> str:
    """One line of JSON about a crash: when, which request (never its query or its headers), which kind, and where."""
    frames = traceback.extract_tb(problem.__traceback__)
    where = [f"{frame.filename.rpartition('/src/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-3:]]
    event = {
        "at": round(at, 3),
        "level": "error",
        "event": "request-crashed",
        "request": f"{scope.get('method', '')} {scope.get('path', '')}"[:PATH_LIMIT],
        "error": f"{type(problem).__module__}.{type(problem).__qualname__}",
        "where": where,
    }
    if isinstance(problem, TrustpubError):
        event["detail"] = str(problem)
    return json.dumps(event)


class Guard:
    """Answers 500 for an application that crashed, and writes the line about it."""

    def __init__(self, app: ASGIApp, log: Callable[[str], object], clock: Callable[[], float]) -> None:
        self._app = app
        self._log = log
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; catch what nobody else did."""
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            return  # nobody is there to answer, and nothing is wrong with us
        except Exception as problem:  # noqa: BLE001 - the last line of defence: whatever it is, it is logged
            self._log(crash_line(problem, scope, self._clock()))
            scope[CODE] = CRASHED
            answer = refusal(500, CRASHED, "an unexpected error; it has been logged", message="Internal server error")
            try:
                await answer(scope, receive, send)
            except RuntimeError:  # the answer had begun: only closing the connection tells the client that it is not whole
                raise problem from None
