"""Reading a body that holds one token: whole, within a limit and a time, whatever its Content-Type claims.

`curl -d` sends JSON as urlencoded, maturin adds a charset, some send no type at all: nothing is decided by the header.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from trustpub.usecases.payload import LONGEST_BODY
from trustpub.web.answers import NO_STORE, refusal
from trustpub.web.protocol import BODY_UNTIL

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope

SECONDS = 20.0
"""For the whole body: who sends a byte now and then must not hold a connection for days. The listener ends it."""


async def token_body(scope: Scope, receive: Receive, message: str, what: str = "a token") -> bytes | Response:
    """The body, or the refusal (under `message`) of one that is too long to be `what`. Raises ClientDisconnect.

    The connection is closed after a refusal, because the rest of the body would still be in it.
    """
    scope[BODY_UNTIL] = asyncio.get_running_loop().time() + SECONDS
    chunks: list[bytes] = []
    size = 0
    while True:
        part = await receive()
        if part["type"] != "http.request":
            raise ClientDisconnect
        chunk: bytes = part.get("body", b"")
        size += len(chunk)
        if size > LONGEST_BODY:
            closing = {**NO_STORE, "connection": "close"}
            description = f"the request is too large to hold {what}"
            return refusal(413, "invalid-payload", description, message=message, headers=closing)
        chunks.append(chunk)
        if not part.get("more_body", False):
            return b"".join(chunks)
