"""The outermost application of an index: nothing that breaks inside shows its insides, and nothing goes uncounted.

A crash becomes one 500 answer without any text of the exception, in JSON or as a page for whoever reads pages, and one line of
JSON for the log, which says where it happened and of which kind it was. The exception's message is left out unless it is one of
ours, because it may quote a token.

A request gets a number, which its answer names (`x-request-id`) and every line of the log about it too: whoever is told
"internal error" can tell the operator which. Only a read of a page of `/simple/` or of a file that went well has none, unless
every request is logged or a proxy has numbered it.
"""

from __future__ import annotations

import errno
from time import perf_counter
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from trustpub.errors import Unreachable
from trustpub.web.answers import CODE, JsonAnswer, refusal
from trustpub.web.door import reads_page
from trustpub.web.metrics import route_of
from trustpub.web.protocol import numbered
from trustpub.web.requests_log import crash_line, request_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from trustpub.web.metrics import Tally

CRASHED = "internal-error"
UNAVAILABLE = "unavailable"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
RETRY_AFTER = "5"
"""Seconds after which to ask again while a server behind us is away."""

READS = frozenset({"simple", "files"})
"""Routes whose good answers bear no number unless each request is logged: they are most of what there is, and nobody asks."""


def crashed() -> JsonAnswer:
    """What a client hears of a crash."""
    return refusal(500, CRASHED, "an unexpected error; it has been logged", message="Internal server error")


def unavailable() -> JsonAnswer:
    """What a client hears while the database or the store of files does not answer: nothing is promised, and it may ask again."""
    why = "a part of the index does not answer; try again in a moment"
    return refusal(503, UNAVAILABLE, why, message="Service unavailable", headers={"retry-after": RETRY_AFTER})


def no_room(problem: BaseException) -> bool:
    """Whether the disk is full, or may not be written: nothing is wrong with the request, and it may come again."""
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in FULL:
            return True
        if getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL":
            return True
        cause = cause.__cause__
    return False


class Guard:
    """Answers 500 for an application that crashed, numbers requests, counts and (with `every`) logs answers.

    `page` makes the page of a status, for people.
    """

    def __init__(
        self,
        app: ASGIApp,
        log: Callable[[str], object],
        clock: Callable[[], float],
        tally: Tally,
        page: Callable[[Scope, int], Response],
        *,
        every: bool = False,
    ) -> None:
        self._app = app
        self._page = page
        self._log = log
        self._clock = clock
        self._tally = tally
        self._every = every

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; catch what nobody else did."""
        route = route_of(scope["path"])
        if self._every or route not in READS:
            numbered(scope)
        began = perf_counter()
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            pass  # nobody is there to answer, and nothing is wrong with us
        except Exception as problem:  # noqa: BLE001 - the last line of defence: whatever it is, it is logged
            await self._apologise(problem, scope, receive, send)
        finally:
            seconds = perf_counter() - began
            self._tally.count(scope, route, seconds)
            if self._every:
                self._log(request_line(scope, self._clock(), seconds))

    async def _apologise(self, problem: Exception, scope: Scope, receive: Receive, send: Send) -> None:
        numbered(scope)
        self._log(crash_line(problem, scope, self._clock()))
        away = isinstance(problem, Unreachable) or no_room(problem)
        scope[CODE] = UNAVAILABLE if away else CRASHED
        answer = self._shown(scope, unavailable() if away else crashed())
        try:
            await answer(scope, receive, send)
        except RuntimeError:  # the answer had begun: only closing the connection tells the client that it is not whole
            raise problem from None

    def _shown(self, scope: Scope, answer: JsonAnswer) -> Response:
        """The answer as a page where a person reads it; as it is where even that page breaks."""
        if not reads_page(scope):
            return answer
        try:
            page = self._page(scope, answer.status_code)
        except Exception as problem:  # noqa: BLE001 - as above, and the first crash is logged by now
            self._log(crash_line(problem, scope, self._clock()))
            return answer
        if answer.status_code == 503:
            page.headers["retry-after"] = RETRY_AFTER
        return page
