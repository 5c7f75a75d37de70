"""`/api/v1/publishers`: the publishers of an index, for programs: list, register, constrain, try, remove.

    GET    /api/v1/publishers[?project=NAME][&after=ID][&limit=N]   {"publishers": [...], "next"?: ID}
    POST   /api/v1/publishers                   201 and the new one, or 200 and the equal one that is there
    PATCH  /api/v1/publishers/{id}              200 and the one that is held to something else now
    DELETE /api/v1/publishers/{id}              200 and the one that was removed
    POST   /api/v1/publishers/{id}/test         200 and what the claims in the body would get from it
    GET    /api/v1/pending                      the pending ones of the token's user

Each has an API token: `Authorization: Bearer pypi-api_...`, or Basic with the user `__token__`. PyPI has nothing of this
kind yet.
"""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from trustpub.domain.names import is_project_name
from trustpub.usecases.not_done import NotDone, not_done
from trustpub.usecases.publisher_rows import Wrong, wrong_field
from trustpub.web.api.asking import (
    answered,
    bearer,
    done,
    json_object,
    page_of,
    query,
    refusal,
    strict_object,
    told,
    unknown_keys,
)
from trustpub.web.body import token_body
from trustpub.web.methods import Each, Only

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.domain.issuers import Issuer
    from trustpub.domain.publishers import Publisher
    from trustpub.usecases.publishing import Registration, Tested
    from trustpub.web.methods import Endpoint
    from trustpub.web.service import Service

PATH = "/api/v1/publishers"
PENDING = "/api/v1/pending"
FAILED = "The publisher was not changed"
NOT_LISTED = "The publishers are not listed"
KNOWN = ("project", "provider", "publisher", "pending", "issuer", "refs", "allowed_events")
HELD = {"environment": "text", "refs": "list", "allowed_events": "list"}


def routes(service: Service) -> list[BaseRoute]:
    """The collection, its members, and what can be asked of one."""
    return [_collection(service), *_members(service), Only("GET", PENDING, _pending(service))]


def _collection(service: Service) -> Each:
    async def listed(scope: Scope, _receive: Receive) -> Response:
        asked = query(scope, ("project", "after", "limit"))
        project = None if isinstance(asked, NotDone) else asked.get("project")
        if project is not None and not is_project_name(project):
            asked = not_done(422, "invalid-field", "`project`: it is no project's name", "project")
        if isinstance(asked, NotDone):
            return refusal(asked, NOT_LISTED)
        who = bearer(scope)
        if isinstance(who, NotDone):
            return refusal(who, NOT_LISTED)
        manage = service.publishing
        work = partial(manage.all_of, who) if project is None else partial(manage.of_project, who, project)
        found = await done(service, who, work)
        page = found if isinstance(found, NotDone) else page_of(found, asked, lambda row: row.id)
        if isinstance(page, NotDone):
            return refusal(page, NOT_LISTED)
        following: dict[str, JSON] = {} if page[1] is None else {"next": page[1]}
        return told({"publishers": [shown(each) for each in page[0]], **following})

    async def register(scope: Scope, receive: Receive) -> Response:
        body = await token_body(scope, receive, FAILED, "a publisher")
        if not isinstance(body, bytes):
            return body
        wanted, who = json_object(body), bearer(scope)
        if isinstance(wanted, NotDone) or isinstance(who, NotDone):
            return refusal(who if isinstance(who, NotDone) else wanted, FAILED)  # type: ignore[arg-type]
        project, asked, pending = _asked(wanted, service.settings.issuers)
        made = await done(service, who, partial(service.publishing.add_publisher, who, project, asked, pending=pending))
        if isinstance(made, NotDone):
            return refusal(made, FAILED)
        return told(shown(made), 201 if made.new else 200)

    return Each(PATH, {"GET": listed, "POST": register})


