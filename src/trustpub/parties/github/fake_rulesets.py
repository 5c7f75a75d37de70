"""The fake GitHub's rulesets, a repository's own and its organisation's, and the rules that hold for a branch."""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, cast

from trustpub.parties.github import fake_shapes as shapes
from trustpub.parties.github.fake_state import Ruleset, at_least
from trustpub.parties.github.fake_wire import Answer, Call, Refusal, checked_keys, not_found, page, route, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.parties.github.fake_state import Owner, Repository
    from trustpub.parties.github.fake_wire import JSON, Object

ALL = "/repos/{owner}/{repo}/rulesets"
ONE = ALL + "/{ruleset_id}"
UPGRADE = "Upgrade to GitHub Pro or make this repository public to enable this feature."
_KINDS: Mapping[str, tuple[type, ...]] = {
    "name": (str,),
    "target": (str,),
    "enforcement": (str,),
    "bypass_actors": (list,),
    "conditions": (dict,),
    "rules": (list,),
}
_ACTORS = ("Integration", "OrganizationAdmin", "RepositoryRole", "Team", "DeployKey", "User")
_MODES = ("always", "pull_request", "exempt")


@route("GET", ALL, anyone=True)
def list_rulesets(call: Call) -> Answer:
    """List the rulesets without their rules; the owner's too, unless `includes_parents=false`."""
    _check_plan(call.repository)
    parents = call.query.get("includes_parents", "true") != "false"
    wanted = call.query.get("targets", "").split(",") if call.query.get("targets") else []
    found: list[JSON] = [
        _brief(call, each, owner)
        for each, owner in _held(call.repository, parents=parents)
        if not wanted or each.target in wanted
    ]
    return page(call, found)


@route("POST", ALL, wants="administration=write", role="admin")
def add_ruleset(call: Call) -> Answer:
    """Create a ruleset."""
    _check_plan(call.repository)
    body = call.body()
    checked_keys(body, _KINDS, ["name", "enforcement"])
    each = Ruleset(call.world.number(), "", "branch", "active", [], {}, [], call.world.now(), call.world.now())
    _fill(each, call.repository, body)
    call.repository.rulesets[each.id] = each
    return Answer(201, _whole(call, each, None))


@route("GET", ONE, anyone=True)
def get_ruleset(call: Call) -> Answer:
    """Read one ruleset; who may pass it is told only to those who may edit it."""
    _check_plan(call.repository)
    number = call.number("ruleset_id")
    parents = call.query.get("includes_parents", "true") != "false"
    for each, owner in _held(call.repository, parents=parents):
        if each.id == number:
            return Answer(200, _whole(call, each, owner))
    raise not_found()


@route("PUT", ONE, wants="administration=write", role="admin")
def put_ruleset(call: Call) -> Answer:
    """Replace a ruleset whole: what is left out is emptied, `bypass_actors` included."""
    each, body = _own(call), call.body(optional=True)
    checked_keys(body, _KINDS)
    _fill(each, call.repository, {"name": each.name, "target": each.target, "enforcement": each.enforcement, **body})
    each.updated_at = call.world.now()
    return Answer(200, _whole(call, each, None))


@route("DELETE", ONE, wants="administration=write", role="admin")
def delete_ruleset(call: Call) -> Answer:
    """Delete a ruleset of the repository's own."""
    del call.repository.rulesets[_own(call).id]
    return Answer(204)


@route("GET", "/repos/{owner}/{repo}/rules/branches/{branch+}", anyone=True)
def branch_rules(call: Call) -> Answer:
    """List the rules in force for a branch, each with its ruleset."""
    _check_plan(call.repository)
    repository, ref = call.repository, f"refs/heads/{call.values['branch']}"
    rules: list[JSON] = []
    for each, owner in _held(repository, parents=True):
        if each.target != "branch" or each.enforcement != "active" or not _covers(each, repository, ref):
            continue
        source = {"ruleset_source_type": "Organization" if owner else "Repository", "ruleset_id": each.id}
        name = owner.login if owner else repository.slug
        own = cast("list[Mapping[str, JSON]]", each.rules)
        rules.extend({**rule, **source, "ruleset_source": name} for rule in own)
    return page(call, rules)


def _check_plan(repository: Repository) -> None:
    if repository.private and repository.plan == "free":
        raise Refusal(403, UPGRADE)


def _held(repository: Repository, *, parents: bool) -> Iterator[tuple[Ruleset, Owner | None]]:
    """Every ruleset that holds here, with its owner when it is not the repository's own."""
    if parents:
        for each in repository.owner.rulesets.values():
            yield each, repository.owner
    for each in repository.rulesets.values():
        yield each, None


