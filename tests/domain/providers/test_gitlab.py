"""GitLab: PyPI's quirks under `pypi`, our own rules under `trustpub`, and the issuer in both."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.samples import SHA, gitlab, gitlab_claims
from trustpub.domain.claims import JSON
from trustpub.domain.matching import Profile, decide
from trustpub.domain.outcome import Accepted, Difference, Refused
from trustpub.domain.providers.gitlab import pipeline_file
from trustpub.domain.publishers import Provider, Publisher, publisher

NOT_FOUND = "Publisher with matching claims was not found"
BOTH = tuple(Profile)
OURS = Profile.TRUSTPUB


def refusal(claims: dict[str, JSON], *publishers: Publisher, profile: Profile, replayed: bool = False) -> Refused:
    """The refusal of a token that must be refused."""
    decision = decide(claims, publishers, profile, provider=Provider.GITLAB, replayed=replayed)
    assert isinstance(decision, Refused), decision
    return decision


def index(claims: dict[str, JSON], *publishers: Publisher, profile: Profile) -> int:
    """The position of the publisher that accepts a token."""
    decision = decide(claims, publishers, profile, provider=Provider.GITLAB)
    assert isinstance(decision, Accepted), decision
    return decision.index


FILES = [
    ("gitlab.com/g/p//.gitlab-ci.yml@refs/heads/main", ".gitlab-ci.yml"),
    ("gitlab.com/g/p//ci/x.yaml@refs/heads/main", "ci/x.yaml"),
    ("gitlab.com/g/p//a.yml@b.yml@main", "a.yml@b.yml"),
    ("gitlab.com/g/p//a.yml@refs/heads/x@y.yml@z", "a.yml@refs/heads/x@y.yml"),
    ("gitlab.com/g/p//foo/.yml@main", ""),
    ("gitlab.com/g/p//.yml@main", ""),
    ("gitlab.com/g/p//a.yml@foo/.yml@main", "a.yml"),
    ("gitlab.com/g/p/a.yml@main", ""),
    ("gitlab.com/g/p///a.yml@main", "/a.yml"),
    ("gitlab.com/g//p//a.yml@main", "p//a.yml"),
    ("gitlab.com/g/p//a\n//b.yml@main", "b.yml"),
    ("", ""),
]


@pytest.mark.parametrize(("config", "file"), FILES)
def test_the_pipeline_file_is_found_as_pypi_finds_it(config: str, file: str) -> None:
    """What follows the first `//`, up to the last pipeline file before an `@`."""
    assert file == pipeline_file(config)


@given(
    st.text(alphabet="ab/.@ymlYa\n", max_size=40)
    | st.lists(st.sampled_from(["/", "//", ".yml", ".yml@", ".yaml@", "\n", "x"])).map("".join)
)
def test_finding_the_pipeline_file_is_the_regular_expression(text: str) -> None:
    """Line by line finds what PyPI's regular expression finds, on any text."""
    match = re.search(r"(?<=//)(.*[^/]\.(yml|yaml))(?=@)", text)

    assert (match.group(0) if match else "") == pipeline_file(text)


@pytest.mark.parametrize("hostile", ["/" * 500_000, "//\n" * 200_000, "//" + "/.yml@" * 100_000])
def test_finding_the_pipeline_file_takes_no_quadratic_time(hostile: str) -> None:
    """A hostile claim of half a megabyte is read in an instant (the regular expression would take minutes)."""
    assert "" == pipeline_file(hostile)


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("ref", ["refs/tags/v1", SHA])
def test_a_token_of_the_registered_pipeline_is_accepted(profile: Profile, ref: str) -> None:
    """At the ref or at the commit of the run."""
    claims = gitlab_claims(ci_config_ref_uri=f"gitlab.com/group/team/orchay//.gitlab-ci.yml@{ref}")

    assert 0 == index(claims, gitlab(), profile=profile)


