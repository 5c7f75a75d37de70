"""`/api/v1/projects`: the projects of a token's user: list, look, change their state and switches, delete.

GET    /api/v1/projects                     {"projects": [...], "invitations": [...], "next"?: NAME}
GET    /api/v1/projects/{name}
PATCH  /api/v1/projects/{name}              {"state"?, "reason"?, "trusted_only"?}
DELETE /api/v1/projects/{name}              {"confirm": NAME}
GET    /api/v1/projects/{name}/events       the audit log, for owners
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.not_done import NotDone, not_done
from trustpub.web.api.asking import answered, bearer, done, page_of, query, refusal, strict_object, text, told
from trustpub.web.methods import Each, Only

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope

    from trustpub.domain.claims import JSON
    from trustpub.storage.events import Event
    from trustpub.usecases.projects.invitations import Invitation
    from trustpub.usecases.projects.mine import MyProject
    from trustpub.usecases.projects.principal import Actor
    from trustpub.web.service import Service

PATH = "/api/v1/projects"
MEMBER = PATH + "/{name}"
FAILED = "The project was not changed"
NOT_LISTED = "The projects are not listed"
CHANGES = {"state": "text", "reason": "text", "trusted_only": "boolean"}
STATES = ("active", "archived", "quarantined")


def routes(service: Service) -> list[BaseRoute]:
    """The collection and its members."""

    async def listed(scope: Scope, _receive: Receive) -> Response:
        asked, who = query(scope, ("after", "limit")), bearer(scope)
        if isinstance(who, NotDone) or isinstance(asked, NotDone):
            return refusal(who if isinstance(who, NotDone) else asked, NOT_LISTED)  # type: ignore[arg-type]
        found = await done(service, who, lambda: service.projects.mine(who))
        page = found if isinstance(found, NotDone) else page_of(found.projects, asked, lambda row: row.normalized)
        if isinstance(found, NotDone) or isinstance(page, NotDone):
            return refusal(page, NOT_LISTED)  # type: ignore[arg-type]
        following: dict[str, JSON] = {} if page[1] is None else {"next": page[1]}
        offers: list[JSON] = [invitation(each) for each in found.invitations]
        return told({"projects": [project(each) for each in page[0]], "invitations": offers, **following})

    async def get(scope: Scope, _receive: Receive) -> Response:
        name = scope["path_params"]["name"]
        return await answered(service, scope, NOT_LISTED, lambda who: service.projects.get(who, name), project)

    async def change(scope: Scope, receive: Receive) -> Response:
        read = await strict_object(scope, receive, FAILED, CHANGES)
        if not isinstance(read, dict):
            return read
        name = scope["path_params"]["name"]
        return await answered(service, scope, FAILED, lambda who: _change(service, who, name, read), project)

    async def delete(scope: Scope, receive: Receive) -> Response:
        read = await strict_object(scope, receive, FAILED, {"confirm": "text"}, ("confirm",))
        if not isinstance(read, dict):
            return read
        name, typed = scope["path_params"]["name"], text(read, "confirm")
        return await answered(service, scope, FAILED, lambda who: service.projects.lifecycle.delete(who, name, typed), project)

    async def events(scope: Scope, _receive: Receive) -> Response:
        def show(found: tuple[Event, ...]) -> JSON:
            return {"events": [event(each) for each in found]}

        name = scope["path_params"]["name"]
        return await answered(service, scope, NOT_LISTED, lambda who: service.projects.log.of(who, name), show)

    members = {"GET": get, "PATCH": change, "DELETE": delete}
    return [Only("GET", PATH, listed), Each(MEMBER, members), Only("GET", MEMBER + "/events", events)]


def project(each: MyProject) -> JSON:
    """A project as its people see it."""
    return {
        "name": each.name,
        "role": each.role,
        "state": each.state,
        "reason": each.state_reason,
        "version": each.version,
        "trusted_only": each.trusted_only,
    }


def invitation(each: Invitation) -> JSON:
    """A role that was offered."""
    row: dict[str, JSON] = {"id": each.id, "project": each.project, "role": each.role}
    return {**row, "who": each.who, "by": each.by, "expires": each.expires}


def event(each: Event) -> JSON:
    """A line of the audit log."""
    return {"kind": each.kind, "actor": each.actor, "at": each.at, "detail": dict(each.detail)}


def _change(service: Service, who: Actor, name: str, read: dict[str, JSON]) -> MyProject | NotDone:
    """One thing at a time: state and switch are transactions of their own, and half a change would be nobody's wish."""
    if ("state" in read) == ("trusted_only" in read) or ("reason" in read and "state" not in read):
        return not_done(422, "invalid-field", "give either `state` (with a `reason`, if you like) or `trusted_only`")
    if "trusted_only" in read:
        return service.projects.switches.trusted_only(who, name, on=read["trusted_only"] is True)
    return _go(service, who, name, text(read, "state"), text(read, "reason"))


def _go(service: Service, who: Actor, name: str, state: str, reason: str) -> MyProject | NotDone:
    life = service.projects.lifecycle
    if state == "archived":
        return life.archive(who, name, reason)
    if state == "quarantined":
        return life.quarantine(who, name, reason)
    if state != "active":
        return not_done(422, "invalid-field", f"`state`: use one of: {', '.join(STATES)}", "state")
    there = service.projects.get(who, name)
    if isinstance(there, NotDone):
        return there
    return life.release(who, name) if there.state == "quarantined" else life.unarchive(who, name)
