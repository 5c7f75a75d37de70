"""Answers as an index gives them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trustpub.parties.wire import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON


def reply(status: int, content: JSON, kind: str = "application/json", headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(status, {"content-type": kind, **(headers or {})}, json.dumps(content).encode())


def text(status: int, words: str, kind: str = "text/plain") -> Response:
    """An answer that is no JSON."""
    return Response(status, {"content-type": f"{kind}; charset=utf-8"}, words.encode())


def moved(address: str) -> Response:
    """A redirect."""
    return Response(301, {"location": address})
