"""`/api/v1/readers`: identities whose ID tokens are exchanged for read tokens, for whoever runs a private index.

GET    /api/v1/readers          {"readers": [...]}
POST   /api/v1/readers          {"provider", "publisher", "issuer"?, "refs"?, "allowed_events"?}
DELETE /api/v1/readers/{id}
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone
from trustpub.usecases.publisher_rows import Wrong
from trustpub.web.api.asking import answered, strict_object
from trustpub.web.methods import Each, Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.storage.readers import Reader
    from trustpub.usecases.projects.principal import Actor
    from trustpub.usecases.readers import Readers
    from trustpub.web.service import Service

PATH = "/api/v1/readers"
FAILED = "The reader was not changed"
NOT_LISTED = "The readers are not listed"
KNOWN = {"provider": "text", "publisher": "object", "issuer": "any", "refs": "list", "allowed_events": "list"}


def routes(service: Service) -> list[BaseRoute]:
    """The collection and its members."""

    @cache
    def readers() -> Readers:
        from trustpub.usecases.readers import Readers

        return Readers(service.database, service.clock)

    async def listed(scope: Scope, _receive: Receive) -> Response:
        def show(found: tuple[Reader, ...]) -> JSON:
            return {"readers": [shown(each) for each in found]}

        return await answered(service, scope, NOT_LISTED, lambda who: readers().listed(who), show)

    async def add(scope: Scope, receive: Receive) -> Response:
        from trustpub.usecases.publishing.asked import publisher_in_row

        read = await strict_object(scope, receive, FAILED, KNOWN, ("provider", "publisher"))
        if not isinstance(read, dict):
            return read
        found = publisher_in_row(read, service.settings.issuers)
        asked = NotDone(422, found.problems) if isinstance(found, Wrong) else found
        return await answered(service, scope, FAILED, lambda who: readers().add(who, asked), shown)

    async def remove(scope: Scope, _receive: Receive) -> Response:
        number = scope["path_params"]["id"]
        return await answered(service, scope, FAILED, lambda who: _remove(readers(), who, number), shown)

    return [Each(PATH, {"GET": listed, "POST": add}), Only("DELETE", PATH + "/{id}", remove)]


def shown(each: Reader) -> JSON:
    """One reader."""
    publisher = each.publisher
    held: dict[str, JSON] = {"refs": [*publisher.refs], "allowed_events": [*publisher.allowed_events]}
    row: dict[str, JSON] = {"id": each.id, "provider": str(publisher.provider), "issuer": publisher.issuer}
    return {**row, "publisher": {**publisher.row()}, **held, "by": each.by}


def _remove(readers: Readers, who: Actor, number: str) -> Reader | NotDone:
    from trustpub.usecases.readers import GONE

    return readers.remove(who, int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else GONE
