"""What every route of `/api/v1` does alike: who asks, JSON that is read strictly, refusals that name the field.

An object may hold each key once, and none that is not known: a typo must not leave a default in place.
"""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qs

from trustpub.usecases.not_done import NotDone, Problem, not_done
from trustpub.usecases.publisher_rows import wrong_field
from trustpub.usecases.upload_credential import Admission, credential
from trustpub.web.answers import NO_STORE, JsonAnswer
from trustpub.web.body import token_body

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from starlette.responses import Response
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.web.service import Service

T = TypeVar("T")

NO_TOKEN = not_done(
    401, "no-token", "give an API token of the scope `manage`, or `read` to list: `Authorization: Bearer pypi-api_...`"
)
UNKNOWN = not_done(401, "invalid-token", "the token is unknown, revoked or expired, or no API token")
NOT_JSON = not_done(400, "invalid-payload", "the body is no JSON object")
MOST_LISTED = 1000
SHOWN = {"text": str, "boolean": bool, "list": list, "object": dict}


def bearer(scope: Scope) -> Admission | NotDone:
    """Whose request this is, as far as its header tells; whether the token is good is asked where it matters."""
    told = [value for name, value in scope["headers"] if name == b"authorization"]
    if not told:
        return NO_TOKEN
    admission = credential(told[0].decode("latin-1")) if len(told) == 1 else None
    return admission if isinstance(admission, Admission) else UNKNOWN


async def done(service: Service, who: Admission, work: Callable[[], T | NotDone]) -> T | NotDone:
    """Do the blocking work of a token's bearer on one of the service's threads; a token that is good was used."""
    found = await asyncio.get_running_loop().run_in_executor(service.pool, work)
    if not isinstance(found, NotDone) or found.status != 401:
        service.token_uses.note(who.digest)
    return found


async def strict_object(
    scope: Scope, receive: Receive, message: str, known: Mapping[str, str], required: Sequence[str] = ()
) -> dict[str, JSON] | Response:
    """The object in the body, or its refusal. `known` says for each key what it holds: text, boolean, list, object, any."""
    body = await token_body(scope, receive, message, "a request of this kind")
    if not isinstance(body, bytes):
        return body
    read = json_object(body)
    if isinstance(read, NotDone):
        return refusal(read, message)
    problems = [*unknown_keys(read, known), *mistyped(read, known)]
    problems += [wrong_field(name, "it is missing") for name in required if name not in read]
    return refusal(NotDone(422, tuple(problems)), message) if problems else read


def json_object(body: bytes) -> dict[str, JSON] | NotDone:
    """A JSON object without a key that stands twice, or why it is none."""
    twice: list[str] = []

    def pairs(found: list[tuple[str, JSON]]) -> dict[str, JSON]:
        keys = [key for key, _ in found]
        twice.extend(key for key in dict.fromkeys(keys) if keys.count(key) > 1)
        return dict(found)

    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=pairs, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return NOT_JSON
    if twice:
        return NotDone(422, tuple(wrong_field(key, "it stands twice in one object") for key in twice[:20]))
    return value if isinstance(value, dict) else NOT_JSON


def unknown_keys(read: Mapping[str, JSON], known: Iterable[str]) -> list[Problem]:
    """A problem for each key that is not known."""
    names = list(known)
    return [wrong_field(name, f"there is no such field; fields: {', '.join(names)}") for name in read if name not in names]


def mistyped(read: Mapping[str, JSON], known: Mapping[str, str]) -> list[Problem]:
    """A problem for each value of the wrong kind."""
    return [
        wrong_field(name, f"it must be {'an' if kind == 'object' else 'a'} {kind}" if kind != "text" else "it must be text")
        for name, kind in known.items()
        if name in read and kind in SHOWN and not isinstance(read[name], SHOWN[kind])
    ]


def text(read: Mapping[str, JSON], name: str, default: str = "") -> str:
    """The text at a key, which was checked to be one."""
    value = read.get(name, default)
    return value if isinstance(value, str) else default


def query(scope: Scope, known: Sequence[str]) -> dict[str, str] | NotDone:
    """The query's parameters: each once, each known."""
    try:
        asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return not_done(422, "invalid-field", "the query holds too many parameters")
    problems = [
        wrong_field(name, f"there is no such parameter; parameters: {', '.join(known)}") for name in asked if name not in known
    ]
    problems += [wrong_field(name, "it was given twice") for name, values in asked.items() if len(values) > 1]
    return NotDone(422, tuple(problems)) if problems else {name: values[0] for name, values in asked.items()}


def page_of(rows: Sequence[T], asked: Mapping[str, str], key: Callable[[T], str]) -> tuple[Sequence[T], str | None] | NotDone:
    """The rows after the one with the key `after`, at most `limit` of them; and the key to go on from, if there are more."""
    limit = asked.get("limit", str(MOST_LISTED))
    if not (limit.isascii() and limit.isdigit() and 0 < int(limit[:9]) <= MOST_LISTED and len(limit) < 9):
        return NotDone(422, (wrong_field("limit", f"give a number from 1 to {MOST_LISTED}"),))
    start = 0
    if "after" in asked:
        places = [number for number, row in enumerate(rows) if key(row) == asked["after"]]
        if not places:
            return NotDone(422, (wrong_field("after", "nothing in the list has this id (any more). Begin again without it"),))
        start = places[0] + 1
    some = rows[start : start + int(limit)]
    return some, key(some[-1]) if some and start + int(limit) < len(rows) else None


def refusal(why: NotDone, message: str) -> JsonAnswer:
    """A refusal with all that is wrong; a problem of one field names it."""
    errors: list[JSON] = []
    for each in why.problems:
        error: dict[str, JSON] = {"code": each.code, "description": each.description}
        errors.append({**error, "field": each.field} if each.field else error)
    headers = dict(NO_STORE)
    if why.status == 401:
        headers["www-authenticate"] = 'Bearer realm="trustpub"'
    if why.retry_after:
        headers["retry-after"] = str(why.retry_after)
    return JsonAnswer({"message": message, "errors": errors}, why.status, headers, code=why.code)


def told(value: JSON, status: int = 200) -> JsonAnswer:
    """An answer that is true for one caller and one moment."""
    return JsonAnswer(value, status, NO_STORE)


async def answered(
    service: Service, scope: Scope, message: str, work: Callable[[Admission], T | NotDone], show: Callable[[T], JSON]
) -> Response:
    """Do what the bearer of a token asks, and show it."""
    who = bearer(scope)
    if isinstance(who, NotDone):
        return refusal(who, message)
    found = await done(service, who, partial(work, who))
    return refusal(found, message) if isinstance(found, NotDone) else told(show(found))


def _no_number(name: str) -> JSON:
    raise ValueError(name)
