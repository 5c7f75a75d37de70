"""`/api/v1/publishers`: the publishers of an index, for programs: list, register, remove.

    GET    /api/v1/publishers[?project=NAME]    {"publishers": [...]}
    POST   /api/v1/publishers                   201 and the new one, or 200 and the equal one that is there
    DELETE /api/v1/publishers/{id}              200 and the one that was removed

Each has an API token: `Authorization: Bearer pypi-api_...`, or Basic with the user `__token__`. PyPI has nothing of this
kind yet.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from trustpub.usecases.manage_publishers import ManagePublishers, NotManaged, refused
from trustpub.usecases.upload_credential import credential
from trustpub.web.answers import NO_STORE, JsonAnswer
from trustpub.web.body import token_body
from trustpub.web.methods import Each, Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.usecases.manage_publishers import Registration
    from trustpub.usecases.upload_credential import Admission, UploadRefused
    from trustpub.web.service import Service

PATH = "/api/v1/publishers"
FAILED = "The publisher was not changed"
NOT_LISTED = "The publishers are not listed"
NOT_JSON = refused(400, "invalid-payload", "the body is no JSON object")


def routes(service: Service) -> list[BaseRoute]:
    """The collection and its members."""
    manage = ManagePublishers(service.database, service.clock, service.settings.issuers)

    async def listed(scope: Scope, _receive: Receive) -> Response:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(service.pool, manage.listed, _who(scope), _project(scope))
        if isinstance(found, NotManaged):
            return refusal(found, NOT_LISTED)
        return JsonAnswer({"publishers": [shown(each) for each in found]}, headers=NO_STORE)

    async def register(scope: Scope, receive: Receive) -> Response:
        body = await token_body(scope, receive, FAILED, "a publisher")
        if not isinstance(body, bytes):
            return body
        wanted = _object(body)
        if wanted is None:
            return refusal(NOT_JSON, FAILED)
        made = await asyncio.wrap_future(manage.register(_who(scope), wanted))
        if isinstance(made, NotManaged):
            return refusal(made, FAILED)
        return JsonAnswer(shown(made), 201 if made.new else 200, NO_STORE)

    async def remove(scope: Scope, _receive: Receive) -> Response:
        gone = await asyncio.wrap_future(manage.remove(_who(scope), scope["path_params"]["id"]))
        return refusal(gone, FAILED) if isinstance(gone, NotManaged) else JsonAnswer(shown(gone), headers=NO_STORE)

    return [Each(PATH, {"GET": listed, "POST": register}), Only("DELETE", PATH + "/{id}", remove)]


def shown(each: Registration) -> JSON:
    """One publisher of one project; the names inside `publisher` are those of PyPI's row."""
    row: dict[str, JSON] = {"id": each.id, "project": each.project, "pending": each.pending}
    if each.user is not None:
        row["user"] = each.user
    publisher = each.publisher
    return {**row, "provider": str(publisher.provider), "issuer": publisher.issuer, "publisher": {**publisher.row()}}


def refusal(why: NotManaged, message: str) -> JsonAnswer:
    """A refusal with all that is wrong; a problem of one field names it."""
    errors: list[JSON] = []
    for each in why.problems:
        error: dict[str, JSON] = {"code": each.code, "description": each.description}
        errors.append({**error, "field": each.field} if each.field else error)
    headers = {**NO_STORE, "www-authenticate": 'Bearer realm="trustpub"'} if why.status == 401 else NO_STORE
    return JsonAnswer({"message": message, "errors": errors}, why.status, headers, code=why.problems[0].code)


def _who(scope: Scope) -> Admission | UploadRefused | None:
    told = next((value for name, value in scope["headers"] if name == b"authorization"), None)
    return None if told is None else credential(told.decode("latin-1"))


def _project(scope: Scope) -> str | None:
    """The project that is asked about; one that is given twice, or nothing, is no name and is refused as such."""
    try:
        asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True, max_num_fields=10)
    except ValueError:
        return ""
    names = asked.get("project")
    return None if names is None else names[0] if len(names) == 1 else ""


def _object(body: bytes) -> dict[str, JSON] | None:
    try:
        value = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
