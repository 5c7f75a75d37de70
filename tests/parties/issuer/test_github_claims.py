"""The claims that GitHub would present for a job."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trustpub.parties.issuer.github_claims import Job, github_claims, subject

JOB = Job(owner="Octo", repository="Sample", owner_id="583231", repository_id="1296269", ref="refs/tags/v1.0")

NAMES = {
    "sub", "ref", "sha", "repository", "repository_owner", "repository_owner_id", "run_id", "run_number", "run_attempt",
    "repository_visibility", "repository_id", "actor_id", "actor", "workflow", "head_ref", "base_ref", "event_name",
    "ref_protected", "ref_type", "workflow_ref", "workflow_sha", "job_workflow_ref", "job_workflow_sha", "runner_environment",
    "check_run_id",
}  # fmt: skip


def test_all_claims_are_texts() -> None:
    """Every claim that a job has, ids and truth values as text."""
    claims = github_claims(JOB)
    assert NAMES == set(claims)
    assert {str} == {type(value) for value in claims.values()}
    assert ("583231", "1296269", "false") == (claims["repository_owner_id"], claims["repository_id"], claims["ref_protected"])


def test_an_environment_adds_two_claims() -> None:
    """A job without an environment has neither of them, not even empty."""
    claims = github_claims(replace(JOB, environment="pypi"))
    assert {"environment", "environment_node_id"} == set(claims) - NAMES
    assert "pypi" == claims["environment"]


@pytest.mark.parametrize(
    ("ref", "kind"),
    [("refs/tags/v1", "tag"), ("refs/heads/main", "branch"), ("refs/pull/7/merge", "branch"), ("", "branch")],
)
def test_the_kind_of_a_ref(ref: str, kind: str) -> None:
    """Only tags are tags."""
    assert kind == github_claims(replace(JOB, ref=ref))["ref_type"]


def test_a_direct_job_is_its_own_workflow() -> None:
    """The file that was started is the file that holds the job."""
    claims = github_claims(JOB)
    assert "Octo/Sample/.github/workflows/pypi.yml@refs/tags/v1.0" == claims["workflow_ref"] == claims["job_workflow_ref"]
    assert ".github/workflows/pypi.yml" == claims["workflow"]


def test_a_reusable_workflow_is_named_beside_its_caller() -> None:
    """Only `job_workflow_ref` and its commit change; everything else is the caller's."""
    called = "evil/tools/.github/workflows/publish.yml@refs/heads/main"
    direct, reused = github_claims(JOB), github_claims(replace(JOB, called=called, called_sha="f" * 40))
    assert {"job_workflow_ref", "job_workflow_sha"} == {name for name in direct if direct[name] != reused[name]}
    assert (called, "f" * 40) == (reused["job_workflow_ref"], reused["job_workflow_sha"])


SUBJECTS = [
    ({}, "repo:Octo/Sample:ref:refs/tags/v1.0"),
    ({"ref": "refs/heads/a:b"}, "repo:Octo/Sample:ref:refs/heads/a%3Ab"),
    ({"environment": "pypi"}, "repo:Octo/Sample:environment:pypi"),
    ({"environment": "a:b"}, "repo:Octo/Sample:environment:a%3Ab"),
    ({"event_name": "pull_request", "ref": "refs/pull/7/merge"}, "repo:Octo/Sample:pull_request"),
    ({"event_name": "pull_request", "environment": "pypi"}, "repo:Octo/Sample:environment:pypi"),
    ({"immutable_subject": True}, "repo:Octo@583231/Sample@1296269:ref:refs/tags/v1.0"),
    ({"immutable_subject": True, "environment": "pypi"}, "repo:Octo@583231/Sample@1296269:environment:pypi"),
]


@pytest.mark.parametrize(("changes", "expected"), SUBJECTS)
def test_subjects(changes: dict[str, str | bool], expected: str) -> None:
    """The default template in both shapes."""
    assert expected == subject(replace(JOB, **changes))  # type: ignore[arg-type]