def _own(call: Call) -> Ruleset:
    _check_plan(call.repository)
    found = call.repository.rulesets.get(call.number("ruleset_id"))
    if found is None:
        raise not_found()
    return found


def _fill(each: Ruleset, repository: Repository, body: Mapping[str, JSON]) -> None:
    target, enforcement = str(body.get("target", "branch")), str(body["enforcement"])
    if target not in {"branch", "tag", "push"}:
        raise _wrong("target")
    if enforcement not in {"disabled", "active", "evaluate"}:
        raise _wrong("enforcement")
    if enforcement == "evaluate" and repository.plan != "enterprise":
        raise _wrong("enforcement", "Enforcement evaluate is only available on GitHub Enterprise")
    name = str(body["name"])
    if any(other.name == name and other is not each for other in repository.rulesets.values()):
        raise _wrong("name", "Name must be unique")
    actors, rules = body.get("bypass_actors", []), body.get("rules", [])
    conditions = body.get("conditions", {})
    each.bypass_actors = [_actor(actor) for actor in cast("list[JSON]", actors)]
    each.rules = [_rule(rule) for rule in cast("list[JSON]", rules)]
    each.conditions = _conditions(conditions)
    each.name, each.target, each.enforcement = name, target, enforcement


def _wrong(field: str, message: str = "is invalid") -> Refusal:
    problem: JSON = [{"resource": "RepositoryRuleset", "field": field, "code": "invalid", "message": message}]
    return Refusal(422, "Validation Failed", errors=problem)


def _actor(actor: JSON) -> Object:
    if not isinstance(actor, dict) or actor.get("actor_type") not in _ACTORS:
        raise _wrong("bypass_actors")
    if actor.get("bypass_mode", "always") not in _MODES:
        raise _wrong("bypass_actors")
    number = None if actor["actor_type"] == "DeployKey" else actor.get("actor_id")
    return {"actor_id": number, "actor_type": actor["actor_type"], "bypass_mode": actor.get("bypass_mode", "always")}


def _rule(rule: JSON) -> Object:
    if not isinstance(rule, dict) or not isinstance(rule.get("type"), str):
        raise _wrong("rules")
    return dict(rule)


def _conditions(conditions: JSON) -> Object:
    if not isinstance(conditions, dict):
        raise _wrong("conditions")
    ref_name = conditions.get("ref_name", {})
    if not isinstance(ref_name, dict):
        raise _wrong("conditions")
    include, exclude = texts(ref_name.get("include", [])), texts(ref_name.get("exclude", []))
    if any(not each.startswith(("refs/", "~")) for each in (*include, *exclude)):
        raise _wrong("conditions", "Invalid target patterns: they must be full refs")
    return {"ref_name": {"include": list(include), "exclude": list(exclude)}}


def _covers(each: Ruleset, repository: Repository, ref: str) -> bool:
    names = cast("Mapping[str, Mapping[str, JSON]]", each.conditions).get("ref_name", {})

    def fits(pattern: str) -> bool:
        if pattern == "~DEFAULT_BRANCH":
            return ref == f"refs/heads/{repository.default_branch}"
        return pattern == "~ALL" or fnmatch.fnmatchcase(ref, pattern)

    return any(map(fits, texts(names.get("include")))) and not any(map(fits, texts(names.get("exclude"))))


def _brief(call: Call, each: Ruleset, owner: Owner | None) -> Object:
    repository = call.repository
    own = f"{call.base}/repos/{repository.slug}/rulesets/{each.id}"
    url = f"{call.base}/orgs/{owner.login}/rulesets/{each.id}" if owner else own
    page = f"{shapes.HTML}/organizations/{owner.login}/settings/rules" if owner else f"{shapes.HTML}/{repository.slug}/rules"
    return {
        "id": each.id,
        "name": each.name,
        "target": each.target,
        "source_type": "Organization" if owner else "Repository",
        "source": owner.login if owner else repository.slug,
        "enforcement": each.enforcement,
        "node_id": shapes.node("RRS", each.id),
        "_links": {"self": {"href": url}, "html": {"href": f"{page}/{each.id}"}},
        "created_at": each.created_at,
        "updated_at": each.updated_at,
    }


def _whole(call: Call, each: Ruleset, owner: Owner | None) -> Object:
    shape: Object = {**_brief(call, each, owner), "conditions": each.conditions, "rules": each.rules}
    if _edits(call, owner):
        shape["bypass_actors"] = each.bypass_actors
    return shape


def _edits(call: Call, owner: Owner | None) -> bool:
    token = call.token
    if token is None or (token.permissions is not None and token.permissions.get("administration") != "write"):
        return False
    if owner:
        return owner.members.get(call.login.lower()) == "admin"
    return token.installation or at_least(call.world.role(call.login, call.repository), "admin")
