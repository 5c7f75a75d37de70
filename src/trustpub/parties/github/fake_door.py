"""The fake GitHub's door: who calls, whether they may, how often, and under which name the repository goes now."""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import TYPE_CHECKING

from trustpub.parties.github.fake_state import at_least
from trustpub.parties.github.fake_wire import Answer, Refusal, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.parties.github.fake_state import Repository, Token, World
    from trustpub.parties.github.fake_wire import Call, Route

VERSIONS = ("2022-11-28", "2026-03-10")
HOUR = 3600


class Door:
    """What every call passes, whatever it is about."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._used: dict[str, int] = {}
        self._reset = 0.0
        self._exhausted = False
        self._slow: tuple[int, int, int] = (0, 0, 0)
        self._wants, self._scope = "", ""

    def exhaust(self, reset_in: int) -> None:
        """Leave nobody any calls until then."""
        self._exhausted, self._reset = True, self._world.clock() + reset_in

    def refill(self) -> None:
        """Give everybody all their calls again."""
        self._used.clear()
        self._exhausted = False

    def slow_down(self, times: int, retry_after: int, status: int) -> None:
        """Refuse so many calls for having come too fast."""
        self._slow = (times, retry_after, status)

    def enter(self, call: Call, headers: Mapping[str, str]) -> None:
        """Look at everything that has nothing to do with the path; refuse by raising."""
        self._wants, self._scope = "", ""
        self._new_hour()
        if not headers.get("user-agent"):
            raise Refusal(
                403,
                "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
            )
        version = headers.get("x-github-api-version", VERSIONS[0])
        if version not in (VERSIONS[:1] if self._world.version else VERSIONS):
            raise Refusal(400, f"The API version {version!r} is not supported.")
        call.token = self._identify(headers.get("authorization", ""))
        self._count(call)

    def admit(self, call: Call, route: Route) -> Answer | None:
        """Decide whether the caller may do this; answer with the way to a renamed repository instead, if it is one."""
        self._wants, self._scope = route.wants, route.scope
        if "repo" not in call.values or not route.template.startswith("/repos/"):
            self._admit_to_account(call, route)
            return None
        slug = f"{call.values['owner']}/{call.values['repo']}"
        repository = self._world.repository(slug)
        if repository is None:
            return self._moved(call, slug)
        call.found = repository
        if not self._sees(call, repository):
            raise not_found()
        self._admit_to_repository(call, route, repository)
        return None

    def refund(self, call: Call) -> None:
        """Take back the count of a call: what has not changed since costs nothing to whoever is signed in."""
        if call.token is not None:
            self._used[_who(call)] -= 1

    def leave(self, call: Call) -> dict[str, str]:
        """Write the headers that every answer has."""
        limit, used = self._limit(call.token), self._used.get(_who(call), 0)
        left = 0 if self._exhausted else max(0, limit - used)
        headers = {
            "date": formatdate(self._world.clock(), usegmt=True),
            "x-ratelimit-limit": str(limit),
            "x-ratelimit-remaining": str(left),
            "x-ratelimit-used": str(limit - left),
            "x-ratelimit-reset": str(int(self._reset)),
            "x-ratelimit-resource": "core",
            "x-github-request-id": f"F00D:{sum(self._used.values()):04X}",
        }
        token = call.token
        if token and token.scopes is not None:
            headers |= {"x-oauth-scopes": ", ".join(token.scopes), "x-accepted-oauth-scopes": self._scope}
        if self._wants and token and token.permissions is not None:
            headers["x-accepted-github-permissions"] = self._wants
        if self._world.ghes:
            headers["x-github-enterprise-version"] = self._world.ghes
        return headers

    def _identify(self, header: str) -> Token | None:
        if not header:
            return None
        _, _, text = header.partition(" ")
        token = self._world.tokens.get(text.strip())
        if token is None or token.expired:
            raise Refusal(401, "Bad credentials")
        return token

    def _new_hour(self) -> None:
        if self._world.clock() >= self._reset:
            self._used.clear()
            self._exhausted, self._reset = False, self._world.clock() + HOUR

    def _limit(self, token: Token | None) -> int:
        if token is None:
            return 60
        return 1000 if token.installation else 5000

    def _count(self, call: Call) -> None:
        who = _who(call)
        times, wait, status = self._slow
        if times:
            self._slow = (times - 1, wait, status)
            raise Refusal(
                status,
                "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",
                headers={"retry-after": str(wait)},
            )
        if self._exhausted or self._used.get(who, 0) >= self._limit(call.token):
            raise Refusal(403, f"API rate limit exceeded for {who or 'this address'}.")
        self._used[who] = self._used.get(who, 0) + 1

    def _moved(self, call: Call, slug: str) -> Answer:
        number = self._world.renamed.get(slug.lower())
        repository = None if number is None else self._world.repository_by_id(number)
        if repository is None or not self._sees(call, repository):
            raise not_found()
        rest = re.sub(r"^/repos/[^/]+/[^/]+", "", call.path)
        address = f"{call.base}/repositories/{number}{rest}"
        status, words = (301, "Moved Permanently") if call.method == "GET" else (307, "Temporary Redirect")
        body = {"message": words, "url": address, "documentation_url": "https://docs.github.com/rest"}
        return Answer(status, body, {"location": address})

    def _sees(self, call: Call, repository: Repository) -> bool:
        token = call.token
        if not repository.private:
            return True
        if token is None or (token.repositories is not None and repository.slug.lower() not in token.repositories):
            return False
        if token.installation:
            return True
        if token.scopes is not None and "repo" not in token.scopes:
            return False
        return self._world.role(token.login, repository) != "none"

    def _admit_to_account(self, call: Call, route: Route) -> None:
        token = call.token
        if route.anyone or not route.wants:
            return
        if token is None:
            raise Refusal(401, "Requires authentication")
        if token.permissions is not None and not _holds(token.permissions, route.wants):
            raise _inaccessible(token)
        if token.scopes is not None and not _has_scope(token.scopes, route.scope):
            raise not_found()

    def _admit_to_repository(self, call: Call, route: Route, repository: Repository) -> None:
        token = call.token
        if route.anyone and not repository.private:
            return
        if token is None:
            raise Refusal(401, "Requires authentication")
        beyond = token.repositories is not None and repository.slug.lower() not in token.repositories
        if token.permissions is not None and (beyond or not _holds(token.permissions, route.wants)):
            raise _inaccessible(token)
        public = "public_repo" in (token.scopes or ()) and not repository.private
        if token.scopes is not None and not public and not _has_scope(token.scopes, route.scope):
            raise not_found()
        if not token.installation and not at_least(self._world.role(token.login, repository), route.role):
            what = "push access to repository." if route.role == "write" else "admin rights to Repository."
            raise Refusal(403, f"Must have {what}")
        if repository.archived and call.method != "GET":
            raise Refusal(403, "Repository was archived so is read-only.")


def _who(call: Call) -> str:
    token = call.token
    if token is None:
        return ""
    return f"user {token.login}" if token.login else "installation"


def _inaccessible(token: Token) -> Refusal:
    what = "integration" if token.installation else "personal access token"
    return Refusal(403, f"Resource not accessible by {what}")


def _holds(held: Mapping[str, str], wants: str) -> bool:
    """Whether permissions are enough: `a=read` alone, `,` for all of them, `;` for one set or another."""
    steps = ("read", "write", "admin")

    def one(want: str) -> bool:
        name, _, level = want.strip().partition("=")
        return name in held and steps.index(held[name]) >= steps.index(level)

    return any(all(map(one, group.split(","))) for group in wants.split(";"))


def _has_scope(scopes: tuple[str, ...], wanted: str) -> bool:
    order = ("read:org", "write:org", "admin:org")
    if wanted in order:
        return bool(set(scopes) & set(order[order.index(wanted) :]))
    return wanted in scopes
