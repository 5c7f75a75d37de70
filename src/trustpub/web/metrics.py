"""Counting answers: how many, how fast, how large, and what became of exchanges and uploads.

Only the loop counts, and it counts in plain numbers: an answer costs one lookup and a few additions, far less than a hundredth of
the fastest read. Prometheus' own objects, with their locks, would cost ten times that; they are made when somebody asks
(`web.api.metrics`).
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

from trustpub.web.answers import CODE
from trustpub.web.protocol import SENT, STATUS

if TYPE_CHECKING:
    from starlette.types import Scope

BOUNDS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the buckets, in seconds."""

ROUTES: Final = {
    "simple": "simple",
    "files": "files",
    "pypi": "json",
    "legacy": "upload",
    "_": "exchange",
    "api": "api",
    "integrity": "integrity",
    "rss": "rss",
    "project": "project",
    "search": "search",
    "static": "static",
    "healthz": "health",
    "metrics": "metrics",
    ".well-known": "discovery",
}
"""First words of a path and what their requests are called; all others are pages, or nothing: labels must not grow with paths."""

OTHER: Final = "page"
TOLD: Final = ("exchange", "upload")
"""Routes whose refusals are counted by their code as well."""
METHODS: Final = ("GET", "HEAD", "POST", "DELETE", "PUT", "PATCH")


class Tally:
    """What one index answered since its process began. Belongs to the loop's thread; others may read, and see whole numbers.

    `answers`: by route and class of status (2 for 200 to 299; 0: no answer), a list of the seconds together, then one count for
    each bucket of `BOUNDS` and one for the rest. `codes`: by route and code ("ok" when there was no refusal). `sent` and
    `received` are bytes of bodies, by route.
    """

    __slots__ = ("answers", "codes", "received", "sent")

    def __init__(self) -> None:
        self.answers: dict[tuple[str, int], list[float]] = {}
        self.codes: dict[tuple[str, str], int] = {}
        self.sent: dict[str, int] = {}
        self.received: dict[str, int] = {}

    def count(self, scope: Scope, route: str, seconds: float) -> None:
        """Take one answer in, which the protocol has told the scope about; status 0 says that there was none."""
        status: int = scope.get(STATUS, 0)
        key = (route, status // 100)
        row = self.answers.get(key)
        if row is None:
            row = self.answers[key] = [0.0] + [0] * (len(BOUNDS) + 1)
        row[0] += seconds
        row[1 + bisect_left(BOUNDS, seconds)] += 1
        if sent := scope.get(SENT, 0):
            self.sent[route] = self.sent.get(route, 0) + sent
        if route in TOLD and scope["method"] == "POST":
            self._count_outcome(scope, route, status)

    def _count_outcome(self, scope: Scope, route: str, status: int) -> None:
        code = scope.get(CODE) or ("ok" if 200 <= status < 300 else str(status))
        self.codes[route, code] = self.codes.get((route, code), 0) + 1
        if code == "ok":
            self.received[route] = self.received.get(route, 0) + _length(scope)


def route_of(path: str) -> str:
    """What requests for this path are called."""
    end = path.find("/", 1)
    return ROUTES.get(path[1:] if end < 0 else path[1:end], OTHER)


def _length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
