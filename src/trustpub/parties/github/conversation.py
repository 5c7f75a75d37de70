"""How GitHub is talked to: one request, its answer, and everything that may lie in between.

The token goes to the API's own origin and nowhere else. Reading waits, asks again and follows a renamed repository; writing asks
once: whether a change was made that nobody answered is seen by reading it back.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urljoin

from trustpub.errors import Unreachable
from trustpub.parties.github import limits
from trustpub.parties.github.document import Document
from trustpub.parties.github.etags import entry_name
from trustpub.parties.github.refusals import Asked, Refused, denied, refused
from trustpub.parties.wire import Request, Response, is_callable, origin, shown, unechoed
from trustpub.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustpub.parties.github.etags import Etags
    from trustpub.parties.github.port import JSON
    from trustpub.parties.wire import Send

VERSION = "2022-11-28"
"""The version of the REST API that is asked for."""
AGENT = {"User-Agent": f"trustpub/{__version__}"}
"""GitHub answers nobody who does not say what they are."""
PAGES = 100
"""How many pages of a list are read: 10 000 entries."""
_HOPS = 5
_CLOCKS_APART = 300.0
_MOVED = {301, 307, 308}
_SHAKEN = {502, 503, 504}
_NEXT = re.compile(r'<([^<>]*)>\s*;[^<]*?\brel="?next\b')


class Conversation:
    """Asks one GitHub in the name of one token, or of nobody."""

    def __init__(
        self,
        api: str,
        send: Send,
        token: str | None,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        say: Callable[[str], None],
        etags: Etags | None,
    ) -> None:
        self.signed_in = token is not None
        self._api = api
        self._send = unechoed(send, token)
        self._headers = {**AGENT, "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": VERSION}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        self._clock = clock
        self._sleep = sleep
        self._say = say
        self._etags = etags
        self._clocks_compared = False

    def get(self, path: str, of: str, needs: str = "") -> Document | Refused:
        """Read one object. `of` says in words what it is, `needs` which permission it takes (where GitHub does not say)."""
        response = self._follow("GET", self._api + path)
        return self.read(response, of, needs)

    def items(
        self, path: str, of: str, needs: str = "", *, key: str = "", most: int = PAGES * 100, **query: str
    ) -> tuple[Document, ...] | Refused:
        """Read a list through all its pages, its `most` first entries. `key` names the list in an answer that is no list."""
        url = f"{self._api}{path}?{urlencode({'per_page': str(min(most, 100)), **query})}"
        found: list[Document] = []
        for _ in range(PAGES):
            response = self._follow("GET", url)
            if refusal := self._refused(response, of, needs):
                return refusal
            page = self._document(response, of) if key else Document(of, {"answer": self._json(response)})
            found += page.required(key or "answer")
            link = _NEXT.search(response.headers.get("link", ""))
            if not link or len(found) >= most:
                return tuple(found[:most])
            url = self._within(url, link[1])
        raise Unreachable(f"`{shown(url)}`", why=f"the list has more than {PAGES} pages", next_step="Look at it on GitHub")

    def may_list(self, path: str, key: str = "") -> bool:
        """Whether a list can be read: then what is not in it is missing, and not hidden."""
        return not isinstance(self.items(path, "", key=key, most=1), Refused)

    def change(self, method: str, path: str, of: str, needs: str, body: Mapping[str, JSON] | None = None) -> Response:
        """Change something, once. Returns what is no refusal, redirects included; raises `Denied` for a refusal."""
        response = self.attempt(method, path, body)
        if response.status not in range(300, 400):
            self._json(response)  # a web page is no consent, whatever its status
        if response.status >= 400:
            raise denied(response, Asked(of, needs, self.signed_in))
        return response

    def attempt(self, method: str, path: str, body: Mapping[str, JSON] | None = None) -> Response:
        """Send a request of any method, once for a change, and return the answer as it is."""
        return self._follow(method, self._api + path, b"" if body is None else json.dumps(body).encode())

    def read(self, response: Response, of: str, needs: str) -> Document | Refused:
        """Read the answer of an attempt as `get` does."""
        return self._refused(response, of, needs) or self._document(response, of)

    def elsewhere(self, url: str) -> Response:
        """Fetch what GitHub keeps at another party (a job's log), without a token. Follows where that leads."""
        for _ in range(_HOPS):
            if not is_callable(url):
                raise Unreachable(f"`{shown(url)}`", why="GitHub leads to an address that is not https")
            response = self._send(Request("GET", url, AGENT))
            if response.status not in _MOVED | {302, 303}:
                return response
            url = urljoin(url, response.headers.get("location", ""))
        raise _astray(url)

    def _refused(self, response: Response, of: str, needs: str) -> Refused | None:
        if response.status < 400:
            return None
        self._json(response)  # GitHub refuses in JSON: what does not, is somebody else
        return refused(response, Asked(of, needs, self.signed_in))

    def _document(self, response: Response, of: str) -> Document:
        answer = self._json(response)
        if response.status >= 300 or not isinstance(answer, dict):
            raise Document(of, {}).puzzling(f"answer {response.status}")
        return Document(of, answer)

    def _follow(self, method: str, url: str, body: bytes = b"") -> Response:
        """Ask, and ask again where a renamed repository has gone, in the same words."""
        for _ in range(_HOPS):
            response = self._patiently(method, url, body)
            if response.status not in _MOVED:
                return response
            url = self._within(url, response.headers.get("location", ""))
        raise _astray(url)

    def _within(self, url: str, location: str) -> str:
        """Where an answer leads, which must be GitHub's API again: the token goes there."""
        try:
            target = urljoin(url, location)
            if location and origin(target) == origin(self._api) and is_callable(target):
                return target
        except ValueError:
            pass
        raise Unreachable(
            f"`{shown(url)}`", why="the answer leads away from GitHub's API", next_step="Check `GITHUB_API_URL` and the proxy"
        )

    def _patiently(self, method: str, url: str, body: bytes) -> Response:
        """Ask, wait where GitHub asks for it, and read once more where a server in between has stumbled."""
        waited, again = 0.0, method == "GET"
        while True:
            response = self._once(method, url, body)
            if response.status in _SHAKEN and again:
                again = False
                self._sleep(1.0)
                continue
            if response.status >= 500:
                raise _broken(url, response.status)
            seconds = limits.pause(response, self._clock())
            if seconds is None:
                return response
            waited += seconds
            if waited > limits.LONGEST:
                raise limits.too_long(response, seconds, self._clock(), self.signed_in)
            self._say(f"GitHub asks for a pause (rate limit): waiting {seconds:.0f} s.")
            self._sleep(seconds)

    def _once(self, method: str, url: str, body: bytes) -> Response:
        headers = self._headers | ({"Content-Type": "application/json"} if body else {})
        name = entry_name(VERSION, url, headers) if method == "GET" and self._etags else ""
        kept = self._etags.load(name) if self._etags and name else None
        if kept:
            headers["If-None-Match"] = kept.headers["etag"]
        response = self._send(Request(method, url, headers, body))
        self._compare_clocks(response)
        if response.status == 304 and kept:
            return kept
        if response.status == 401 and self.signed_in:
            raise Unreachable(
                "GitHub's API",
                why="GitHub no longer takes the token",
                next_step="Run `gh auth login`, or set `GH_TOKEN` to a token that is valid, then run this again",
            )
        if response.status == 200 and self._etags and name and "etag" in response.headers:
            self._etags.store(name, response)
        return response

    def _compare_clocks(self, response: Response) -> None:
        theirs = limits.date_of(response)
        if self._clocks_compared or theirs is None:
            return
        self._clocks_compared = True
        apart = self._clock() - theirs
        if abs(apart) > _CLOCKS_APART:
            side = "ahead of" if apart > 0 else "behind"
            self._say(
                f"The clock of this machine is {abs(apart) / 60:.0f} minutes {side} GitHub's. "
                "ID tokens will be refused where the clock is wrong: set it."
            )

    def _json(self, response: Response) -> object:
        if not response.body:
            return {}
        try:
            answer: object = json.loads(response.body)
        except (ValueError, RecursionError):
            html = "html" in response.headers.get("content-type", "") or response.body.lstrip()[:1] == b"<"
            raise Unreachable(
                f"`{shown(self._api)}`",
                why=f"it answered {response.status} with {'a web page' if html else 'something'} instead of JSON",
                next_step="Check `GITHUB_API_URL`, and whether a proxy or a sign-in page stands in between",
            ) from None
        return answer


def _broken(url: str, status: int) -> Unreachable:
    return Unreachable(
        f"`{shown(url)}`",
        why=f"it answered {status}",
        next_step="GitHub has a problem of its own: try again in a few minutes",
    )


def _astray(url: str) -> Unreachable:
    return Unreachable(f"`{shown(url)}`", why="one redirect leads to the next without an end", next_step="Try again later")
