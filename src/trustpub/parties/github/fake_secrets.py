"""The fake GitHub's secrets: their names and when they were set. Nobody is ever told a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.parties.github.fake_environments import ONE, find_environment
from trustpub.parties.github.fake_wire import Answer, Call, Refusal, not_found, page, route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.parties.github.fake_wire import JSON

REPOSITORY = "/repos/{owner}/{repo}"


@route("GET", REPOSITORY + "/actions/secrets", wants="secrets=read", role="write")
def secrets(call: Call) -> Answer:
    """List the repository's own."""
    return _names(call, call.repository.secrets)


@route("GET", REPOSITORY + "/dependabot/secrets", wants="dependabot_secrets=read", role="write")
def dependabot_secrets(call: Call) -> Answer:
    """List those of Dependabot."""
    return _names(call, call.repository.dependabot_secrets)


@route("GET", REPOSITORY + "/actions/organization-secrets", wants="secrets=read", role="write")
def organization_secrets(call: Call) -> Answer:
    """List those of the organisation that jobs here can get."""
    slug = call.repository.slug.lower()
    shared = {
        name: each.updated_at
        for name, each in call.repository.owner.secrets.items()
        if each.repositories is None or slug in each.repositories
    }
    return _names(call, shared)


@route("GET", ONE + "/secrets", wants="environments=read", role="write")
def environment_secrets(call: Call) -> Answer:
    """List those of one environment."""
    return _names(call, find_environment(call).secrets)


@route("GET", ONE + "/variables", wants="environments=read", role="write")
def environment_variables(call: Call) -> Answer:
    """List the variables of one environment, values included: they are no secrets."""
    now = call.world.now()
    found: list[JSON] = [
        {"name": name, "value": value, "created_at": now, "updated_at": now}
        for name, value in find_environment(call).variables.items()
    ]
    return page(call, found, under="variables")


@route("GET", "/orgs/{org}/actions/secrets", wants="organization_secrets=read", role="", scope="admin:org")
def all_organization_secrets(call: Call) -> Answer:
    """List every secret of the organisation, for its owners."""
    owner = call.world.owner(call.values["org"])
    role = owner.members.get(call.login.lower()) if owner else None
    if owner is None or role is None:
        raise not_found()
    if role != "admin":
        raise Refusal(403, "Must be an organization owner.")
    url = f"{call.base}/orgs/{owner.login}/actions/secrets"
    found: list[JSON] = []
    for name, each in owner.secrets.items():
        limited: dict[str, JSON] = {"visibility": "all"}
        if each.repositories is not None:
            limited = {"visibility": "selected", "selected_repositories_url": f"{url}/{name}/repositories"}
        found.append({"name": name, "created_at": each.updated_at, "updated_at": each.updated_at, **limited})
    return page(call, found, under="secrets")


def _names(call: Call, held: Mapping[str, str]) -> Answer:
    found: list[JSON] = [{"name": name, "created_at": when, "updated_at": when} for name, when in held.items()]
    return page(call, found, under="secrets")
