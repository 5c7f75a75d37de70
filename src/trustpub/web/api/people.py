"""`/api/v1/projects/{name}/people`: who has a role in a project, and who was offered one.

    GET    /api/v1/projects/{name}/people
    PATCH  /api/v1/projects/{name}/people/{user}        {"role": "owner" | "maintainer"}
    DELETE /api/v1/projects/{name}/people/{user}
    POST   /api/v1/projects/{name}/invitations          {"who": NAME or ADDRESS, "role"}
    DELETE /api/v1/projects/{name}/invitations/{id}

Accepting an invitation, and giving a project away, need a person: no token does either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone, not_done
from trustpub.web.api.asking import answered, strict_object, text
from trustpub.web.api.projects import MEMBER, invitation
from trustpub.web.methods import Each, Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.usecases.projects.invitations import Invitation
    from trustpub.usecases.projects.people import Listed, Person
    from trustpub.usecases.projects.principal import Actor
    from trustpub.web.service import Service

PATH = MEMBER + "/people"
INVITATIONS = MEMBER + "/invitations"
FAILED = "The people of the project were not changed"
NOT_LISTED = "The people of the project are not listed"


def routes(service: Service) -> list[BaseRoute]:
    """People, and invitations."""

    async def listed(scope: Scope, _receive: Receive) -> Response:
        name = scope["path_params"]["name"]
        return await answered(service, scope, NOT_LISTED, lambda who: service.projects.people.listed(who, name), _listed)

    async def change(scope: Scope, receive: Receive) -> Response:
        read = await strict_object(scope, receive, FAILED, {"role": "text"}, ("role",))
        if not isinstance(read, dict):
            return read
        name, user, role = scope["path_params"]["name"], scope["path_params"]["user"], text(read, "role")
        people = service.projects.people
        return await answered(service, scope, FAILED, lambda who: people.change_role(who, name, user, role), person)

    async def remove(scope: Scope, _receive: Receive) -> Response:
        name, user = scope["path_params"]["name"], scope["path_params"]["user"]
        return await answered(service, scope, FAILED, lambda who: service.projects.people.remove(who, name, user), person)

    async def invite(scope: Scope, receive: Receive) -> Response:
        read = await strict_object(scope, receive, FAILED, {"who": "text", "role": "text"}, ("who", "role"))
        if not isinstance(read, dict):
            return read
        name, whom, role = scope["path_params"]["name"], text(read, "who"), text(read, "role")
        people = service.projects.people
        return await answered(service, scope, FAILED, lambda who: people.invite(who, name, whom, role), invitation)

    async def cancel(scope: Scope, _receive: Receive) -> Response:
        name, number = scope["path_params"]["name"], scope["path_params"]["id"]
        return await answered(service, scope, FAILED, lambda who: _cancel(service, who, name, number), invitation)

    return [
        Only("GET", PATH, listed),
        Each(PATH + "/{user}", {"PATCH": change, "DELETE": remove}),
        Only("POST", INVITATIONS, invite),
        Only("DELETE", INVITATIONS + "/{id}", cancel),
    ]


def person(each: Person) -> JSON:
    """Somebody with a role."""
    return {"user": each.user, "full_name": each.full_name, "role": each.role, "you": each.you}


def _listed(found: Listed) -> JSON:
    people: list[JSON] = [person(each) for each in found.people]
    return {"project": found.project, "people": people, "invitations": [invitation(each) for each in found.invitations]}


def _cancel(service: Service, who: Actor, name: str, number: str) -> Invitation | NotDone:
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return not_done(404, "not-found", "there is no invitation of this id")
    return service.projects.people.cancel(who, name, int(number))
