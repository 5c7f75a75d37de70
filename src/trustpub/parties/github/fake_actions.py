"""The fake GitHub's settings of Actions: what may run, what a job's token may do, how `sub` is made; and immutable releases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.parties.github.fake_wire import Answer, Call, Refusal, checked_keys, invalid, not_found, route, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.parties.github.fake_state import Owner
    from trustpub.parties.github.fake_wire import JSON, Object

PERMISSIONS = "/repos/{owner}/{repo}/actions/permissions"
SUBJECT = "/repos/{owner}/{repo}/actions/oidc/customization/sub"
IMMUTABLE = "/repos/{owner}/{repo}/immutable-releases"
_LEVELS = ("read", "write")


@route("GET", PERMISSIONS, wants="administration=read", role="admin")
def permissions(call: Call) -> Answer:
    """Say whether Actions run here, and which; `allowed_actions` stands only where they run."""
    repository = call.repository
    shape: Object = {"enabled": repository.actions_enabled}
    if not call.world.version:
        shape["sha_pinning_required"] = repository.sha_pinning
    if repository.actions_enabled:
        shape["allowed_actions"] = repository.allowed_actions
    if repository.actions_enabled and repository.allowed_actions == "selected":
        shape["selected_actions_url"] = f"{call.base}/repos/{repository.slug}/actions/permissions/selected-actions"
    return Answer(200, shape)


@route("PUT", PERMISSIONS, wants="administration=write", role="admin")
def put_permissions(call: Call) -> Answer:
    """Set whether Actions run here, and which."""
    body, repository = call.body(), call.repository
    checked_keys(body, {"enabled": (bool,), "allowed_actions": (str,), "sha_pinning_required": (bool,)}, ["enabled"])
    allowed = str(body.get("allowed_actions", repository.allowed_actions))
    if allowed not in {"all", "local_only", "selected"}:
        raise invalid(f"For 'properties/allowed_actions', {allowed} is not one of all, local_only, selected.")
    repository.actions_enabled, repository.allowed_actions = bool(body["enabled"]), allowed
    repository.sha_pinning = bool(body.get("sha_pinning_required", repository.sha_pinning))
    return Answer(204)


@route("GET", PERMISSIONS + "/selected-actions", wants="administration=read", role="admin")
def selected_actions(call: Call) -> Answer:
    """Say which actions are selected: asked for anywhere else it is a conflict."""
    _check_selected(call)
    return Answer(200, dict(call.repository.selected))


@route("PUT", PERMISSIONS + "/selected-actions", wants="administration=write", role="admin")
def put_selected_actions(call: Call) -> Answer:
    """Select actions."""
    _check_selected(call)
    body = call.body(optional=True)
    checked_keys(body, {"github_owned_allowed": (bool,), "verified_allowed": (bool,), "patterns_allowed": (list,)})
    call.repository.selected = {**call.repository.selected, **body}
    return Answer(204)


@route("GET", PERMISSIONS + "/workflow", wants="administration=read", role="admin")
def workflow_permissions(call: Call) -> Answer:
    """Say what a job's `GITHUB_TOKEN` may do unless its workflow says otherwise."""
    return Answer(200, _defaults(call.repository.default_permissions, may_approve=call.repository.may_approve))


@route("PUT", PERMISSIONS + "/workflow", wants="administration=write", role="admin")
def put_workflow_permissions(call: Call) -> Answer:
    """Set it; 409 when the organisation forbids so much."""
    body, repository = call.body(), call.repository
    checked_keys(body, {"default_workflow_permissions": (str,), "can_approve_pull_request_reviews": (bool,)})
    level = str(body.get("default_workflow_permissions", repository.default_permissions))
    approve = bool(body.get("can_approve_pull_request_reviews", repository.may_approve))
    if level not in _LEVELS:
        raise invalid(f"For 'properties/default_workflow_permissions', {level} is not one of read, write.")
    forbidden = repository.owner.default_permissions == "read" and level == "write"
    if forbidden or (approve and not repository.owner.may_approve):
        return Answer(409)
    repository.default_permissions, repository.may_approve = level, approve
    return Answer(204)


@route("GET", PERMISSIONS + "/access", wants="administration=read", role="admin")
def access(call: Call) -> Answer:
    """Say which other repositories may use the workflows here; only private ones have this."""
    if not call.repository.private:
        raise Refusal(422, "Access policy only applies to internal and private repositories.")
    return Answer(200, {"access_level": call.repository.access_level})


