"""`GET /api/v1/openapi.json`: what `/api/v1` takes and answers, for programs that write programs (OpenAPI 3.1).

Written by hand, as the routes are; a test holds every answer of the routes against it, and every route to a line of it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from trustpub.version import __version__
from trustpub.web.answers import JsonAnswer, origin
from trustpub.web.api import people, projects, publishers, readers, releases, whoami
from trustpub.web.methods import Only

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.web.service import Service

PATH = "/api/v1/openapi.json"

REFUSALS = {
    400: "The body is no JSON object.",
    401: "No token, or one that is unknown, revoked or expired.",
    403: "The token, or its user, does not reach this.",
    404: "There is nothing of this name or id.",
    409: "It is not as it would have to be: the description says what is in the way.",
    413: "The body is too large.",
    422: "A field is wrong; each error names its field.",
    429: "Too often; `Retry-After` says when to try again.",
}
COUNTED = frozenset({"registerPublisher", "invite"})
"""What one user does only so often a day."""
ALWAYS_POSSIBLE = frozenset({"testPublisher", "removeReader"})
"""What nothing is ever in the way of."""

OPERATIONS: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("get", publishers.PATH, "listPublishers", "List publishers, and the pending ones of the token's user.", "", "Publishers"),
    ("post", publishers.PATH, "registerPublisher", "Register a publisher.", "NewPublisher", "Publisher"),
    ("patch", publishers.PATH + "/{id}", "constrainPublisher", "Hold a publisher to something else.", "Constraints", "Publisher"),
    ("delete", publishers.PATH + "/{id}", "removePublisher", "Remove a publisher from its project.", "", "Publisher"),
    ("post", publishers.PATH + "/{id}/test", "testPublisher", "What these claims would get from it.", "Claims", "Tested"),
    ("get", publishers.PENDING, "listPending", "List the pending publishers of the token's user.", "", "Publishers"),
    ("get", projects.PATH, "listProjects", "List the projects that the token's user has a role in.", "", "Projects"),
    ("get", projects.MEMBER, "getProject", "One project, as its people see it.", "", "Project"),
    ("patch", projects.MEMBER, "changeProject", "Change the state or a switch.", "ProjectChange", "Project"),
    ("delete", projects.MEMBER, "deleteProject", "Delete a project; its name is gone for good.", "Confirmation", "Project"),
    ("get", projects.MEMBER + "/events", "listEvents", "The audit log, the newest first.", "", "Events"),
    ("get", people.PATH, "listPeople", "Who has a role in a project.", "", "People"),
    ("patch", people.PATH + "/{user}", "changeRole", "Give somebody another role.", "Role", "Person"),
    ("delete", people.PATH + "/{user}", "removePerson", "Take somebody's role away.", "", "Person"),
    ("post", people.INVITATIONS, "invite", "Offer a role.", "NewInvitation", "Invitation"),
    ("delete", people.INVITATIONS + "/{id}", "cancelInvitation", "Take an offer back.", "", "Invitation"),
    ("get", releases.PATH, "listReleases", "The releases of a project with their files.", "", "Releases"),
    ("delete", releases.PATH + "/{version}", "deleteRelease", "Delete a release with its files.", "Confirmation", "Release"),
    ("post", releases.PATH + "/{version}/yank", "yankRelease", "Keep a release from being chosen.", "Yank", "Release"),
    ("delete", releases.PATH + "/{version}/yank", "unyankRelease", "Let a release be chosen again.", "", "Release"),
    ("delete", releases.FILES + "/{filename}", "deleteFile", "Delete a file; its name is gone for good.", "Confirmation", "File"),
    ("get", readers.PATH, "listReaders", "Who may read a private index by ID token; for administrators.", "", "Readers"),
    ("post", readers.PATH, "addReader", "Let an identity read; for administrators.", "NewReader", "Reader"),
    ("delete", readers.PATH + "/{id}", "removeReader", "Let an identity read no more; for administrators.", "", "Reader"),
    ("get", whoami.PATH, "whoami", "Whose token this is.", "", "Whoami"),
)
"""Every request: method, path, name, what it does, what it takes (a schema's name), what it answers."""

PAGED: tuple[JSON, ...] = (
    {"name": "after", "in": "query", "required": False, "schema": {"type": "string"}, "description": "Begin after this one."},
    {
        "name": "limit",
        "in": "query",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": 1000},
        "description": "At most so many.",
    },
)
OF_PROJECT: JSON = {
    "name": "project",
    "in": "query",
    "required": False,
    "schema": {"type": "string"},
    "description": "Of this project only.",
}
QUERIES: dict[str, Sequence[JSON]] = {"listPublishers": (OF_PROJECT, *PAGED), "listProjects": PAGED}


@cache
def document() -> dict[str, JSON]:
    """The whole document."""
    from trustpub.web.api.schemas import SCHEMAS

    paths: dict[str, dict[str, JSON]] = {}
    for method, path, name, summary, takes, answers in OPERATIONS:
        paths.setdefault(path, {})[method] = _operation(method, path, name, summary, takes, answers)
    return {
        "openapi": "3.1.0",
        "info": {"title": "The management API of a trustpub index", "version": __version__},
        "security": [{"bearer": []}, {"basic": []}],
        "paths": {**paths},
        "components": {
            "schemas": {**SCHEMAS},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "An API token: `pypi-api_...`."},
                "basic": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "The user `__token__` with an API token as password.",
                },
            },
        },
    }


def _operation(method: str, path: str, name: str, summary: str, takes: str, answers: str) -> JSON:
    scope = "Needs a token of any scope." if name == "whoami" else "Needs the scope `read` or `manage`."
    needs = scope if method == "get" else "Needs the scope `read` or `manage`." if name == "testPublisher" else "Needs `manage`."
    responses: dict[str, JSON] = {"200": _answer("Done, or as it is.", answers)}
    if name == "registerPublisher":
        responses["201"] = _answer("It was registered; 200: it was there already.", answers)
    for status in _refusals(method, path, name, takes):
        responses[str(status)] = _answer(REFUSALS[status], "Refusal")
    parameters: list[JSON] = [
        {"name": each, "in": "path", "required": True, "schema": {"type": "string"}} for each in re.findall(r"{(\w+)}", path)
    ]
    parameters += QUERIES.get(name, ())
    asked: dict[str, JSON] = {"operationId": name, "summary": f"{summary} {needs}"}
    if parameters:
        asked["parameters"] = parameters
    if takes:
        asked["requestBody"] = {"required": True, "content": _content(takes)}
    return {**asked, "responses": responses}


def _refusals(method: str, path: str, name: str, takes: str) -> list[int]:
    """The statuses that a request of this kind may really be refused with."""
    possible = {
        400: takes,
        401: True,
        403: name != "whoami",
        404: "{" in path or name == "registerPublisher",
        409: method != "get" and name not in ALWAYS_POSSIBLE,
        413: takes,
        422: takes or name in QUERIES,
        429: name in COUNTED,
    }
    return [status for status, may_be in possible.items() if may_be]


def _answer(description: str, schema: str) -> JSON:
    return {"description": description, "content": _content(schema)}


def _content(schema: str) -> JSON:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def routes(service: Service) -> list[BaseRoute]:
    """One address, one answer for everybody who uses the same address of the index: `servers` names it."""

    async def openapi(scope: Scope, _receive: Receive) -> Response:
        return JsonAnswer({**document(), "servers": [{"url": origin(scope, service.settings.url)}]})

    return [Only("GET", PATH, openapi)]
