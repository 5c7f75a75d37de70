"""What becomes of GitHub's answers: settings, people, runs; and what is unknown rather than guessed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.parties.github.scripted import API, FORBIDDEN, MONA, NOT_FOUND, REPO, REPOSITORY, SLUG, TEAM, TOKEN, Scripted, said
from trustpub.domain.github_settings import (
    Account,
    ActionsPolicy,
    BranchGuard,
    Hosted,
    Person,
    Secret,
    Subject,
)
from trustpub.domain.untold import Untold
from trustpub.errors import Unreachable
from trustpub.parties.wire import Response


def hosted(repository: Mapping[str, object], token: str | None = TOKEN, host: str = "github.com", **more: Response) -> Hosted:
    """Read a repository, with further answers for `get_path_parts`."""
    script = {f"GET /{name.replace('_', '/')}": answer for name, answer in more.items()}
    api = None if host == "github.com" else API
    found = Scripted({f"GET {REPO}": said(repository), **script}).client(token, host, api).repository(SLUG)
    assert isinstance(found, Hosted)
    return found


def test_a_repository_is_who_github_says_it_is() -> None:
    """With the rights of whoever asks and the plan of the owner."""
    rights = ("admin", "maintain", "push", "triage", "pull")
    owner = Account("octo", "5", "Organization")
    expected = Hosted(owner, "lamp", "12", "public", "main", rights, "", "team", False, True, "2026-08-01T00:00:00Z")

    assert expected == hosted(REPOSITORY, orgs_octo=said({"plan": {"name": "team"}}))


def test_a_stranger_has_no_rights_and_sees_no_plan() -> None:
    """Whatever the answer holds."""
    found = hosted(REPOSITORY, token=None)

    assert ((), "") == (found.may, found.plan)


@pytest.mark.parametrize("answer", [NOT_FOUND, FORBIDDEN, said({}), said({"plan": None}), said({"plan": {"name": "medium"}})])
def test_a_plan_that_is_not_told_is_not_guessed(answer: Response) -> None:
    """Nor is one that has been sold under another name."""
    assert "" == hosted(REPOSITORY, orgs_octo=answer).plan


def test_the_plan_of_a_person_is_told_to_that_person_only() -> None:
    """`/user` speaks of whoever asks."""
    own = REPOSITORY | {"owner": MONA}

    assert "pro" == hosted(own, user=said(MONA | {"plan": {"name": "pro"}})).plan
    assert "" == hosted(own, user=said({"login": "lisa", "id": 8, "plan": {"name": "pro"}})).plan
    assert "" == hosted(own, user=FORBIDDEN).plan


def test_some_plans_need_not_be_told() -> None:
    """Only enterprises have internal repositories, or a GitHub of their own."""
    assert "enterprise" == hosted(REPOSITORY | {"visibility": "internal"}).plan
    assert "enterprise" == hosted(REPOSITORY, host="git.example").plan
    assert "enterprise" == hosted(REPOSITORY, host="octo.ghe.com").plan


def test_a_repository_that_is_missing_or_hidden_is_none() -> None:
    """GitHub says the same of both."""
    assert Scripted({}).client().repository(SLUG) is None
    assert isinstance(Scripted({f"GET {REPO}": FORBIDDEN}).client().repository(SLUG), Untold)


def test_a_visibility_that_nobody_knows_is_not_guessed() -> None:
    """It decides what a plan allows."""
    with pytest.raises(Unreachable, match="`visibility`"):
        hosted(REPOSITORY | {"visibility": "secret"})


def test_the_token_of_a_job_is_nobodys() -> None:
    """It is asked once."""
    github = Scripted({"GET /user": said({"message": "Resource not accessible by integration"}, 403)})
    client = github.client()

    assert isinstance(client.asker(), Untold)
    assert client.asker() is client.asker()
    assert 1 == len(github.requests)


def test_accounts_and_teams_are_found() -> None:
    """A missing team is missing only for somebody who may see the others."""
    script = {
        "GET /users/octo": said({"login": "Octo", "id": 5, "type": "Organization"}),
        "GET /orgs/octo/teams/core": said(TEAM),
    }
    client = Scripted(script).client()
    seeing = Scripted({"GET /orgs/octo/teams": said([TEAM])}).client()

    assert Account("Octo", "5", "Organization") == client.account("octo")
    assert client.account("nobody") is None
    assert Account("Octo/core", "9", "Team") == client.team("octo", "core")
    assert isinstance(client.team("octo", "other"), Untold)
    assert seeing.team("octo", "other") is None


PERMISSIONS = f"GET {REPO}/actions/permissions"
WORKFLOW = {f"{PERMISSIONS}/workflow": said({"default_workflow_permissions": "read", "can_approve_pull_request_reviews": False})}


def test_the_settings_of_actions() -> None:
    """The list of what may run is asked for only where there is one."""
    every = Scripted({PERMISSIONS: said({"enabled": True, "allowed_actions": "all"}), **WORKFLOW})
    chosen = {"github_owned_allowed": True, "verified_allowed": True, "patterns_allowed": ["pypa/*"]}
    some = Scripted(
        {
            PERMISSIONS: said({"enabled": True, "allowed_actions": "selected", "sha_pinning_required": True}),
            f"{PERMISSIONS}/selected-actions": said(chosen),
            **WORKFLOW,
        }
    )
    off = Scripted({PERMISSIONS: said({"enabled": False})})

    assert ActionsPolicy(True, "all", default_permissions="read", may_approve=False) == every.client().actions(SLUG)
    assert ActionsPolicy(True, "selected", True, True, ("pypa/*",), True, "read", False) == some.client().actions(SLUG)
    assert ActionsPolicy(False, "all") == off.client().actions(SLUG)


def test_settings_of_actions_that_are_not_told_are_unknown() -> None:
    """All of them, or the list without which the rest says nothing."""
    selected = said({"enabled": True, "allowed_actions": "selected"})

    for script in ({PERMISSIONS: FORBIDDEN}, {PERMISSIONS: selected}):
        found = Scripted(script).client().actions(SLUG)
        assert isinstance(found, Untold)
        assert "Administration: read" == found.permission


SUB = f"GET {REPO}/actions/oidc/customization/sub"


def test_how_sub_is_made() -> None:
    """By default, by keys of one's own, or by the organisation's."""
    default = said({"use_default": True, "use_immutable_subject": True, "sub_claim_prefix": "repo:octo@5/lamp@12"})
    own = said({"use_default": False, "include_claim_keys": ["repo", "context"]})
    template = {
        SUB: said({"use_default": False}),
        "GET /orgs/octo/actions/oidc/customization/sub": said({"include_claim_keys": ["repo"]}),
    }

    assert Subject(True, (), True, "repo:octo@5/lamp@12") == Scripted({SUB: default}).client().subject(SLUG)
    assert Subject(False, ("repo", "context")) == Scripted({SUB: own}).client().subject(SLUG)
    assert Subject(False, ("repo",)) == Scripted(template).client().subject(SLUG)
    assert isinstance(Scripted({SUB: said({"use_default": False})}).client().subject(SLUG), Untold)
    assert isinstance(Scripted({}).client().subject(SLUG), Untold)


def test_immutable_releases_are_off_only_for_somebody_who_may_know() -> None:
    """To the others "not found" says nothing."""
    at = f"GET {REPO}/immutable-releases"
    reader = REPOSITORY | {"permissions": {"admin": False, "push": True}}

    assert Scripted({at: said({"enabled": True, "enforced_by_owner": False})}).client().immutable_releases(SLUG) is True
    assert Scripted({f"GET {REPO}": said(REPOSITORY)}).client().immutable_releases(SLUG) is False
    assert isinstance(Scripted({f"GET {REPO}": said(reader)}).client().immutable_releases(SLUG), Untold)
    assert isinstance(Scripted({f"GET {REPO}": said(REPOSITORY), at: FORBIDDEN}).client().immutable_releases(SLUG), Untold)
    assert isinstance(Scripted({f"GET {REPO}": said(REPOSITORY)}).client(token=None).immutable_releases(SLUG), Untold)


def test_every_list_of_secrets_is_read_or_named() -> None:
    """Repository, organisation, Dependabot, and each environment."""
    names = {"total_count": 1, "secrets": [{"name": "PYPI_TOKEN", "updated_at": "2026-01-01T00:00:00Z"}]}
    script = {
        f"GET {REPO}/actions/secrets": said(names),
        f"GET {REPO}/actions/organization-secrets": said(names),
        f"GET {REPO}/environments/a%2Fb/secrets": said(names),
    }
    found, untold = Scripted(script).client().secrets(SLUG, ["a/b", "c"])

    assert [
        Secret("PYPI_TOKEN", where, "2026-01-01T00:00:00Z") for where in ("repository", "organization", "environment a/b")
    ] == list(found)
    assert ["Dependabot secrets: read", "Environments: read"] == [each.permission for each in untold]
    assert "the names of the environment c secrets" in untold[1].why


def test_a_repository_of_a_person_has_no_secrets_of_an_organisation() -> None:
    """Whoever sees the repository's own would see them, so nothing is hidden."""
    script = {f"GET {REPO}/actions/secrets": said({"secrets": []}), f"GET {REPO}/dependabot/secrets": said({"secrets": []})}

    assert ((), ()) == Scripted(script).client().secrets(SLUG, [])
    assert 1 == len(Scripted(script | {f"GET {REPO}/actions/organization-secrets": FORBIDDEN}).client().secrets(SLUG, [])[1])
    assert 3 == len(Scripted({}).client().secrets(SLUG, [])[1])