@route("GET", "/orgs/{org}/actions/permissions/workflow", wants="organization_administration=read", role="", scope="admin:org")
def organization_workflow_permissions(call: Call) -> Answer:
    """Say what a job's token may do in the organisation's repositories unless they say otherwise."""
    owner = _organization(call, "admin")
    return Answer(200, _defaults(owner.default_permissions or "read", may_approve=owner.may_approve))


@route("GET", SUBJECT, wants="actions=read")
def subject(call: Call) -> Answer:
    """Say how `sub` is made, and how it starts now; an Enterprise Server knows no prefix."""
    repository = call.repository
    shape: Object = {"use_default": repository.sub_default}
    if not repository.sub_default:
        shape["include_claim_keys"] = list(repository.sub_keys)
    if not call.world.version:
        shape["use_immutable_subject"] = call.world.immutable_subject(repository)
        shape["sub_claim_prefix"] = call.world.prefix(repository)
    return Answer(200, shape)


@route("PUT", SUBJECT, wants="actions=write", role="admin")
def put_subject(call: Call) -> Answer:
    """Choose how `sub` is made."""
    body, repository = call.body(), call.repository
    kinds: dict[str, tuple[type, ...]] = {"use_default": (bool,), "include_claim_keys": (list,)}
    checked_keys(body, kinds if call.world.version else {**kinds, "use_immutable_subject": (bool,)}, ["use_default"])
    keys = texts(body.get("include_claim_keys", []))
    if not all(re.fullmatch(r"[A-Za-z0-9_]+", key) for key in keys):
        raise Refusal(422, "Validation Failed", errors=["Claim keys may hold letters, digits and underscores only"])
    repository.sub_default, repository.sub_keys = bool(body["use_default"]), keys
    if "use_immutable_subject" in body:
        repository.sub_immutable = bool(body["use_immutable_subject"])
    return Answer(201, {})


@route("GET", "/orgs/{org}/actions/oidc/customization/sub", wants="organization_administration=read", role="", scope="read:org")
def organization_subject(call: Call) -> Answer:
    """Say which template the organisation offers to its repositories."""
    owner = _organization(call, "member")
    shape: Object = {"include_claim_keys": list(owner.sub_keys)}
    if owner.sub_immutable is not None and not call.world.version:
        shape["use_immutable_subject"] = owner.sub_immutable
    return Answer(200, shape)


@route("GET", IMMUTABLE, wants="administration=read", role="admin")
def immutable_releases(call: Call) -> Answer:
    """Say that releases are immutable: 404 says that they are not."""
    _known_here(call)
    enforced = call.repository.owner.immutable_releases
    if not (enforced or call.repository.immutable_releases):
        raise not_found()
    return Answer(200, {"enabled": True, "enforced_by_owner": enforced})


@route("PUT", IMMUTABLE, wants="administration=write", role="admin")
def put_immutable_releases(call: Call) -> Answer:
    """Make them immutable."""
    return _set_immutable(call, wanted=True)


@route("DELETE", IMMUTABLE, wants="administration=write", role="admin")
def delete_immutable_releases(call: Call) -> Answer:
    """Let them be changed again; 409 when the organisation decides."""
    return _set_immutable(call, wanted=False)


def _set_immutable(call: Call, *, wanted: bool) -> Answer:
    _known_here(call)
    if call.repository.owner.immutable_releases:
        raise Refusal(409, "Immutable releases are enforced by the repository owner")
    call.repository.immutable_releases = wanted
    return Answer(204)


def _known_here(call: Call) -> None:
    if call.world.version:
        raise not_found()


def _check_selected(call: Call) -> None:
    if call.repository.allowed_actions != "selected":
        raise Refusal(409, "Conflict")


def _defaults(level: str, *, may_approve: bool) -> Mapping[str, JSON]:
    return {"default_workflow_permissions": level, "can_approve_pull_request_reviews": may_approve}


def _organization(call: Call, role: str) -> Owner:
    owner = call.world.owner(call.values["org"])
    held = owner.members.get(call.login.lower()) if owner else None
    if owner is None or held is None:
        raise not_found()
    if role == "admin" and held != "admin":
        raise Refusal(403, "Must be an organization owner.")
    return owner
