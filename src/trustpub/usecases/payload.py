"""What a client posts to `mint-token` and `burn-token`, and what a refusal of either looks like."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.domain.outcome import Difference

LONGEST_BODY = 65_536
"""Bytes: four times the longest ID token that is read."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the request was not granted: PyPI's status and code, a description for people, and the fields that may be shown."""

    status: int
    code: str
    description: str
    differences: tuple[Difference, ...] = ()


def refused(code: str, description: str, differences: tuple[Difference, ...] = ()) -> Refusal:
    """A refusal with the one status that PyPI has for all of them. Mirrors: warehouse/oidc/views.py @6b62157."""
    return Refusal(422, code, description, differences)


def token_in(body: bytes) -> str | Refusal:
    """The `token` of a JSON object, whatever the request's content type says and whatever else the object holds."""
    if len(body) > LONGEST_BODY:
        return refused("invalid-payload", f"the body is longer than {LONGEST_BODY} bytes")
    try:
        payload = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return refused("invalid-payload", 'the body is not JSON: send {"token": "..."}')
    token = payload.get("token") if isinstance(payload, dict) else None
    if not isinstance(token, str):
        return refused("invalid-payload", 'the body has no string `token`: send {"token": "..."}')
    return token
