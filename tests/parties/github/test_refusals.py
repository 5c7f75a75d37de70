"""What is said when GitHub will not: its words, and the permission that would change its mind."""

from __future__ import annotations

import pytest

from tests.parties.github.scripted import Scripted, said
from trustpub.domain.untold import Untold
from trustpub.errors import Denied

PERMISSIONS = [
    ("administration=read", "Administration: read"),
    ("actions=read,metadata=read", "Actions: read and Metadata: read"),
    ("contents=read; pull_requests=write,contents=write", "Contents: read or Pull requests: write and Contents: write"),
    ("odd", "Odd"),
]


@pytest.mark.parametrize(("header", "permission"), PERMISSIONS)
def test_the_permission_is_named_as_github_names_it(header: str, permission: str) -> None:
    """In the words of the token's settings page."""
    refusal = said({"message": "Resource not accessible by personal access token"}, 403, x_accepted_github_permissions=header)
    github = Scripted({"GET /repos/octo/lamp/environments": refusal})

    why = "GitHub does not show the environments of `octo/lamp` to this token: Resource not accessible by personal access token"
    assert Untold(why, permission) == github.client().environments("octo/lamp")


def test_a_permission_that_github_does_not_name_is_that_of_its_description() -> None:
    """For everything that is read."""
    github = Scripted({})

    expected = Untold("GitHub does not show the environments of `octo/lamp` to this token", "Actions: read")
    assert expected == github.client().environments("octo/lamp")
    assert Untold("GitHub does not show the environments of `octo/lamp` without a token", "Actions: read") == github.client(
        token=None
    ).environments("octo/lamp")


@pytest.mark.parametrize(
    ("held", "accepted", "permission"),
    [
        ("repo, gist", "admin:org, read:org", "admin:org or read:org"),
        ("repo", "repo, public_repo", "Actions: read"),
        ("", "", "Actions: read"),
    ],
)
def test_a_classic_token_is_told_the_scope_that_it_lacks(held: str, accepted: str, permission: str) -> None:
    """If it has one of those that are accepted, scopes are not what is missing."""
    refusal = said({"message": "Not Found"}, 404, x_oauth_scopes=held, x_accepted_oauth_scopes=accepted)
    found = Scripted({"GET /repos/octo/lamp/environments": refusal}).client().environments("octo/lamp")

    assert isinstance(found, Untold)
    assert permission == found.permission


def test_a_plan_is_no_permission() -> None:
    """No other token would be told more."""
    message = "Upgrade to GitHub Pro or make this repository public to enable this feature."
    found = Scripted({"GET /repos/octo/lamp/rulesets": said({"message": message}, 403)}).client().rulesets("octo/lamp")

    assert isinstance(found, Untold)
    assert "" == found.permission
    assert "GitHub's plan does not offer the rulesets of `octo/lamp` here: Upgrade to GitHub Pro" in found.why


def test_single_sign_on_is_named() -> None:
    """The token is good, but the organisation has not been told."""
    sso = "required; url=https://github.com/orgs/octo/sso?authorization_request=canary"
    refusal = said({"message": "Resource protected by organization SAML enforcement."}, 403, x_github_sso=sso)
    github = Scripted({"GET /repos/octo/lamp/environments": refusal, "PUT /repos/octo/lamp/environments/pypi": refusal})

    found = github.client().environments("octo/lamp")
    with pytest.raises(Denied, match="Authorize the token for the organization's single sign-on") as caught:
        github.client().put_environment("octo/lamp", "pypi", {})

    assert isinstance(found, Untold)
    assert found.why.endswith("the organization wants this token authorized for single sign-on")
    assert "canary" not in f"{found}{caught.value}"


def test_a_refused_change_names_the_permission() -> None:
    """In the error and in what to do next."""
    refusal = said({"message": "Resource not accessible"}, 403, x_accepted_github_permissions="administration=write")
    github = Scripted({"PUT /repos/octo/lamp/environments/pypi": refusal})

    with pytest.raises(Denied) as caught:
        github.client().put_environment("octo/lamp", "pypi", {})

    assert ("the environment `pypi` of `octo/lamp`", "Administration: write") == (caught.value.what, caught.value.permission)
    assert "GitHub refused it (403): Resource not accessible" == caught.value.why
    assert caught.value.next_step.startswith("Use a token that has the permission Administration: write")


def test_a_change_that_is_not_valid_is_told_in_githubs_words() -> None:
    """Message and fields, on one line, without anything that moves a cursor."""
    errors = ["\x1b[31mred", {"resource": "Environment", "field": "wait_timer", "code": "invalid"}, {"message": "no plan"}, 7]
    refusal = said({"message": "Validation Failed", "errors": errors}, 422)
    github = Scripted({"PUT /repos/octo/lamp/environments/pypi": refusal})

    with pytest.raises(Denied) as caught:
        github.client().put_environment("octo/lamp", "pypi", {})

    assert "GitHub refused it (422): Validation Failed; [31mred; Environment wait_timer invalid; no plan" == caught.value.why
    assert "" == caught.value.permission
    assert caught.value.next_step


def test_a_stranger_is_told_to_sign_in() -> None:
    """Whatever else would be missing."""
    github = Scripted({"PUT /repos/octo/lamp/environments/pypi": said({"message": "Requires authentication"}, 401)})

    with pytest.raises(Denied, match="Sign in with `gh auth login`"):
        github.client(token=None).put_environment("octo/lamp", "pypi", {})
