"""`GET /api/v1/openapi.json`: what `/api/v1` takes and answers, for programs that write programs (OpenAPI 3.1).

Written by hand, as the routes are; a test holds every answer of the routes against it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.publishers import FIELDS, Provider
from trustpub.version import __version__
from trustpub.web.answers import JsonAnswer
from trustpub.web.api.publishers import PATH as PUBLISHERS
from trustpub.web.methods import Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.web.service import Service

PATH = "/api/v1/openapi.json"

TEXT: JSON = {"type": "string"}
PROJECT: JSON = {"type": "string", "description": "The project's name, in any spelling."}
ROW: JSON = {
    "type": "object",
    "description": "The publisher's fields by PyPI's row names; an empty value constrains nothing. "
    + "; ".join(f"{provider}: {', '.join(names)}" for provider, names in FIELDS.items())
    + "; oidc: any claims and their exact values.",
    "additionalProperties": {"type": "string", "maxLength": 1024},
    "maxProperties": 50,
}
PROVIDER: JSON = {"type": "string", "enum": [str(each) for each in Provider]}
ISSUER: JSON = {"type": "string", "description": "The exact `iss` of its ID tokens. The provider's own unless it is given."}
PENDING: dict[str, JSON] = {"type": "boolean", "description": "The project does not exist yet: the first exchange makes it."}

PUBLISHER: JSON = {
    "type": "object",
    "description": "A publisher of one project.",
    "required": ["id", "project", "pending", "provider", "issuer", "publisher"],
    "properties": {
        "id": {"type": "string", "description": "Names this publisher of this project."},
        "project": PROJECT,
        "pending": PENDING,
        "user": {"type": "string", "description": "Pending: who will own the project."},
        "provider": PROVIDER,
        "issuer": TEXT,
        "publisher": ROW,
    },
    "additionalProperties": False,
}
NEW: JSON = {
    "type": "object",
    "required": ["project", "provider", "publisher"],
    "properties": {
        "project": PROJECT,
        "provider": PROVIDER,
        "publisher": ROW,
        "issuer": {"anyOf": [ISSUER, {"type": "null"}]},
        "pending": {**PENDING, "default": False},
    },
    "additionalProperties": False,
}
REFUSAL: JSON = {
    "type": "object",
    "required": ["message", "errors"],
    "properties": {
        "message": TEXT,
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["code", "description"],
                "properties": {"code": TEXT, "description": TEXT, "field": {"type": "string", "description": "What is wrong."}},
            },
        },
    },
}


def _ref(name: str) -> JSON:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(description: str, schema: JSON) -> JSON:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _refusals(**more: str) -> dict[str, JSON]:
    """Refusals by status (`s404`), with those that every request may get."""
    told = {"s401": "No token, or one that is unknown, revoked or expired.", "s403": "The token does not reach this.", **more}
    return {status.removeprefix("s"): _answer(why, _ref("Refusal")) for status, why in sorted(told.items())}


def _operation(name: str, summary: str, responses: dict[str, JSON], **more: JSON) -> JSON:
    return {"operationId": name, "summary": summary, **more, "responses": responses}


LISTED: JSON = {
    "type": "object",
    "required": ["publishers"],
    "properties": {"publishers": {"type": "array", "items": _ref("Publisher")}},
}
WHICH: JSON = [{"name": "project", "in": "query", "required": False, "schema": TEXT, "description": "Of this project only."}]
LIST = _operation(
    "listPublishers",
    "List publishers, and the pending ones of the token's user. Needs the scope `read` or `manage`.",
    {"200": _answer("The publishers.", LISTED), **_refusals(s422="The project's name is none.")},
    parameters=WHICH,
)
REGISTER = _operation(
    "registerPublisher",
    "Register a publisher. Needs the scope `manage`.",
    {
        "201": _answer("It was registered.", _ref("Publisher")),
        "200": _answer("It was there already.", _ref("Publisher")),
        **_refusals(
            s400="The body is no JSON object.",
            s404="There is no such project.",
            s409="The project exists, its name is too similar to another's, or somebody else waits for it.",
            s413="The body is too large.",
            s422="A field is wrong; each error names its field.",
        ),
    },
    requestBody={"required": True, "content": {"application/json": {"schema": _ref("NewPublisher")}}},
)
REMOVE = _operation(
    "removePublisher",
    "Remove a publisher from its project. Needs the scope `manage`.",
    {"200": _answer("It was removed.", _ref("Publisher")), **_refusals(s404="There is none of this id.")},
    parameters=[{"name": "id", "in": "path", "required": True, "schema": TEXT}],
)
DOCUMENT: JSON = {
    "openapi": "3.1.0",
    "info": {"title": "The management API of a trustpub index", "version": __version__},
    "security": [{"bearer": []}, {"basic": []}],
    "paths": {
        PUBLISHERS: {"get": LIST, "post": REGISTER},
        PUBLISHERS + "/{id}": {"delete": REMOVE},
    },
    "components": {
        "schemas": {"Publisher": PUBLISHER, "NewPublisher": NEW, "Refusal": REFUSAL},
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": "An API token: `pypi-api_...`."},
            "basic": {"type": "http", "scheme": "basic", "description": "The user `__token__` with an API token as password."},
        },
    },
}


def routes(_service: Service) -> list[BaseRoute]:
    """One address, one answer, for everybody."""
    answer = JsonAnswer(DOCUMENT)

    async def openapi(_scope: Scope, _receive: Receive) -> Response:
        return answer

    return [Only("GET", PATH, openapi)]