def _members(service: Service) -> list[Each]:
    async def constrain(scope: Scope, receive: Receive) -> Response:
        read = await strict_object(scope, receive, FAILED, HELD)
        if not isinstance(read, dict):
            return read
        said = _held(read)
        if isinstance(said, NotDone):
            return refusal(said, FAILED)
        name = scope["path_params"]["id"]
        return await answered(service, scope, FAILED, lambda who: service.publishing.hold(who, name, said), shown)

    async def remove(scope: Scope, _receive: Receive) -> Response:
        name = scope["path_params"]["id"]
        return await answered(service, scope, FAILED, lambda who: service.publishing.remove(who, name), shown)

    async def test(scope: Scope, receive: Receive) -> Response:
        read = await strict_object(scope, receive, "The claims were not tried", {"claims": "object"}, ("claims",))
        if not isinstance(read, dict):
            return read
        name, claims = scope["path_params"]["id"], json.dumps(read["claims"])
        failed = "The claims were not tried"
        return await answered(service, scope, failed, lambda who: service.publishing.test(who, name, claims), _tested)

    return [Each(PATH + "/{id}", {"PATCH": constrain, "DELETE": remove}), Only("POST", PATH + "/{id}/test", test)]


def _pending(service: Service) -> Endpoint:
    async def pending(scope: Scope, _receive: Receive) -> Response:
        def show(found: tuple[Registration, ...]) -> JSON:
            return {"publishers": [shown(each) for each in found]}

        return await answered(service, scope, NOT_LISTED, service.publishing.pending_of, show)

    return pending


def shown(each: Registration) -> JSON:
    """One publisher of one project; the names inside `publisher` are those of PyPI's row."""
    row: dict[str, JSON] = {"id": each.id, "project": each.project, "pending": each.pending}
    if each.user is not None:
        row["user"] = each.user
    if each.expires is not None:
        row["expires"] = each.expires
    if each.moved:
        row["moved"] = [gone._asdict() for gone in each.moved]
    if each.taken:
        row["taken"] = True
    publisher = each.publisher
    held: dict[str, JSON] = {"refs": [*publisher.refs]} if publisher.refs else {}
    if publisher.allowed_events:
        held["allowed_events"] = [*publisher.allowed_events]
    return {**row, "provider": str(publisher.provider), "issuer": publisher.issuer, "publisher": {**publisher.row()}, **held}


def _asked(wanted: Mapping[str, JSON], issuers: Sequence[Issuer]) -> tuple[str, Publisher | NotDone, bool]:
    """The project, the publisher (or all that is wrong with the request), and whether it is pending."""
    from trustpub.usecases.publishing.asked import publisher_in_row

    problems = unknown_keys(wanted, KNOWN)
    project, pending = wanted.get("project"), wanted.get("pending", False)
    if not isinstance(project, str) or not is_project_name(project):
        problems.append(wrong_field("project", "it is no project's name"))
    if not isinstance(pending, bool):
        problems.append(wrong_field("pending", "it is true or false"))
    found = publisher_in_row(wanted, issuers)
    if isinstance(found, Wrong):
        problems += found.problems
    name = project if isinstance(project, str) else ""
    return name, NotDone(422, tuple(problems)) if problems or isinstance(found, Wrong) else found, pending is True


def _held(read: Mapping[str, JSON]) -> dict[str, str | tuple[str, ...]] | NotDone:
    from trustpub.usecases.publishing.asked import listed_texts

    said: dict[str, str | tuple[str, ...]] = {}
    for name in ("refs", "allowed_events"):
        if name in read:
            said[name], problems = listed_texts(name, read[name])
            if problems:
                return NotDone(422, tuple(problems))
    environment = read.get("environment")
    return {**said, "environment": environment} if isinstance(environment, str) else said


def _tested(found: Tested) -> JSON:
    differences: list[JSON] = [{"field": each.field, "expected": each.expected, "got": each.got} for each in found.differences]
    return {"verdict": found.verdict, "why": found.why, "differences": differences}
