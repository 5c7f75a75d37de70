"""The fake GitHub's settings of Actions, the making of `sub`, immutable releases and the names of secrets."""

from __future__ import annotations

import pytest

from tests.parties.github.worlds import JSON, LAMP, ask, listed, rich, told

ACTIONS = f"{LAMP}/actions/permissions"
SUBJECT = f"{LAMP}/actions/oidc/customization/sub"
IMMUTABLE = f"{LAMP}/immutable-releases"


def test_what_may_run_is_told_as_far_as_it_says_anything() -> None:
    """Which actions are allowed stands only where Actions run; which are selected is a conflict anywhere else."""
    fake = rich()

    assert {"enabled": True, "allowed_actions": "all", "sha_pinning_required": False} == told(ask(fake.send, "GET", ACTIONS))
    assert 409 == ask(fake.send, "PUT", f"{ACTIONS}/selected-actions", {"verified_allowed": True}).status
    ask(fake.send, "PUT", ACTIONS, {"enabled": True, "allowed_actions": "selected"})
    ask(fake.send, "PUT", f"{ACTIONS}/selected-actions", {"patterns_allowed": ["pypa/*"]})
    chosen = told(ask(fake.send, "GET", f"{ACTIONS}/selected-actions"))
    assert {"github_owned_allowed": True, "verified_allowed": False, "patterns_allowed": ["pypa/*"]} == chosen
    ask(fake.send, "PUT", ACTIONS, {"enabled": False})
    assert {"enabled": False, "sha_pinning_required": False} == told(ask(fake.send, "GET", ACTIONS))
    assert 422 == ask(fake.send, "PUT", ACTIONS, {"enabled": True, "allowed_actions": "some"}).status


