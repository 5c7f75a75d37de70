"""The fake GitHub's accounts, teams, organisations, and repositories as such."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.parties.github import fake_shapes as shapes
from trustpub.parties.github.fake_state import ROLES, at_least
from trustpub.parties.github.fake_wire import Answer, Call, Refusal, not_found, page, route

if TYPE_CHECKING:
    from trustpub.parties.github.fake_state import Owner
    from trustpub.parties.github.fake_wire import JSON, Object


@route("GET", "/user", wants="", role="")
def user(call: Call) -> Answer:
    """Say whose token it is; what is private of it only to a token for that. An app's is nobody's, so it is refused."""
    if call.token is None:
        raise Refusal(401, "Requires authentication")
    if call.token.installation:
        raise Refusal(403, "Resource not accessible by integration")
    token, owner = call.token, call.world.owners[call.token.login.lower()]
    shape = shapes.public_user(owner, call.base)
    if token.may(scopes=("user", "read:user"), permission=""):
        private = ("private_gists", "total_private_repos", "owned_private_repos", "disk_usage", "collaborators")
        shape |= {**dict.fromkeys(private, 0), "two_factor_authentication": True, "user_view_type": "private"}
    if token.may(scopes=("user", "read:user"), permission="plan"):
        shape["plan"] = shapes.plan(owner)
    return Answer(200, shape)


@route("GET", "/users/{username}", wants="", role="", anyone=True)
def user_by_login(call: Call) -> Answer:
    """Find an account by its login; organisations are found here, too."""
    return Answer(200, shapes.public_user(_known(call.world.owner(call.values["username"])), call.base))


@route("GET", "/user/{account_id}", wants="", role="", anyone=True)
def user_by_id(call: Call) -> Answer:
    """Find an account by its number."""
    number = call.number("account_id")
    found = next((each for each in call.world.owners.values() if each.id == number), None)
    return Answer(200, shapes.public_user(_known(found), call.base))


@route("GET", "/orgs/{org}", wants="", role="", anyone=True)
def organization(call: Call) -> Answer:
    """Describe an organisation; what it pays for is told to its owners only, and to a token for that."""
    owner, token = _organization(call), call.token
    shape = shapes.organization(owner, call.base)
    meant = token is not None and token.may(scopes=("admin:org",), permission="organization_administration")
    if meant and owner.members.get(call.login.lower()) == "admin":
        shape |= {"plan": shapes.plan(owner, seats=True), "default_repository_permission": owner.base_role}
    return Answer(200, shape)


@route("GET", "/orgs/{org}/teams/{team_slug}", wants="members=read", role="", scope="read:org")
def team(call: Call) -> Answer:
    """Describe a team, to members of the organisation only."""
    owner = _organization(call)
    if call.login.lower() not in owner.members:
        raise not_found()
    found = call.world.teams.get((owner.login.lower(), call.values["team_slug"].lower()))
    if found is None:
        raise not_found()
    counts: dict[str, JSON] = {"members_count": len(found.members), "repos_count": 1, "created_at": owner.created_at}
    whole = shapes.organization(owner, call.base)
    return Answer(
        200,
        {**shapes.team(found, owner, call.base), **counts, "updated_at": owner.created_at, "organization": whole},
    )


@route("GET", "/repos/{owner}/{repo}", anyone=True)
def repository(call: Call) -> Answer:
    """Identify a repository."""
    role = call.world.role(call.login, call.repository) if call.token else ""
    return Answer(200, shapes.full_repository(call.repository, call.base, role))


@route("GET", "/repos/{owner}/{repo}/collaborators", role="write")
def collaborators(call: Call) -> Answer:
    """List everybody with more rights than strangers have, for those who may push; in an organisation, for its members."""
    repository, token = call.repository, call.token
    if repository.owner.kind == "Organization" and token and token.scopes is not None:
        scoped = token.may(scopes=("read:org", "write:org", "admin:org"), permission="")
        if not scoped or call.login.lower() not in repository.owner.members:
            raise Refusal(403, "Must have push access to view repository collaborators.")
    stranger = "none" if repository.private else "read"
    people: list[JSON] = []
    for login, owner in call.world.owners.items():
        role = call.world.role(login, repository)
        if owner.kind != "User" or ROLES.index(role) <= ROLES.index(stranger):
            continue
        if at_least(role, call.query.get("permission", "pull").replace("pull", "read").replace("push", "write")):
            known: Object = {"permissions": shapes.permissions(role), "role_name": role}
            people.append({**shapes.simple_user(owner, call.base), **known})
    return page(call, people)


@route("GET", "/repos/{owner}/{repo}/collaborators/{username}/permission", role="write")
def permission(call: Call) -> Answer:
    """Say what somebody may do: the old four words in `permission`, the real one in `role_name`."""
    owner = _known(call.world.owner(call.values["username"]))
    role = call.world.role(owner.login, call.repository)
    old = {"triage": "read", "maintain": "write"}.get(role, role)
    known = {**shapes.simple_user(owner, call.base), "permissions": shapes.permissions(role), "role_name": role}
    return Answer(200, {"permission": old, "role_name": role, "user": known})


@route("GET", "/repos/{owner}/{repo}/teams", role="read")
def teams(call: Call) -> Answer:
    """List the teams with rights here."""
    repository = call.repository
    words = {"read": "pull", "write": "push"}
    found: list[JSON] = []
    for slug, role in repository.teams.items():
        each = call.world.teams[repository.owner.login.lower(), slug]
        shape = shapes.team(each, repository.owner, call.base, words.get(role, role))
        found.append({**shape, "permissions": shapes.permissions(role)})
    return page(call, found)


def _known(owner: Owner | None) -> Owner:
    if owner is None:
        raise not_found()
    return owner


def _organization(call: Call) -> Owner:
    owner = _known(call.world.owner(call.values["org"]))
    if owner.kind != "Organization":
        raise not_found()
    return owner
