"""The exchange as a client does it: an ID token in, an upload token out; and giving the upload token back.

Asking for an exchange writes: a pending publisher that matches becomes a project, and the ID token is spent.

Mirrors: what uv 0.13 and the publish action send.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urljoin

from trustpub.errors import Unreachable
from trustpub.parties.wire import Request, shown, unechoed
from trustpub.version import __version__

if TYPE_CHECKING:
    from trustpub.parties.wire import Response, Send

MOST_WORDS = 500
"""Characters of an index's own words that are shown."""


@dataclass(frozen=True, slots=True)
class Minted:
    """The index accepted the ID token. The upload token stays out of the repr."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NotMinted:
    """The index refused: its code and its own words, made fit to be shown."""

    code: str
    description: str


Exchanged: TypeAlias = Minted | NotMinted


def exchange(send: Send, upload: str, id_token: str) -> Exchanged:
    """Exchange an ID token at the index with this upload address. Raises `Unreachable` when it answers neither yes nor no."""
    url = urljoin(upload, "/_/oidc/mint-token")
    response = unechoed(send, id_token)(_post(url, id_token))
    answer = _object(url, response)
    token = answer.get("token")
    if response.status == 200 and isinstance(token, str) and token:
        return Minted(token)
    errors = answer.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    if response.status in (400, 401, 403, 422) and isinstance(first, dict):
        return NotMinted(_shown(f"{first.get('code', '')}"), _shown(f"{first.get('description', '')}"))
    raise Unreachable(f"`{shown(url)}`", why=f"it answers {response.status} to an exchange", next_step="Try again in a while.")


def burn(send: Send, upload: str, token: str) -> bool:
    """Give an upload token back; False when the index does not take tokens back (they end by themselves)."""
    response = send(_post(urljoin(upload, "/_/oidc/burn-token"), token))
    return response.status in (200, 204)


def _post(url: str, token: str) -> Request:
    headers = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": f"trustpub/{__version__}"}
    return Request("POST", url, headers, json.dumps({"token": token}).encode("ascii"))


def _object(url: str, response: Response) -> dict[str, object]:
    try:
        answer = json.loads(response.body)
    except (ValueError, RecursionError):
        answer = None
    if not isinstance(answer, dict):
        why = f"it answers {response.status} without JSON"
        raise Unreachable(f"`{shown(url)}`", why=why, next_step="Check the index's address, or try again in a while.")
    return answer


def _shown(text: str) -> str:
    """Make the index's words fit to be shown: printable, of bounded length."""
    clean = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(clean.split())[:MOST_WORDS]
