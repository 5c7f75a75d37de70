"""The log: one line of JSON for a crash, and one for every request where the settings ask for that (`[log] requests`).

A line holds no query, no header but the client's name, and no body. A path may be a secret as well (a link that was mailed, a
token that was pasted into the wrong place), so what looks like one is left out. JSON writes line ends, escape sequences and
everything beyond ASCII as escapes: one line stays one line, and no terminal is told anything.
"""

from __future__ import annotations

import json
import re
import traceback
from typing import TYPE_CHECKING

from trustpub.errors import TrustpubError
from trustpub.web.answers import CODE
from trustpub.web.metrics import OTHER, route_of
from trustpub.web.protocol import REQUEST_ID, SENT, STATUS

if TYPE_CHECKING:
    from starlette.types import Scope

PATH_LIMIT = 200
AGENT_LIMIT = 100

_TOKEN = re.compile(r"pypi-[^/]*")
_SECRET = re.compile(r"(?<=/)[^/]{24,}")
_DELETE = str.maketrans({"\x7f": "?"})


def crash_line(problem: BaseException, scope: Scope, at: float) -> str:
    """One line of JSON about a crash: when, which request (never its query or its headers), which kind, and where."""
    frames = traceback.extract_tb(problem.__traceback__)
    where = [f"{frame.filename.rpartition('/src/')[2]}:{frame.lineno} {frame.name}" for frame in frames[-3:]]
    event = {
        "at": round(at, 3),
        "level": "error",
        "event": "request-crashed",
        "id": _id(scope),
        "request": f"{scope.get('method', '')} {shown_path(scope.get('path', ''))}",
        "error": f"{type(problem).__module__}.{type(problem).__qualname__}",
        "where": where,
    }
    if isinstance(problem, TrustpubError):
        event["detail"] = str(problem)
    return json.dumps(event)


def request_line(scope: Scope, at: float, seconds: float) -> str:
    """One line of JSON about one answered request; status 0: the client went away without an answer."""
    client = scope.get("client")
    agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    return json.dumps(
        {
            "at": round(at, 3),
            "level": "info",
            "event": "request",
            "id": _id(scope),
            "client": client[0] if client else "",
            "method": scope["method"],
            "path": scope.get("root_path", "") + shown_path(scope["path"]),
            "status": scope.get(STATUS, 0),
            "code": scope.get(CODE, ""),
            "bytes": scope.get(SENT, 0),
            "ms": round(seconds * 1000, 2),
            "agent": agent.decode("latin-1").translate(_DELETE)[:AGENT_LIMIT],
        }
    )


def shown_path(path: str) -> str:
    """A path as it may be written down: bounded, and without what could be a secret.

    Machines' addresses hold hashes and file names, which are public, and are shown as they are; in a page's address whatever is
    as long as a secret may be one.
    """
    path = _TOKEN.sub("pypi-...", path)
    if route_of(path) == OTHER:
        path = _SECRET.sub("...", path)
    return path.translate(_DELETE)[:PATH_LIMIT]


def _id(scope: Scope) -> str:
    number: bytes = scope.get(REQUEST_ID, b"")
    return number.decode("ascii", "replace")
