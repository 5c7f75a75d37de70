"""Reading a small body: whole, within a limit, whatever its Content-Type claims.

`curl -d` sends JSON as urlencoded, maturin adds a charset, some send no type at all: nothing is decided by the header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect

from trustpub.usecases.payload import LONGEST_BODY

if TYPE_CHECKING:
    from starlette.types import Receive


async def small_body(receive: Receive, limit: int = LONGEST_BODY) -> bytes | None:
    """The whole body, or None when it is longer than `limit` (the rest is not read). Raises ClientDisconnect."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limit:
            return None
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)