def test_an_organisation_may_forbid_a_writing_token() -> None:
    """409, and everything stays; what the organisation allows is 204."""
    fake = rich()
    fake.owners["acme"].default_permissions = "read"
    fake.owners["acme"].may_approve = False
    bodies: list[JSON] = [
        {"default_workflow_permissions": "write"},
        {"can_approve_pull_request_reviews": True},
        {"default_workflow_permissions": "read"},
        {"default_workflow_permissions": "all"},
    ]

    assert [409, 409, 204, 422] == [ask(fake.send, "PUT", f"{ACTIONS}/workflow", body).status for body in bodies]
    kept = told(ask(fake.send, "GET", f"{ACTIONS}/workflow"))
    assert {"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False} == kept
    assert kept == told(ask(fake.send, "GET", "/orgs/acme/actions/permissions/workflow"))


@pytest.mark.parametrize(
    ("created_at", "renamed_at", "asked", "immutable"),
    [
        ("2024-03-01T09:00:00Z", "", None, False),
        ("2026-07-15T12:00:00Z", "", None, False),
        ("2026-07-16T00:00:00Z", "", None, True),
        ("2024-03-01T09:00:00Z", "2026-08-01T00:00:00Z", None, True),
        ("2024-03-01T09:00:00Z", "", True, True),
        ("2026-08-01T00:00:00Z", "", False, True),
    ],
)
def test_new_and_renamed_repositories_have_ids_in_their_subject(
    created_at: str, renamed_at: str, asked: bool | None, immutable: bool
) -> None:
    """After 15 July 2026; older ones when they ask, and nobody gets rid of them again. Never on an Enterprise Server."""
    fake = rich()
    lamp = fake.repositories["acme/lamp"]
    lamp.created_at, lamp.renamed_at, lamp.sub_immutable = created_at, renamed_at, asked

    subject = told(ask(fake.send, "GET", SUBJECT))

    prefix = f"repo:acme@{lamp.owner.id}/lamp@{lamp.id}" if immutable else "repo:acme/lamp"
    assert {"use_default": True, "use_immutable_subject": immutable, "sub_claim_prefix": prefix} == subject
    fake.ghes = "3.17"
    assert {"use_default": True} == told(ask(fake.send, "GET", SUBJECT))
    assert 422 == ask(fake.send, "PUT", SUBJECT, {"use_default": True, "use_immutable_subject": True}).status


def test_an_organisation_may_ask_for_ids_in_every_subject() -> None:
    """Its wish holds for its older repositories, too."""
    fake = rich()
    fake.owners["acme"].sub_immutable = True

    assert told(ask(fake.send, "GET", SUBJECT))["use_immutable_subject"] is True
    template = told(ask(fake.send, "GET", "/orgs/acme/actions/oidc/customization/sub"))
    assert {"include_claim_keys": ["repo", "context"], "use_immutable_subject": True} == template


def test_the_keys_of_a_subject_are_kept_in_order() -> None:
    """And told only while they are used; a key with anything but letters, digits and underscores is 422."""
    fake = rich()

    assert 201 == ask(fake.send, "PUT", SUBJECT, {"use_default": False, "include_claim_keys": ["repo", "actor"]}).status
    assert ["repo", "actor"] == told(ask(fake.send, "GET", SUBJECT))["include_claim_keys"]
    assert 422 == ask(fake.send, "PUT", SUBJECT, {"use_default": False, "include_claim_keys": ["a-b"]}).status
    assert 422 == ask(fake.send, "PUT", SUBJECT, {"include_claim_keys": ["repo"]}).status
    assert 201 == ask(fake.send, "PUT", SUBJECT, {"use_default": True}).status
    assert "include_claim_keys" not in told(ask(fake.send, "GET", SUBJECT))


def test_immutable_releases_are_off_when_they_are_not_found() -> None:
    """404 says off; what the organisation enforces is told, and cannot be changed here."""
    fake = rich()

    assert 404 == ask(fake.send, "GET", IMMUTABLE).status
    assert 204 == ask(fake.send, "PUT", IMMUTABLE).status
    assert {"enabled": True, "enforced_by_owner": False} == told(ask(fake.send, "GET", IMMUTABLE))
    assert 204 == ask(fake.send, "DELETE", IMMUTABLE).status
    fake.owners["acme"].immutable_releases = True
    assert {"enabled": True, "enforced_by_owner": True} == told(ask(fake.send, "GET", IMMUTABLE))
    assert [409, 409] == [ask(fake.send, method, IMMUTABLE).status for method in ("PUT", "DELETE")]


@pytest.mark.parametrize(
    ("path", "permission", "names"),
    [
        ("actions/secrets", "secrets", ["PYPI_API_TOKEN"]),
        ("actions/organization-secrets", "secrets", ["SHARED"]),
        ("dependabot/secrets", "dependabot_secrets", ["TWINE_PASSWORD"]),
        ("environments/pypi/secrets", "environments", ["PASSWORD"]),
    ],
)
def test_secrets_are_names_for_collaborators(path: str, permission: str, names: list[str]) -> None:
    """Each list wants a permission of its own, and nobody who may not push gets any."""
    fake = rich()
    fake.add_token("fits", "bob", permissions={permission: "read"})
    fake.add_token("does not", "bob", permissions={"actions": "write"})
    fake.add_token("carl's", "carl")

    answers = {token: ask(fake.send, "GET", f"{LAMP}/{path}", token=token) for token in ("fits", "does not", "carl's")}

    assert [200, 403, 403] == [each.status for each in answers.values()]
    found = listed(answers["fits"], "secrets")
    assert names == [each["name"] for each in found]
    assert [{"name", "created_at", "updated_at"}] == [set(each) for each in found]


def test_the_secrets_of_an_organisation_are_for_its_owners() -> None:
    """Members are refused, strangers find nothing; which are for some repositories only is told."""
    fake = rich()
    for login in ("bob", "eve"):
        fake.add_token(login, login, scopes=["admin:org"])

    assert [403, 404] == [ask(fake.send, "GET", "/orgs/acme/actions/secrets", token=login).status for login in ("bob", "eve")]
    found = listed(ask(fake.send, "GET", "/orgs/acme/actions/secrets"), "secrets")
    assert [("SHARED", "all"), ("ELSEWHERE", "selected")] == [(each["name"], each["visibility"]) for each in found]