def rights(highest: str) -> dict[str, bool]:
    """Rights as GitHub writes them: each includes those below."""
    order = ["pull", "triage", "push", "maintain", "admin"]
    return {right: order.index(right) <= order.index(highest) for right in order}


def test_who_may_write() -> None:
    """By rights, because a role may have any name; readers are left out; teams come along."""
    people = [
        MONA | {"permissions": rights("admin"), "role_name": "admin"},
        {"login": "bot", "id": 8, "permissions": rights("push"), "role_name": "release-managers"},
        {"login": "reader", "id": 9, "permissions": rights("triage"), "role_name": "triage"},
        {"login": "old", "id": 10, "role_name": "maintain"},
    ]
    teams = [TEAM | {"permission": "push", "permissions": rights("push")}, TEAM | {"slug": "all", "permission": "pull"}]
    script = {f"GET {REPO}/collaborators": said(people), f"GET {REPO}/teams": said(teams)}
    expected = (
        Person(Account("mona", "7", "User"), "admin"),
        Person(Account("bot", "8", "User"), "write"),
        Person(Account("old", "10", "User"), "maintain"),
    )
    github = Scripted(script)

    assert (*expected, Person(Account("Octo/core", "9", "Team"), "write")) == github.client().people(SLUG)
    assert "affiliation=all" in github.requests[0].url
    assert expected == Scripted(script | {f"GET {REPO}/teams": FORBIDDEN}).client().people(SLUG)
    assert isinstance(Scripted({}).client().people(SLUG), Untold)


