"""A GitHub of one's own: it holds state and speaks GitHub's REST API over any `Send`, so that no test needs the real one.

    fake = FakeGitHub()
    fake.add_repository("orchay", "lamp")
    fake.add_token("ghp_secret", "orchay")
    client = Client("github.com", fake.send, "ghp_secret")

It takes what GitHub takes, refuses what GitHub refuses (by plan, permission, token and schema), and is held against GitHub's own
OpenAPI description by the tests. It listens under any address: with and without `/api/v3`.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from trustpub.parties.github import (  # noqa: F401 - they register their routes
    fake_accounts,
    fake_actions,
    fake_environments,
    fake_git,
    fake_rulesets,
    fake_runs,
    fake_secrets,
)
from trustpub.parties.github.fake_door import Door
from trustpub.parties.github.fake_history import History
from trustpub.parties.github.fake_runs import stored_log
from trustpub.parties.github.fake_wire import Answer, Call, Refusal, find_route, not_found, read_query
from trustpub.parties.wire import Request, Response
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable


class Made(NamedTuple):
    """One call that was made: never a header, never a body. `path` is without `/api/v3` and without the query."""

    method: str
    path: str
    status: int


class Killed(BaseException):
    """The process that called is meant to die here."""


class FakeGitHub(History):
    """The whole of it. `ghes` makes it an Enterprise Server of that version (`3.17`); the clock tells seconds since 1970.

    `requests` is the evidence of what was called. `before` may answer in its stead: it gets every request and returns a response,
    or None to let it through.
    """

    def __init__(self, clock: Callable[[], float] = lambda: 1_790_000_000.0, ghes: str = "") -> None:
        super().__init__(clock, ghes)
        self.requests: list[Made] = []
        self.before: Callable[[Request], Response | None] | None = None
        self.door = Door(self)
        self._deadly: tuple[int, str] | None = None
        self._lock = threading.RLock()

    @property
    def writes(self) -> list[Made]:
        """The calls that were meant to change something."""
        return [each for each in self.requests if each.method not in {"GET", "HEAD"}]

    def die_at(self, n: int, mode: Literal["before", "after"] = "after") -> None:
        """Raise `Killed` at the n-th call from now, counted from 1, once: before it is carried out, or right after."""
        self._deadly = (n, mode)

    def exhaust(self, *, reset_in: int = 60) -> None:
        """Use up the primary rate limit of everybody, until so many seconds from now."""
        self.door.exhaust(reset_in)

    def slow_down(self, times: int = 1, *, retry_after: int = 30, status: Literal[403, 429] = 403) -> None:
        """Meet the next calls with the secondary rate limit."""
        self.door.slow_down(times, retry_after, status)

    def send(self, request: Request) -> Response:
        """Answer a request as GitHub does, redirects and all. It is a `Send`."""
        with self._lock:
            mode = self._mode_of_death()
        if mode == "before":
            raise Killed
        instead = self.before(request) if self.before else None  # may take its time: nobody else waits for it
        with self._lock:
            response = instead or self._answer(request)
            path = re.sub("^/api/v3(?=/)", "", urlsplit(request.url).path)
            self.requests.append(Made(request.method, path, response.status))
        if mode == "after":
            raise Killed
        return response

    def _mode_of_death(self) -> str:
        if self._deadly is None:
            return ""
        left, mode = self._deadly
        self._deadly = (left - 1, mode) if left > 1 else None
        return "" if self._deadly else mode

    def _answer(self, request: Request) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        if request.url.startswith(f"{self.storage}/"):
            status, text = stored_log(self, request.url, authorized="authorization" in headers)
            return Response(status, {"content-type": "text/plain; charset=utf-8"}, text)
        url = urlsplit(request.url)
        base, path = f"{url.scheme}://{url.netloc}", url.path
        if path.startswith("/api/v3/"):
            base, path = f"{base}/api/v3", path.removeprefix("/api/v3")
        call = Call(self, request.method, base, path, read_query(url.query), request.body)
        try:
            self.door.enter(call, headers)
            answer = self._carry_out(call)
        except Refusal as refusal:
            answer = refusal.answer
        response = _seal(call, headers, answer)
        if response.status == 304:
            self.door.refund(call)
        return Response(response.status, {**self.door.leave(call), **response.headers}, response.body)

    def _carry_out(self, call: Call) -> Answer:
        if by_number := re.match(r"/repositories/(\d+)(?=/|$)", call.path):
            repository = self.repository_by_id(int(by_number[1]))
            if repository is None:
                raise not_found()
            call.path = f"/repos/{repository.slug}{call.path[by_number.end() :]}"
        route = find_route(call)
        if route is None:
            raise not_found()
        moved = self.door.admit(call, route)
        return moved or route.handler(call)


def _seal(call: Call, headers: dict[str, str], answer: Answer) -> Response:
    """Write the answer down, with its ETag; a caller who has it already gets 304 and nothing else."""
    body = b"" if answer.body is None else json.dumps(answer.body).encode()
    kept = dict(answer.headers)
    if answer.body is not None:
        kept["content-type"] = "application/json; charset=utf-8"
    if call.method == "GET" and answer.status == 200:
        kept["etag"] = f'W/"{hashlib.sha256(body).hexdigest()}"'
        if headers.get("if-none-match") == kept["etag"]:
            return Response(304, {"etag": kept["etag"]})
    return Response(answer.status, kept, body)
