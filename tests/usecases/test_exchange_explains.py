"""What a refusal tells: everything to the owners' log, to the caller only what it may know."""

from __future__ import annotations

import json

import pytest

from tests.domain.samples import github, gitlab, gitlab_claims
from tests.usecases.exchanging import Index
from trustpub.domain.claims import JSON
from trustpub.domain.outcome import Difference
from trustpub.domain.publishers import Provider, publisher
from trustpub.usecases.exchange import Refusal

ELSEWHERE: dict[str, JSON] = {
    "repository": "octo/other",
    "job_workflow_ref": "octo/other/.github/workflows/pypi.yml@refs/tags/v1",
}


def logged(index: Index) -> list[JSON]:
    """The differences of the newest refusal, as the log has them."""
    (event,) = index.events("exchange:refused")
    differences = event.detail["differences"]
    assert isinstance(differences, list)
    return differences


def test_a_job_of_the_right_repository_hears_what_was_expected(ours: Index) -> None:
    """Repository and owner id match: the one field that differs, both values, in the description too."""
    ours.project("orchay", github(workflow_filename="release.yml"))
    refusal = ours.refused()
    assert (Difference("workflow_filename", "release.yml", "pypi.yml"),) == refusal.differences
    assert "workflow_filename is `pypi.yml`, expected `release.yml`" in refusal.description


@pytest.mark.parametrize(
    ("registered", "claims", "field", "got"),
    [
        ({}, {"repository_owner_id": "666"}, "repository_owner_id", "666"),
        ({"environment": "secret-name"}, {"repository_owner_id": "666"}, "repository_owner_id", "666"),
        ({}, ELSEWHERE, "repository_name", "other"),
    ],
)
def test_a_stranger_hears_its_own_values_only(
    ours: Index, registered: dict[str, str], claims: dict[str, JSON], field: str, got: str
) -> None:
    """Same names with another owner id, another repository: no registered value goes over the wire."""
    ours.project("orchay", github(workflow_filename="registered-only.yml", **registered))
    refusal = ours.refused(**claims)
    assert Difference(field, None, got) in refusal.differences
    assert all(difference.expected is None for difference in refusal.differences)
    told = refusal.description + repr(refusal.differences)
    assert "registered-only.yml" not in told
    assert "secret-name" not in told
    assert "registered-only.yml" in json.dumps(logged(ours))


def test_the_log_of_the_project_has_the_whole_difference(ours: Index) -> None:
    """Its owners see who tried, with which values, and what was expected."""
    project = ours.project("orchay", github())
    ours.refused(repository_owner_id="666", jti="very-secret-jti")
    (event,) = ours.events("exchange:refused", project)
    assert [{"field": "repository_owner_id", "expected": "42", "got": "666"}] == event.detail["differences"]
    claims = event.detail["claims"]
    assert isinstance(claims, dict)
    assert "octo/orchay" == claims["repository"]
    assert "very-secret-jti" not in json.dumps(event.detail)


def test_a_near_miss_of_another_repository_of_the_owner_is_found(ours: Index) -> None:
    """The repository was renamed: nothing has its name, but the owner's other publisher is close."""
    project = ours.project("orchay", github())
    ours.refused(**ELSEWHERE)
    assert 1 == len(ours.events("exchange:refused", project))
    assert [{"field": "repository_name", "expected": "orchay", "got": "other"}] == logged(ours)


def test_nobody_near_is_nobody_told(ours: Index) -> None:
    """A token of an unknown owner: an event of the index, of no project."""
    project = ours.project("orchay", github())
    refusal = ours.refused(
        repository="stranger/x", repository_owner="stranger", job_workflow_ref="stranger/x/.github/workflows/a.yml@refs/tags/v1"
    )
    assert ((), "valid token, but no corresponding publisher (Publisher with matching claims was not found)") == (
        refusal.differences,
        refusal.description,
    )
    assert [] == ours.events("exchange:refused", project)
    assert 1 == len(ours.events("exchange:refused"))


def test_a_pending_publisher_is_explained_too(ours: Index) -> None:
    """The first release fails most often: what the pending row expects is told as a publisher's would be."""
    ours.pending("orchay", github(environment="release"))
    assert (Difference("environment", "release", "pypi"),) == ours.refused().differences


def test_pypi_tells_nothing_but_its_own_words(pypi: Index) -> None:
    """Under its profile the wire carries PyPI's text, and our log still knows better."""
    pypi.project("orchay", github(workflow_filename="release.yml"))
    refusal = pypi.refused()
    assert (
        Refusal(
            422,
            "invalid-publisher",
            "valid token, but no corresponding publisher (Publisher with matching claims was not found)",
        )
        == refusal
    )
    assert [{"field": "workflow_filename", "expected": "release.yml", "got": "pypi.yml"}] == logged(pypi)


def test_a_gitlab_project_hears_what_was_expected(ours: Index) -> None:
    """The project path is what says whose job it is."""
    ours.project("orchay", gitlab(environment="release"))
    answer = ours.settle(ours.ready(gitlab_claims(), Provider.GITLAB))
    assert isinstance(answer, Refusal)
    assert (Difference("environment", "release", "pypi"),) == answer.differences


def test_other_issuers_tell_nothing_that_was_registered(ours: Index) -> None:
    """Of a generic issuer nobody knows which claim names the owner."""
    issuer = "https://issuer.example"
    ours.project("orchay", publisher("oidc", {"sub": "registered-only"}, issuer))
    ours.verifier.providers[issuer] = Provider.OIDC
    answer = ours.settle(ours.ready({"iss": issuer, "sub": "mine", "jti": "1"}, Provider.OIDC))
    assert isinstance(answer, Refusal)
    assert (Difference("sub", None, "mine"),) == answer.differences
    assert "registered-only" not in answer.description


def test_long_claims_are_cut(ours: Index) -> None:
    """A caller cannot fill the log or the answer."""
    ours.project("orchay", github())
    refusal = ours.refused(environment="x" * 5000, repository_owner_id="6" * 5000)
    assert len(refusal.description) < 1000
    assert len(json.dumps(ours.events("exchange:refused")[0].detail)) < 4000
