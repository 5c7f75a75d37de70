"""The fake GitHub's environments: a PUT replaces one whole, patterns are a list of their own, and the plan has a say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import quote

from trustpub.parties.github import fake_shapes as shapes
from trustpub.parties.github.fake_state import Environment, RefPolicy
from trustpub.parties.github.fake_wire import Answer, Call, Refusal, checked_keys, invalid, not_found, page, route

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.parties.github.fake_state import Repository, World
    from trustpub.parties.github.fake_wire import JSON, Object

ALL = "/repos/{owner}/{repo}/environments"
ONE = ALL + "/{environment_name}"
POLICIES = ONE + "/deployment-branch-policies"
MOST_REVIEWERS = 6
LONGEST_WAIT = 43200
GATED = ("wait_timer", "reviewers", "prevent_self_review", "can_admins_bypass")
"""What a private repository may not set without Enterprise, not even to its default."""
BYPASS_SINCE, SELF_REVIEW_SINCE = (3, 10), (3, 11)
"""The Enterprise Servers from which on these keys are known."""
_KINDS: Mapping[str, tuple[type, ...]] = {
    "wait_timer": (int,),
    "prevent_self_review": (bool,),
    "reviewers": (list, type(None)),
    "deployment_branch_policy": (dict, type(None)),
    "can_admins_bypass": (bool,),
}


@route("GET", ALL, wants="actions=read", anyone=True)
def list_environments(call: Call) -> Answer:
    """List the environments."""
    repository = _with_environments(call)
    return page(call, [_shape(call, each) for each in repository.environments.values()], under="environments")


@route("GET", ONE, wants="actions=read", anyone=True)
def get_environment(call: Call) -> Answer:
    """Read one environment."""
    return Answer(200, _shape(call, find_environment(call)))


@route("PUT", ONE, wants="administration=write", role="admin")
def put_environment(call: Call) -> Answer:
    """Create or replace: a key that is left out goes back to its default, but for the switch for administrators.

    GitHub does not say so, it only says `create or update`: `omitted_stays` is the other reading. Reviewers who cannot read the
    repository are left out without a word, as eclipse-csi/otterdog 556 reports. Going away from patterns drops them.
    """
    repository = _with_environments(call)
    body = call.body(optional=True)
    kinds = {key: kind for key, kind in _KINDS.items() if _known(call.world, key)}
    checked_keys(body, kinds)
    _check_plan(repository, body)
    name = call.values["environment_name"]
    if call.world.omitted_stays and (kept := repository.environments.get(name.lower())):
        body = {**_said(kept), **body}
    policy, reviewers, wait = _branch_policy(body), _reviewers(call.world, repository, body), _wait(body)
    if len(name) > 255:
        raise Refusal(422, "Validation Failed", errors=["Name is too long (maximum is 255 characters)"])
    each = repository.environments.get(name.lower())
    if each is None:
        each = Environment(call.world.number(), name, call.world.now(), call.world.now())
        repository.environments[name.lower()] = each
    each.wait_timer, each.reviewers, each.branch_policy, each.updated_at = wait, reviewers, policy, call.world.now()
    each.prevent_self_review = body.get("prevent_self_review") is True
    each.can_admins_bypass = bool(body.get("can_admins_bypass", each.can_admins_bypass))
    if policy != "custom":
        each.policies.clear()
    return Answer(200, _shape(call, each))


@route("DELETE", ONE, wants="administration=write", role="admin")
def delete_environment(call: Call) -> Answer:
    """Delete an environment with its rules and secrets."""
    del call.repository.environments[find_environment(call).name.lower()]
    return Answer(204)


@route("GET", POLICIES, wants="actions=read", anyone=True)
def list_policies(call: Call) -> Answer:
    """List the patterns."""
    return page(call, [_policy(each) for each in find_environment(call).policies.values()], under="branch_policies")


@route("POST", POLICIES, wants="administration=write", role="admin")
def add_policy(call: Call) -> Answer:
    """Add a pattern (200): 303 when it is there, 404 unless the environment goes by patterns."""
    each, body = find_environment(call), call.body()
    checked_keys(body, {"name": (str,), "type": (str,)}, ["name"])
    kind = body.get("type", "branch")
    if kind not in {"branch", "tag"}:
        raise invalid(f"For 'properties/type', {kind} is not one of branch, tag.")
    if each.branch_policy != "custom":
        raise not_found()
    name = str(body["name"])
    if any((name, kind) == (policy.name, policy.type) for policy in each.policies.values()):
        return Answer(303)
    policy = RefPolicy(call.world.number(), name, str(kind))
    each.policies[policy.id] = policy
    return Answer(200, _policy(policy))


@route("GET", POLICIES + "/{branch_policy_id}", wants="actions=read", anyone=True)
def get_policy(call: Call) -> Answer:
    """Read one pattern."""
    return Answer(200, _policy(_one_policy(call)))


@route("PUT", POLICIES + "/{branch_policy_id}", wants="administration=write", role="admin")
def put_policy(call: Call) -> Answer:
    """Change the text of a pattern; whether it is of branches or of tags cannot be changed."""
    policy, body = _one_policy(call), call.body()
    checked_keys(body, {"name": (str,)}, ["name"])
    policy.name = str(body["name"])
    return Answer(200, _policy(policy))


@route("DELETE", POLICIES + "/{branch_policy_id}", wants="administration=write", role="admin")
def delete_policy(call: Call) -> Answer:
    """Delete a pattern."""
    del find_environment(call).policies[_one_policy(call).id]
    return Answer(204)


@route("GET", ONE + "/deployment_protection_rules", wants="actions=read", anyone=True)
def list_apps(call: Call) -> Answer:
    """List the custom protection rules, which stand nowhere else."""
    rules: list[JSON] = [
        {
            "id": number,
            "node_id": shapes.node("DBRP", number),
            "enabled": True,
            "app": {
                "id": number + 1,
                "slug": slug,
                "integration_url": f"{call.base}/apps/{slug}",
                "node_id": shapes.node("A", number + 1),
            },
        }
        for number, slug in find_environment(call).apps.items()
    ]
    return Answer(200, {"total_count": len(rules), "custom_deployment_protection_rules": rules})


def _with_environments(call: Call) -> Repository:
    repository = call.repository
    if repository.private and repository.plan == "free":
        raise not_found()
    return repository


def find_environment(call: Call) -> Environment:
    """Find the environment that the path names, without case."""
    found = _with_environments(call).environments.get(call.values["environment_name"].lower())
    if found is None:
        raise not_found()
    return found


def _one_policy(call: Call) -> RefPolicy:
    found = find_environment(call).policies.get(call.number("branch_policy_id"))
    if found is None:
        raise not_found()
    return found


def _pair(each: Environment) -> JSON:
    """Which refs may deploy, in the two words of which GitHub wants exactly one to be true."""
    kind = each.branch_policy
    return kind and {"protected_branches": kind == "protected", "custom_branch_policies": kind == "custom"}


def _said(each: Environment) -> Object:
    """An environment as the body of the PUT that would make it."""
    return {
        "wait_timer": each.wait_timer,
        "reviewers": [{"type": kind, "id": number} for kind, number in each.reviewers],
        "prevent_self_review": each.prevent_self_review,
        "deployment_branch_policy": _pair(each),
    }


def _known(world: World, key: str) -> bool:
    since = {"can_admins_bypass": BYPASS_SINCE, "prevent_self_review": SELF_REVIEW_SINCE}.get(key)
    return since is None or world.version is None or world.version >= since


def _check_plan(repository: Repository, body: Mapping[str, JSON]) -> None:
    if repository.private and repository.plan != "enterprise" and any(key in body for key in GATED):
        raise Refusal(
            422,
            "Failed to create the environment protection rule. Please ensure the billing plan supports the required reviewers "
            "protection rule.",
        )


def _wait(body: Mapping[str, JSON]) -> int:
    wait = cast("int", body.get("wait_timer", 0))
    if not 0 <= wait <= LONGEST_WAIT:
        raise Refusal(422, f"Wait timer must be between 0 and {LONGEST_WAIT} minutes")
    return wait


def _branch_policy(body: Mapping[str, JSON]) -> Literal["protected", "custom"] | None:
    policy = body.get("deployment_branch_policy")
    if policy is None:
        return None
    keys = ("protected_branches", "custom_branch_policies")
    pair = cast("Mapping[str, JSON]", policy)
    checked_keys(pair, dict.fromkeys(keys, (bool,)), keys)
    if pair[keys[0]] == pair[keys[1]]:
        raise Refusal(422, f"`{keys[0]}` and `{keys[1]}` cannot have the same value")
    return "protected" if pair[keys[0]] else "custom"


def _reviewers(world: World, repository: Repository, body: Mapping[str, JSON]) -> list[tuple[str, int]]:
    asked = cast("list[JSON]", body.get("reviewers") or [])
    kept: list[tuple[str, int]] = []
    for each in asked:
        if not isinstance(each, dict):
            raise invalid("For 'properties/reviewers', an item is not an object.")
        checked_keys(each, {"type": (str,), "id": (int,)})
        kind, number = each.get("type"), each.get("id")
        if kind not in {"User", "Team"}:
            raise invalid(f"For 'properties/type', {kind} is not one of User, Team.")
        kept.append((str(kind), cast("int", number)))
    if len(kept) > MOST_REVIEWERS:
        raise Refusal(422, "Validation Failed", errors=["Environment protection rules can have up to six reviewers"])
    reading = [each for each in dict.fromkeys(kept) if _reads(world, repository, *each)]
    if world.strangers_refused and len(reading) < len(set(kept)):
        raise Refusal(422, "Validation Failed", errors=["Reviewers must have access to the repository"])
    return reading


def _reads(world: World, repository: Repository, kind: str, number: int) -> bool:
    if kind == "Team":
        owner = repository.owner.login.lower()
        slugs = {each.slug for (organization, _), each in world.teams.items() if organization == owner and each.id == number}
        return bool(slugs & set(repository.teams))
    found = next((each for each in world.owners.values() if each.id == number and each.kind == "User"), None)
    return found is not None and world.role(found.login, repository) != "none"


def _reviewer(call: Call, kind: str, number: int) -> Object:
    if kind == "User":
        owner = next(each for each in call.world.owners.values() if each.id == number)
        return {"type": "User", "reviewer": shapes.simple_user(owner, call.base)}
    each = next(each for each in call.world.teams.values() if each.id == number)
    return {"type": "Team", "reviewer": shapes.team(each, call.world.owners[each.organization.lower()], call.base)}


def _policy(each: RefPolicy) -> Object:
    return {"id": each.id, "node_id": shapes.node("MDE2", each.id), "name": each.name, "type": each.type}


def _shape(call: Call, each: Environment) -> Object:
    repository = call.repository
    rules: list[JSON] = []

    def rule(kind: str, offset: int, **more: JSON) -> None:
        number = each.id * 10 + offset
        rules.append({"id": number, "node_id": shapes.node("GA", number), "type": kind, **more})

    if each.wait_timer:
        rule("wait_timer", 1, wait_timer=each.wait_timer)
    if each.reviewers:
        people = [_reviewer(call, *reviewer) for reviewer in each.reviewers]
        self_review: Object = (
            {"prevent_self_review": each.prevent_self_review} if _known(call.world, "prevent_self_review") else {}
        )
        rule("required_reviewers", 2, **self_review, reviewers=people)
    if each.branch_policy:
        rule("branch_policy", 3)
    url = f"{call.base}/repos/{repository.slug}/environments/{quote(each.name, safe='')}"
    bypass: Object = {"can_admins_bypass": each.can_admins_bypass} if _known(call.world, "can_admins_bypass") else {}
    return {
        "id": each.id,
        "node_id": shapes.node("EN", each.id),
        "name": each.name,
        "url": url,
        "html_url": f"{shapes.HTML}/{repository.slug}/deployments/activity_log?environments_filter={quote(each.name, safe='')}",
        "created_at": each.created_at,
        "updated_at": each.updated_at,
        **bypass,
        "protection_rules": rules,
        "deployment_branch_policy": _pair(each),
    }
