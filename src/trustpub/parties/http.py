"""The one door to the network for the parties that speak JSON over HTTP: GitHub and the indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.errors import Unreachable
from trustpub.parties.wire import Response

if TYPE_CHECKING:
    from trustpub.parties.wire import Request


def send(request: Request) -> Response:
    """Send one request and return the whole answer, redirects included. Raises `Unreachable` when there is none."""
    import httpx2

    try:
        answer = httpx2.request(
            request.method,
            request.url,
            headers=dict(request.headers),
            content=request.body or None,
            timeout=20,
            follow_redirects=False,
        )
    except httpx2.HTTPError as problem:
        raise Unreachable(f"`{request.url.partition('?')[0]}`", why=type(problem).__name__) from None
    return Response(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content)
