"""Asking an index over HTTP and reading JSON from it: strict about what it is sent, careful about what it may see.

A token goes to the one origin it was made for and nowhere else; redirects are followed within that origin only. What an index
says in its own words is shown without control characters, and without our token, whatever it echoes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import urljoin

from trustpub.domain.untold import Untold
from trustpub.errors import BadInput, Unreachable
from trustpub.parties.wire import Request, is_loopback, origin, shown
from trustpub.version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON
    from trustpub.parties.wire import Response, Send

Object: TypeAlias = "dict[str, JSON]"

MOST_BYTES = 32 * 1024 * 1024
"""Of one answer: a project of ten thousand files takes a fifth of it."""
MOST_REDIRECTS = 5
MOST_WORDS = 500
"""Characters of an index's own words that are shown."""

REDIRECTS = (301, 302, 303, 307, 308)
TRY_AGAIN = "Try again in a while."


class Asking:
    """One index's origin as somebody asks it, with a token or without one.

    Raises `BadInput` when a token would have to travel without encryption, or is none.
    """

    def __init__(self, send: Send, home: str, token: str | None = None) -> None:
        self._send = send
        self._home = home
        self._token = (token or "").strip()
        if not same_origin(home, home):
            raise BadInput(f"index `{shown(home)}`", why="this is no address", next_step="Give its upload address.")
        if not (self._token.isascii() and self._token.replace(" ", "\n").isprintable()):
            step = "Copy it again, without anything before or after it."
            raise BadInput(f"the token for `{shown(home)}`", why="it holds characters that no token has", next_step=step)
        if self._token and not home.startswith("https://") and not is_loopback(home):
            step = "Give its address with https, or ask without a token."
            raise BadInput(f"index `{shown(home)}`", why="a token would travel to it unencrypted", next_step=step)

    @property
    def signed_in(self) -> bool:
        """Whether there is a token at all."""
        return bool(self._token)

    def get(self, url: str, accept: str = "application/json") -> Response:
        """Ask, and follow redirects within the origin. Raises `Unreachable` when the index is not able to answer now."""
        first = url
        for _ in range(MOST_REDIRECTS + 1):
            response = self._sent(Request("GET", url, self._headers(url, accept)))
            if response.status not in REDIRECTS:
                return response
            url = _next(url, response)
        raise Unreachable(f"`{shown(first)}`", why="it redirects without an end", next_step="Check the index's address.")

    def change(self, method: str, url: str, body: Mapping[str, JSON] | None = None) -> Response:
        """Send a change. Raises `Unreachable` when the index is not able to answer now, or sends us elsewhere."""
        headers = self._headers(url, "application/json")
        content = b"" if body is None else json.dumps(body).encode("ascii")
        if body is not None:
            headers["Content-Type"] = "application/json"
        response = self._sent(Request(method, url, headers, content))
        if response.status in REDIRECTS:
            raise Unreachable(f"`{shown(url)}`", why="it redirects a change", next_step="Check the index's address.")
        return response

    def read(self, url: str, response: Response) -> Object:
        """Read the JSON object of an answer. Raises `Unreachable` for anything else."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if len(response.body) > MOST_BYTES:
            raise Unreachable(f"`{shown(url)}`", why=f"the answer is longer than {MOST_BYTES} bytes")
        if "html" in kind:
            step = "Check the index's address; it must know the JSON form of its pages (PEP 691)."
            raise Unreachable(f"`{shown(url)}`", why=f"it answers `{self.shown(kind)}`, not JSON", next_step=step)
        try:
            value = json.loads(response.body.decode("utf-8"))
        except (ValueError, RecursionError):
            raise Unreachable(f"`{shown(url)}`", why="the answer is no JSON, or not all of it", next_step=TRY_AGAIN) from None
        if not isinstance(value, dict):
            raise nonsense(url, "the answer", "a JSON object")
        return value

    def refusal(self, response: Response) -> Untold:
        """Say why the index did not tell, after a 401 or 403, in its own words where it has any."""
        words = self.words(response) or f"the index answers {response.status}"
        return Untold(words, "" if self._token else "an API token of this index")

    def words(self, response: Response) -> str:
        """The index's own words about a refusal: its message and what its errors say; empty when it has none."""
        try:
            value = json.loads(response.body[:MOST_BYTES].decode("utf-8"))
        except (ValueError, RecursionError):
            return ""
        if not isinstance(value, dict):
            return ""
        errors = value.get("errors")
        told = [each.get("description") for each in errors if isinstance(each, dict)] if isinstance(errors, list) else []
        parts = [value.get("message"), *told]
        return self.shown("; ".join(part for part in parts if isinstance(part, str) and part))

    def shown(self, text: str) -> str:
        """Make somebody else's text fit to be shown: printable, of bounded length, without our token."""
        if self._token:
            text = text.replace(self._token, "(token)")
        clean = "".join(character if character.isprintable() else " " for character in text)
        return " ".join(clean.split())[:MOST_WORDS]

    def _headers(self, url: str, accept: str) -> dict[str, str]:
        headers = {"Accept": accept, "User-Agent": f"trustpub/{__version__}"}
        if self._token and same_origin(url, self._home):
            headers["Authorization"] = f"Bearer {self._token}"
        return headers

    def _sent(self, request: Request) -> Response:
        response = self._send(request)
        where = shown(request.url)
        if response.status == 429:
            wait = self.shown(response.headers.get("retry-after", ""))
            step = f"Try again in {wait} seconds." if wait.isdigit() else TRY_AGAIN
            raise Unreachable(f"`{where}`", why="it answers no more questions for now (429)", next_step=step)
        if response.status >= 500 or response.status < 200:
            raise Unreachable(f"`{where}`", why=f"it answers {response.status}", next_step=TRY_AGAIN)
        return response


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses share scheme, host and port; what is no address shares nothing."""
    try:
        return origin(one) == origin(other)
    except ValueError:
        return False


def nonsense(url: str, what: str, wanted: str) -> Unreachable:
    """The error for an answer that is JSON, but not what was agreed on."""
    return Unreachable(f"`{shown(url)}`", why=f"{what} is not {wanted}", next_step="Check the index's address.")


def _next(url: str, response: Response) -> str:
    """Where a redirect leads. Raises `Unreachable` when that is another origin, or nowhere."""
    try:
        target = urljoin(url, response.headers.get("location", ""))
    except ValueError:
        target = ""
    if not same_origin(target, url):
        raise Unreachable(f"`{shown(url)}`", why="it redirects to another place", next_step="Check the index's address.")
    return target
