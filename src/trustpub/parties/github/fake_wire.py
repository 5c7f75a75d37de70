"""How the fake GitHub hears a call and answers it: paths, bodies, refusals, pages. It knows nothing of what GitHub holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, cast
from urllib.parse import parse_qs, unquote, urlencode

if TYPE_CHECKING:
    from collections.abc import Callable

    from trustpub.parties.github.fake_state import Repository, Token, World

JSON: TypeAlias = "str | int | float | bool | Sequence[JSON] | Mapping[str, JSON] | None"
Object: TypeAlias = "dict[str, JSON]"

DOCS = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body that is still a value, and headers beside those that every answer has."""

    status: int
    body: JSON = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """GitHub's answer when it will not do what was asked: a status and a message in its own words."""

    def __init__(self, status: int, message: str, *, errors: JSON = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        body: Object = {"message": message, "documentation_url": DOCS}
        body |= {"status": str(status)} if status != 422 else {}
        body |= {} if errors is None else {"errors": errors}
        self.answer = Answer(status, body, dict(headers or {}))


def not_found() -> Refusal:
    """GitHub's answer for what is not there, and for what this person may not know to be there."""
    return Refusal(404, "Not Found")


def invalid(reason: str) -> Refusal:
    """GitHub's answer for a body that its schema does not take."""
    return Refusal(422, f"Invalid request.\n\n{reason}")


@dataclass(slots=True)
class Call:
    """One call, as a handler sees it. `values` are the variables of the path, decoded."""

    world: World
    method: str
    base: str
    """The address that paths are put behind: `https://api.github.com`, `https://HOST/api/v3`."""
    path: str
    query: Mapping[str, str]
    raw: bytes
    token: Token | None = None
    values: dict[str, str] = field(default_factory=dict)
    found: Repository | None = None

    @property
    def repository(self) -> Repository:
        """The repository that the path names."""
        if self.found is None:
            raise not_found()
        return self.found

    @property
    def login(self) -> str:
        """Who asks, empty when nobody is signed in or an app asks."""
        return self.token.login if self.token else ""

    def number(self, name: str) -> int:
        """A variable of the path that GitHub takes as a number."""
        if not self.values[name].isdigit():
            raise not_found()
        return int(self.values[name])

    def body(self, *, optional: bool = False) -> Mapping[str, JSON]:
        """Read the body, which has to be an object."""
        if not self.raw and optional:
            return {}
        try:
            value = cast("JSON", json.loads(self.raw))
        except ValueError:
            raise Refusal(400, "Problems parsing JSON") from None
        if value is None and optional:
            return {}
        if not isinstance(value, Mapping):
            raise Refusal(400, "Body should be a JSON object")
        return value


Handler: TypeAlias = "Callable[[Call], Answer]"


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path. `wants` is the permission as `X-Accepted-GitHub-Permissions` names it.

    `role` is what a person needs to be in the repository, `scope` what a classic token needs. With `anyone`, what is public may
    be read by everybody, signed in or not.
    """

    method: str
    template: str
    pattern: re.Pattern[str]
    handler: Handler
    wants: str
    role: str
    scope: str
    anyone: bool


ROUTES: list[Route] = []


def route(
    method: str, template: str, *, wants: str = "metadata=read", role: str = "read", scope: str = "repo", anyone: bool = False
) -> Callable[[Handler], Handler]:
    """Register a handler. `{name}` stands for one segment of a path, `{name+}` for one or more."""
    parts = [re.escape(part) for part in re.split(r"\{[^}]*\}", template)]
    names = [
        f"(?P<{name.rstrip('+')}>{'.+' if name.endswith('+') else '[^/]+'})" for name in re.findall(r"\{([^}]*)\}", template)
    ]
    pattern = re.compile("".join(part + name for part, name in zip(parts, [*names, ""], strict=True)))

    def register(handler: Handler) -> Handler:
        ROUTES.append(Route(method, template, pattern, handler, wants, role, scope, anyone))
        return handler

    return register


def find_route(call: Call) -> Route | None:
    """Find the route of a call, and put the variables of its path into `values`. The most exact route is the one."""
    for each in sorted(ROUTES, key=lambda route: "+}" in route.template):
        if each.method == call.method and (match := each.pattern.fullmatch(call.path)):
            call.values = {name: unquote(value) for name, value in match.groupdict().items()}
            return each
    return None


def read_query(text: str) -> dict[str, str]:
    """Read the part behind `?`; of a name given twice the last counts."""
    return {name: values[-1] for name, values in parse_qs(text, keep_blank_values=True).items()}


def page(call: Call, items: Sequence[JSON], *, under: str = "") -> Answer:
    """Answer with one page of a list (30 unless `per_page` says otherwise, 100 at most), and `Link` to the others.

    `under` is the key that the list stands under, beside `total_count`; without it the answer is the bare list. The links go by
    the repository's number, as GitHub's do.
    """
    size = min(100, max(1, _number(call.query.get("per_page", ""), 30)))
    now = max(1, _number(call.query.get("page", ""), 1))
    last = max(1, -(-len(items) // size))
    part = list(items[(now - 1) * size : now * size])
    wanted = {"prev": now - 1, "next": now + 1, "last": last, "first": 1}
    kept = {rel: n for rel, n in wanted.items() if (n >= 1 and n < now) or (rel in {"next", "last"} and now < n <= last)}
    links = ", ".join(f'<{_address(call, n)}>; rel="{rel}"' for rel, n in kept.items())
    body: JSON = {"total_count": len(items), under: part} if under else part
    return Answer(200, body, {"link": links} if links else {})


def _address(call: Call, number: int) -> str:
    path = call.path
    if call.found is not None:
        path = re.sub(r"^/repos/[^/]+/[^/]+", f"/repositories/{call.found.id}", path)
    return f"{call.base}{path}?{urlencode({**call.query, 'page': number})}"


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isdigit() else otherwise


def checked_keys(body: Mapping[str, JSON], kinds: Mapping[str, tuple[type, ...]], required: Sequence[str] = ()) -> None:
    """Refuse a body with a missing key, a strange one, or one of a kind that GitHub does not take there, in GitHub's words."""
    for key in required:
        if key not in body:
            raise invalid(f'"{key}" wasn\'t supplied.')
    for key, value in body.items():
        if key not in kinds:
            raise invalid(f'"{key}" is not a permitted key.')
        fits = isinstance(value, kinds[key]) and (bool in kinds[key] or not isinstance(value, bool))
        if not fits:
            raise invalid(f"For 'properties/{key}', {json.dumps(value)} is not {_KIND[kinds[key][0]]}.")


_KIND = {int: "an integer", bool: "a boolean", str: "a string", list: "an array", dict: "an object"}


def texts(value: JSON) -> tuple[str, ...]:
    """The texts of a list."""
    return tuple(each for each in value if isinstance(each, str)) if isinstance(value, list) else ()