@pytest.mark.parametrize(
    ("field", "value", "got"),
    [
        ("namespace", "group", "group/team"),
        ("project", "orchay2", "orchay"),
        ("workflow_filepath", "ci.yml", ".gitlab-ci.yml"),
        ("environment", "PyPI", "pypi"),
    ],
)
@pytest.mark.parametrize("profile", BOTH)
def test_one_other_field_is_refused_and_named(field: str, value: str, got: str, profile: Profile) -> None:
    """Environments are compared exactly here; names are not, files are."""
    refused = refusal(gitlab_claims(), gitlab(**{field: value}), profile=profile)

    assert (Difference(field, value, got),) == refused.differences
    assert refused.reason is not None
    assert refused.reason.startswith(NOT_FOUND)


def test_pypi_finds_a_row_in_other_casing_and_then_refuses_it() -> None:
    """The lookup ignores case, the pipeline's address does not."""
    refused = refusal(gitlab_claims(), gitlab(namespace="Group/Team"), profile=Profile.PYPI)

    expected = [f"gitlab.com/Group/Team/orchay//.gitlab-ci.yml@{ref}" for ref in (SHA, "refs/tags/v1")]
    got = "gitlab.com/group/team/orchay//.gitlab-ci.yml@refs/tags/v1"
    assert f"The ci_config_ref_uri claim does not match, expecting one of {expected!r}, got {got!r}" == refused.reason
    assert ["ci_config_ref_uri"] == [difference.field for difference in refused.differences]


@pytest.mark.parametrize("fields", [{"namespace": "Group/TEAM"}, {"project": "OrchAY"}])
def test_ours_ignores_ascii_case_everywhere_alike(fields: dict[str, str]) -> None:
    """GitLab's paths have no case; the row that PyPI finds and refuses is accepted."""
    assert 0 == index(gitlab_claims(), gitlab(**fields), profile=OURS)


PYPI_CHECKS: list[tuple[dict[str, JSON], str, list[str]]] = [
    ({"sub": ""}, "Check failed for required claim 'sub'", ["sub"]),
    ({"sub": "project_path"}, "Check failed for required claim 'sub'", ["sub"]),
    ({"sub": ":group/team/orchay"}, "Check failed for required claim 'sub'", ["sub"]),
    ({"sub": "project_path:group/team/other:ref:x"}, "Check failed for required claim 'sub'", ["sub"]),
    ({"ref_path": ""}, "The ref_path and sha claims are empty", ["ref_path"]),
    ({"sha": ""}, "The ref_path and sha claims are empty", ["sha"]),
    ({"ref_path": "", "sha": ""}, "The ref_path and sha claims are empty", ["ref_path", "sha"]),
    (
        {"ci_config_ref_uri": ""},
        "Could not extract workflow filename from OIDC claims",
        ["workflow_filepath", "ci_config_ref_uri"],
    ),
    ({"project_path": "orchay"}, NOT_FOUND, ["namespace"]),
    ({"project_path": "orchay", "ci_config_ref_uri": ""}, NOT_FOUND, ["namespace", "workflow_filepath"]),
    ({"project_path": ""}, NOT_FOUND, ["namespace", "project"]),
    ({"sha": 7}, "Claim 'sha' is not a string", ["sha"]),
]


@pytest.mark.parametrize(("changed", "reason", "fields"), PYPI_CHECKS)
def test_pypi_says_which_check_fails(changed: dict[str, JSON], reason: str, fields: list[str]) -> None:
    """PyPI's sentences, in PyPI's order; what PyPI answers with 500 is refused like the rest."""
    refused = refusal(gitlab_claims(**changed), gitlab(), profile=Profile.PYPI)

    assert (reason, fields) == (refused.reason, [difference.field for difference in refused.differences])


