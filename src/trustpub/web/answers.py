"""Answers: JSON with the bare media type, refusals with their code and reason, addresses that are absolute.

uv reads the text of a refusal only under exactly `application/json`, without a charset; twine shows only the reason phrase; the
publish action needs `errors` with a code and a description each.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from starlette.responses import Response

from trustpub.web.protocol import REASON, WHOLE, reason_phrase, whole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Message, Receive, Scope, Send

    from trustpub.domain.claims import JSON

CODE = "trustpub.code"
"""The scope's extra key in which a refusal leaves its code for the request record."""

NO_STORE = {"cache-control": "no-store"}
"""For answers that carry a secret, or that are true for one caller and one moment only."""

_ENCODE = json.JSONEncoder(separators=(",", ":")).encode
HOST = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)


class JsonAnswer(Response):
    """One JSON value. `reason` also goes into the status line, `code` into the request record.

    It is whole when it is made, and not changed afterwards; it may be sent any number of times.
    """

    media_type = "application/json"

    def __init__(
        self,
        content: JSON,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        *,
        reason: str = "",
        code: str = "",
    ) -> None:
        # Not through Starlette's own: an exchange makes one of these, and it would be a twentieth of its cost.
        self.status_code = status
        self.background = None
        self.body = _ENCODE(content).encode("ascii")
        self.raw_headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(self.body))]
        if headers:
            self.raw_headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        phrase = reason_phrase(reason) if reason else b""
        self._code = code
        self._start: Message = {"type": "http.response.start", "status": status, "headers": self.raw_headers}
        self._start[WHOLE] = whole(self._start, self.body, phrase)
        if phrase:
            self._start[REASON] = phrase

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, with the keys that ASGI has no place for."""
        if self._code:
            scope[CODE] = self._code
        await send(self._start)
        await send({"type": "http.response.body", "body": self.body})


def refusal(
    status: int,
    code: str,
    description: str,
    *,
    message: str,
    headers: Mapping[str, str] | None = None,
    differences: list[JSON] | None = None,
) -> JsonAnswer:
    """A refusal in the one shape that every client understands: a message, and one error with a code and a description.

    The fields that differ, for programs, are our own addition and only there when there are any.
    """
    error: dict[str, JSON] = {"code": code, "description": description}
    if differences:
        error["differences"] = differences
    return JsonAnswer({"message": message, "errors": [error]}, status, headers, code=code)


def not_found() -> JsonAnswer:
    """There is nothing here."""
    return refusal(404, "not-found", "there is nothing at this address", message="Not found")


def not_allowed(allow: str) -> JsonAnswer:
    """The method is not known here; `allow` names those that are."""
    description = f"allowed here: {allow}"
    return refusal(405, "method-not-allowed", description, message="Method not allowed", headers={"allow": allow})


def uploads_elsewhere(allow: str) -> JsonAnswer:
    """Something was sent to an address that is only read: most often an upload. Its reason says where those go, for twine."""
    where = "files are uploaded to the address that ends in `/legacy/`"
    error: JSON = {"code": "method-not-allowed", "description": f"allowed here: {allow}; {where}"}
    content: dict[str, JSON] = {"message": "Method not allowed", "errors": [error]}
    return JsonAnswer(content, 405, {"allow": allow}, reason=f"Method Not Allowed: {where}", code="method-not-allowed")


def origin(scope: Scope, configured: str | None) -> str:
    """The address of the index, as its caller reached it, without a slash at the end.

    The configured address when there is one. Else the `Host` header, if it is nothing but a host and a port (it is the caller's
    own text, and goes back to that caller only); else the address of the socket; and behind either, with several indexes on one
    host, the path of the one that is asked.
    """
    if configured:
        return configured.rstrip("/")
    scheme, path = scope.get("scheme", "http"), scope.get("root_path", "")
    for name, value in scope["headers"]:
        if name == b"host":
            text = value.decode("latin-1")
            if HOST.fullmatch(text):
                return f"{scheme}://{text}{path}"
            break
    host, port = scope.get("server") or ("localhost", 80)
    return f"{scheme}://[{host}]:{port}{path}" if ":" in host else f"{scheme}://{host}:{port}{path}"


def moved(scope: Scope, configured: str | None, path: str, status: int = 301) -> Response:
    """A redirect to `path` on this same origin, absolute: uv refuses a relative `Location`. `path` is percent-encoded already."""
    location = origin(scope, configured) + path
    return Response(b"", status, {"location": location, **NO_STORE}, media_type="text/plain")