RULES = f"GET {REPO}/rules/branches/main"
PROTECTION = f"GET {REPO}/branches/main/protection"
OPEN = said({"message": "Branch not protected"}, 404)


def test_the_rules_of_a_branch() -> None:
    """Of rulesets and of the older protection, together."""
    rules = [{"type": "update"}, {"type": "pull_request", "parameters": {"require_code_owner_review": True}}]
    older = {"required_pull_request_reviews": {"require_code_owner_reviews": True}, "restrictions": {"users": []}}

    assert BranchGuard("main", ("update", "pull_request"), True) == Scripted(
        {RULES: said(rules), PROTECTION: OPEN}
    ).client().branch(SLUG, "main")
    assert BranchGuard("main", ()) == Scripted({RULES: said([]), PROTECTION: OPEN}).client().branch(SLUG, "main")
    assert BranchGuard("main", ("pull_request", "update"), True) == Scripted(
        {RULES: said([]), PROTECTION: said(older)}
    ).client().branch(SLUG, "main")


def test_the_older_protection_of_a_branch_is_unknown_unless_there_is_none() -> None:
    """Everybody may see whether there is any."""
    at = f"GET {REPO}/branches/main"
    for protected, kind in ((False, BranchGuard), (True, Untold)):
        script = {RULES: said([{"type": "deletion"}]), PROTECTION: FORBIDDEN, at: said({"protected": protected})}
        assert isinstance(Scripted(script).client().branch(SLUG, "main"), kind)
    owners = [{"type": "pull_request", "parameters": {"require_code_owner_review": True}}]
    assert BranchGuard("main", ("pull_request",), True) == Scripted({RULES: said(owners)}).client().branch(SLUG, "main")
    assert isinstance(Scripted({RULES: said([{"type": "pull_request"}])}).client().branch(SLUG, "main"), Untold)
    assert isinstance(Scripted({RULES: said([])}).client().branch(SLUG, "main"), Untold)
    assert isinstance(Scripted({}).client().branch(SLUG, "main"), Untold)