@pytest.mark.parametrize(
    ("claim", "profile"),
    [(claim, profile) for profile in BOTH for claim in ("sub", "project_path", "ci_config_ref_uri", "ref_path", "sha")]
    + [("jti", Profile.PYPI)],
)
def test_a_missing_claim_is_named(claim: str, profile: Profile) -> None:
    """PyPI wants a token identifier; we spend a token without one by its digest."""
    assert f"Missing claim {claim!r}" == refusal(gitlab_claims(**{claim: None}), gitlab(), profile=profile).reason
    assert 0 == index(gitlab_claims(jti=None), gitlab(), profile=OURS)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"project_path": "group/team\u212a/orchay"}, "namespace"),
        ({"sub": "project_path:evil/orchay:ref:x"}, "sub"),
        ({"ci_config_ref_uri": "gitlab.com/evil/ci//.gitlab-ci.yml@refs/tags/v1"}, "ci_config_ref_uri"),
        ({"ci_config_ref_uri": "evil.example/group/team/orchay//.gitlab-ci.yml@refs/tags/v1"}, "ci_config_ref_uri"),
        ({"ci_config_ref_uri": "gitlab.com/group/team/orchay//.gitlab-ci.yml@refs/heads/x"}, "ci_config_ref_uri"),
        ({"ci_config_ref_uri": "gitlab.com/group/team/orchay//.gitlab-ci.yml@", "ref_path": ""}, "ci_config_ref_uri"),
        ({"environment": None}, "environment"),
    ],
)
def test_ours_refuses_and_names_the_one_field(changed: dict[str, JSON], field: str) -> None:
    """Look-alikes and pipelines configured elsewhere."""
    refused = refusal(gitlab_claims(**changed), gitlab(environment="pypi"), profile=OURS)

    assert [field] == [difference.field for difference in refused.differences]


@pytest.mark.parametrize(
    ("number", "claim", "ours"),
    [("", "71", True), ("70", "70", True), ("70", "71", False), ("70", None, False), ("", None, True)],
)
def test_a_namespace_that_was_seen_is_held_on_to(number: str, claim: str | None, ours: bool) -> None:
    """A name that was given up can be registered by anybody; PyPI asks for the name alone."""
    claims, used = gitlab_claims(namespace_id=claim), gitlab()._replace(namespace_id=number)
    found = decide(claims, [used], OURS, provider=Provider.GITLAB)

    assert ours == isinstance(found, Accepted)
    assert ours or (Difference("namespace_id", number, claim),) == refusal(claims, used, profile=OURS).differences
    assert 0 == index(claims, used, profile=Profile.PYPI)
    assert used.identity == gitlab().identity


@pytest.mark.parametrize("profile", BOTH)
def test_a_self_managed_gitlab_is_another_identity(profile: Profile) -> None:
    """The same path at another issuer: never the same publisher, and the issuer is what is named."""
    own = "https://gitlab.corp.example"
    theirs = publisher(Provider.GITLAB, {**gitlab().row(), "issuer_url": own})
    claims = gitlab_claims(iss=own, ci_config_ref_uri="gitlab.corp.example/group/team/orchay//.gitlab-ci.yml@refs/tags/v1")

    assert 1 == index(claims, gitlab(), theirs, profile=profile)
    refused = refusal(claims, gitlab(), profile=profile)
    assert (Difference("issuer", "https://gitlab.com", own),) == refused.differences


@pytest.mark.parametrize("profile", BOTH)
def test_the_constrained_publisher_wins(profile: Profile) -> None:
    """As with GitHub, but environments keep their case."""
    rows = gitlab(), gitlab(environment="pypi")

    assert 1 == index(gitlab_claims(), *rows, profile=profile)
    assert 0 == index(gitlab_claims(environment="PYPI"), *rows, profile=profile)


def test_pypi_notices_a_replay_only_after_the_pipeline() -> None:
    """A spent token whose pipeline differs is refused for the pipeline."""
    wrong = refusal(gitlab_claims(sha=""), gitlab(), profile=Profile.PYPI, replayed=True)

    assert "invalid-publisher" == wrong.code
    assert "invalid-reuse-token" == refusal(gitlab_claims(), gitlab(), profile=Profile.PYPI, replayed=True).code
