"""GitHub: PyPI's quirks under `pypi`, our own rules under `trustpub`."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.samples import SHA, github, github_claims
from trustpub.domain.claims import JSON
from trustpub.domain.matching import Profile, decide
from trustpub.domain.outcome import Accepted, Difference, Refused
from trustpub.domain.providers.github import called_workflow
from trustpub.domain.publishers import Provider, Publisher, publisher

NOT_FOUND = "Publisher with matching claims was not found"
BOTH = tuple(Profile)


def refusal(claims: dict[str, JSON], *publishers: Publisher, profile: Profile, replayed: bool = False) -> Refused:
    """The refusal of a token that must be refused."""
    decision = decide(claims, publishers, profile, provider=Provider.GITHUB, replayed=replayed)
    assert isinstance(decision, Refused), decision
    return decision


def index(claims: dict[str, JSON], *publishers: Publisher, profile: Profile) -> int:
    """The position of the publisher that accepts a token."""
    decision = decide(claims, publishers, profile, provider=Provider.GITHUB)
    assert isinstance(decision, Accepted), decision
    return decision.index


@pytest.mark.parametrize("profile", BOTH)
def test_a_token_of_the_registered_workflow_is_accepted(profile: Profile) -> None:
    """The ordinary case: one publisher, its own token."""
    assert index(github_claims(), github(), profile=profile) == 0


# --- which file was called -------------------------------------------------------------------------------------------------

FILES = [
    ("octo/orchay/.github/workflows/pypi.yml@refs/heads/main", "pypi.yml"),
    ("octo/orchay/.github/workflows/pypi.yaml@refs/heads/main", "pypi.yaml"),
    ("octo/orchay/.github/workflows/a.yml@b.yml@refs/heads/main", "a.yml@b.yml"),
    ("octo/orchay/.github/workflows/a.yaml@b.yml@x", "a.yaml@b.yml"),
    ("octo/orchay/.github/workflows/a.yml@b.yaml@x", "a.yml@b.yaml"),
    ("octo/orchay/.github/workflows/basic.yml@refs/heads/x@y.yml", "basic.yml"),
    ("octo/orchay/.github/workflows/basic.yml@refs/heads/x@y.yml@z", "basic.yml"),
    ("octo/orchay/.github/workflows/.yml@main", ""),
    ("octo/orchay/.github/workflows/.yml@a.yml@main", ".yml@a.yml"),
    ("octo/orchay/.github/workflows/pypi.YML@main", ""),
    ("octo/orchay/.github/workflows/pypi.yml", ""),
    ("octo/orchay/.github/workflows/pypi.yml.txt@main", ""),
    ("octo.yml@x/orchay/.github/workflows/pypi.yml@main", "octo.yml"),
    ("", ""),
]


@pytest.mark.parametrize(("job_workflow_ref", "file"), FILES)
def test_the_called_file_is_found_as_pypi_finds_it(job_workflow_ref: str, file: str) -> None:
    """The longest run of the first path segment that has a workflow file before an `@`."""
    assert file == called_workflow(job_workflow_ref)


@given(st.text(alphabet="ab/.@ymlYa\n", max_size=40) | st.lists(st.sampled_from(["/", ".yml", ".yaml", "@", "x"])).map("".join))
def test_finding_the_called_file_is_the_regular_expression(text: str) -> None:
    """Segment by segment finds what PyPI's regular expression finds, on any text."""
    match = re.search(r"([^/]+\.(yml|yaml))(?=@)", text)

    assert (match.group(0) if match else "") == called_workflow(text)


def test_finding_the_called_file_takes_no_quadratic_time() -> None:
    """A hostile claim of half a megabyte is read in an instant (the regular expression would take minutes)."""
    assert called_workflow(".yml" * 130_000) == ""


# --- the pypi profile ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "got"),
    [
        ("repository_owner", "Octo", "octo"),
        ("repository_name", "Orchay", "orchay"),
        ("workflow_filename", "Pypi.yml", "pypi.yml"),
        ("repository_owner_id", "43", "42"),
        ("environment", "test", "pypi"),
        ("environment", "PYPI", "pypi"),
    ],
)
def test_pypi_compares_rows_exactly_and_names_the_field(field: str, value: str, got: str) -> None:
    """PyPI's own answer is one sentence for all of them; the difference says which."""
    refused = refusal(github_claims(), github(**{field: value}), profile=Profile.PYPI)

    assert (refused.code, refused.reason) == ("invalid-publisher", NOT_FOUND)
    assert f"valid token, but no corresponding publisher ({NOT_FOUND})" == refused.description
    assert (Difference(field, value, got),) == refused.differences


@pytest.mark.parametrize(
    ("claim", "rows", "expected"),
    [
        ("pypi", ["", "pypi"], 1),
        ("PyPI", ["", "pypi"], 1),
        ("test", ["", "pypi"], 0),
        (None, ["pypi", ""], 1),
        ("", ["pypi", ""], 1),
        ("PyPI", ["PyPI", ""], 1),
    ],
)
def test_pypi_prefers_the_constrained_row_and_falls_back_to_the_free_one(
    claim: str | None, rows: list[str], expected: int
) -> None:
    """The environment's precedence: an equal row, else the row for any; a row in capitals is never equal."""
    publishers = [github(environment=row) for row in rows]

    assert expected == index(github_claims(environment=claim), *publishers, profile=Profile.PYPI)


def test_pypi_names_all_environments_when_every_row_is_constrained() -> None:
    """Two rows are equally close: their environments are told together."""
    rows = github(environment="pypi"), github(environment="testpypi")

    refused = refusal(github_claims(environment=None), *rows, profile=Profile.PYPI)

    assert (Difference("environment", ["pypi", "testpypi"], None),) == refused.differences


PYPI_CHECKS: list[tuple[dict[str, JSON], str]] = [
    ({"repository_owner": "octo "}, "Check failed for required claim 'repository_owner'"),
    ({"ref": "", "sha": ""}, "The ref and sha claims are empty"),
    ({"job_workflow_ref": ""}, "Could not job extract workflow filename from OIDC claims"),
    ({"job_workflow_ref": "octo/orchay/.github/workflows/.yml@x"}, "Could not job extract workflow filename from OIDC claims"),
    ({"event_name": "pull_request_target"}, "Publishing from a workflow invoked via 'pull_request_target' is not supported."),
    ({"repository": "orchay"}, NOT_FOUND),
    ({"repository": "orchay", "job_workflow_ref": ""}, NOT_FOUND),
    ({"repository": "/"}, NOT_FOUND),
    ({"repository": "octo/orchay/more"}, NOT_FOUND),
    ({"repository": ""}, NOT_FOUND),
    ({"repository_owner_id": 42}, "Claim 'repository_owner_id' is not a string"),
    ({"environment": ["pypi"]}, "Claim 'environment' is not a string"),
]


@pytest.mark.parametrize(("changed", "reason"), PYPI_CHECKS)
def test_pypi_says_which_check_fails(changed: dict[str, JSON], reason: str) -> None:
    """PyPI's sentences, in PyPI's order; what PyPI answers with 500 is refused like the rest, and a difference is named."""
    refused = refusal(github_claims(**changed), github(), profile=Profile.PYPI)

    assert ("invalid-publisher", reason) == (refused.code, refused.reason)
    assert refused.differences


@pytest.mark.parametrize(
    "called",
    [
        "octo/orchay/.github/workflows/pypi.yml@refs/heads/main",
        "evil/repo/.github/workflows/pypi.yml@refs/tags/v1",
        "Octo/orchay/.github/workflows/pypi.yml@refs/tags/v1",
        "octo/orchay/pypi.yml@refs/tags/v1",
        "octo/orchay/.github/workflows/sub/pypi.yml@refs/tags/v1",
        "octo/orchay/.github/workflows/../pypi.yml@refs/tags/v1",
    ],
)
def test_pypi_refuses_a_called_workflow_of_elsewhere(called: str) -> None:
    """The file name alone finds the row; the whole path and the ref must be the run's own."""
    refused = refusal(github_claims(job_workflow_ref=called), github(), profile=Profile.PYPI)

    path = "octo/orchay/.github/workflows/pypi.yml"
    expected = [f"{path}@{SHA}", f"{path}@refs/tags/v1"]
    assert f"The job_workflow_ref claim does not match, expecting one of {expected!r}, got {called!r}" == refused.reason
    assert (Difference("job_workflow_ref", list(reversed(expected)), called),) == refused.differences


@pytest.mark.parametrize("profile", BOTH)
def test_a_workflow_called_at_the_runs_commit_is_accepted(profile: Profile) -> None:
    """A deployment can run without a ref: then the file is named at the commit."""
    claims = github_claims(ref="", job_workflow_ref=f"octo/orchay/.github/workflows/pypi.yml@{SHA}")

    assert index(claims, github(), profile=profile) == 0


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, "invalid-reuse-token"),
        ({"event_name": "pull_request_target"}, "invalid-reuse-token"),
        ({"environment": "other"}, "invalid-publisher"),
        ({"job_workflow_ref": "octo/orchay/.github/workflows/pypi.yml@x"}, "invalid-publisher"),
        ({"jti": None}, "invalid-publisher"),
    ],
)
def test_pypi_notices_a_replay_between_the_file_and_the_event(changed: dict[str, JSON], code: str) -> None:
    """A spent token tells so before its event is judged, and after everything else."""
    refused = refusal(github_claims(**changed), github(environment="pypi"), profile=Profile.PYPI, replayed=True)

    assert code == refused.code


def test_a_replay_says_no_more_than_that() -> None:
    """PyPI's description, no reason, no difference."""
    expected = Refused("invalid-reuse-token", None, "invalid token: already used")

    assert expected == refusal(github_claims(), github(), profile=Profile.PYPI, replayed=True)


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("sub", [None, "", "repo:evil/evil:ref:refs/heads/main", "custom", 7])
def test_the_subject_is_never_read(profile: Profile, sub: JSON) -> None:
    """GitHub lets owners customise `sub`; nothing may depend on it."""
    assert index(github_claims(sub=sub), github(), profile=profile) == 0


@pytest.mark.parametrize(
    ("claim", "profile"),
    [
        (claim, profile)
        for profile in BOTH
        for claim in ("repository", "repository_owner", "repository_owner_id", "job_workflow_ref", "event_name", "ref", "sha")
    ]
    + [("jti", Profile.PYPI)],
)
@pytest.mark.parametrize("present", [True, False])
def test_a_missing_claim_is_named(claim: str, profile: Profile, present: bool) -> None:
    """Absent and null are the same."""
    claims = github_claims(**{claim: None})
    if not present:
        del claims[claim]

    assert f"Missing claim {claim!r}" == refusal(claims, github(), profile=profile).reason


# --- the trustpub profile --------------------------------------------------------------------------------------------------

OURS = Profile.TRUSTPUB


@pytest.mark.parametrize(
    ("fields", "changed"),
    [
        ({"repository_owner": "Octo", "repository_name": "ORCHAY"}, {}),
        ({}, {"repository": "Octo/Orchay", "repository_owner": "OCTO"}),
        ({}, {"job_workflow_ref": "Octo/ORCHAY/.github/workflows/pypi.yml@refs/tags/v1"}),
        ({"environment": "PyPI"}, {}),
        ({"environment": "pypi"}, {"environment": "PYPI"}),
        ({"environment": "tÄst"}, {"environment": "TÄST"}),
        ({}, {"jti": None}),
        ({}, {"event_name": "workflow_dispatch"}),
    ],
)
def test_ours_ignores_ascii_case_where_github_does(fields: dict[str, str], changed: dict[str, JSON]) -> None:
    """Owner, repository and environment in any ASCII case are the same to GitHub, and to us."""
    assert index(github_claims(**changed), github(**fields), profile=OURS) == 0


KELVIN = "\u212a"


@pytest.mark.parametrize(
    ("fields", "changed", "field"),
    [
        (
            {"repository_owner": "octok"},
            {"repository": f"octo{KELVIN}/orchay", "repository_owner": f"octo{KELVIN}"},
            "repository_owner",
        ),
        ({}, {"repository": "octo/\u043erchay"}, "repository_name"),
        ({"environment": "kit"}, {"environment": f"{KELVIN}it"}, "environment"),
        ({}, {"repository_owner_id": "\uff14\uff12"}, "repository_owner_id"),
        ({}, {"repository_owner_id": "042"}, "repository_owner_id"),
        ({}, {"repository_owner_id": "+42"}, "repository_owner_id"),
        ({}, {"repository_owner_id": "42\n"}, "repository_owner_id"),
        ({}, {"repository_owner": "octo2"}, "repository_owner"),
        ({}, {"repository": "octo2/orchay"}, "repository_owner"),
        ({}, {"repository": "octo/orchay.git"}, "repository_name"),
        ({}, {"repository": "octo/orchay2"}, "repository_name"),
        ({}, {"repository": "octo/orcha_"}, "repository_name"),
        ({}, {"repository": "octo/%"}, "repository_name"),
        ({}, {"repository": "octo/orchay/more"}, "repository_name"),
        ({"repository_owner_id": ""}, {}, "repository_owner_id"),
        ({"workflow_filename": "Pypi.yml"}, {}, "workflow_filename"),
        ({}, {"job_workflow_ref": "octo/orchay/.github/workflows/pypi.yml.evil.yml@refs/tags/v1"}, "workflow_filename"),
        ({}, {"job_workflow_ref": "octo/orchay/.github/workflows/pre-pypi.yml@refs/tags/v1"}, "workflow_filename"),
        ({}, {"job_workflow_ref": "evil/orchay/.github/workflows/pypi.yml@refs/tags/v1"}, "job_workflow_ref"),
        ({}, {"job_workflow_ref": "octo/orchay/.github/workflows/pypi.yml@refs/heads/x"}, "job_workflow_ref"),
        ({}, {"job_workflow_ref": "octo/orchay/.github/workflows/pypi.yml@"}, "job_workflow_ref"),
        ({}, {"ref": "", "sha": "", "job_workflow_ref": "octo/orchay/.github/workflows/pypi.yml@"}, "job_workflow_ref"),
        ({}, {"job_workflow_ref": "octo/orchay/workflows/pypi.yml@refs/tags/v1"}, "job_workflow_ref"),
        ({"environment": "pypi"}, {"environment": None}, "environment"),
        ({"environment": "pypi"}, {"environment": ""}, "environment"),
        ({"environment": "pypi"}, {"environment": "pypi "}, "environment"),
    ],
)
def test_ours_refuses_and_names_the_one_field(fields: dict[str, str], changed: dict[str, JSON], field: str) -> None:
    """Look-alikes, other ids, other files, other places: each is refused for exactly the field in which it differs."""
    refused = refusal(github_claims(**changed), github(**fields), profile=OURS)

    assert [field] == [difference.field for difference in refused.differences]
    assert f"{NOT_FOUND}: {field} differs" == refused.reason


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("called", ["pypi.yml", "", "octo/orchay/.github/workflows/pypi.yml"])
def test_a_called_workflow_that_names_no_file_is_shown_whole(called: str, profile: Profile) -> None:
    """No file is nobody's file: what came is shown as it came, beside what was meant."""
    expected: list[JSON] = [f"octo/orchay/.github/workflows/pypi.yml@{ref}" for ref in ("refs/tags/v1", SHA)]

    refused = refusal(github_claims(job_workflow_ref=called), github(), profile=profile)

    assert (
        Difference("workflow_filename", "pypi.yml", None),
        Difference("job_workflow_ref", expected, called),
    ) == refused.differences


def test_ours_wants_a_registered_owner_id() -> None:
    """An empty id matches no id, not even an empty one."""
    refused = refusal(github_claims(repository_owner_id=""), github(repository_owner_id=""), profile=OURS)

    assert (Difference("repository_owner_id", None, ""),) == refused.differences


def test_ours_never_puts_a_registered_value_into_the_wire_text() -> None:
    """The reason names fields only: what another publisher registered is nobody else's business."""
    secret = github(repository_name="secret-project", workflow_filename="secret.yml", environment="secret")

    refused = refusal(github_claims(), secret, profile=OURS)

    assert "secret" not in refused.description
    assert {"repository_name", "workflow_filename", "environment"} == {one.field for one in refused.differences}


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run", "pull_request"])
def test_ours_refuses_events_that_strangers_can_cause(event: str) -> None:
    """Refused by name, unless the publisher allows exactly this event."""
    refused = refusal(github_claims(event_name=event), github(), profile=OURS)
    allowing = publisher(Provider.GITHUB, github().row(), allowed_events=[event])

    assert f"Publishing from a workflow invoked via {event!r} is not allowed here" == refused.reason
    assert refused.differences[0].expected == "any event but pull_request, pull_request_target, workflow_run"
    assert index(github_claims(event_name=event), allowing, profile=OURS) == 0


def test_allowing_one_event_allows_no_other() -> None:
    """`workflow_run` allowed is not `pull_request_target` allowed; and PyPI's profile knows no such permission."""
    allowing = publisher(Provider.GITHUB, github().row(), allowed_events=["workflow_run"])
    claims = github_claims(event_name="pull_request_target")

    assert refusal(claims, allowing, profile=OURS).differences[0].field == "event_name"
    everything = publisher(Provider.GITHUB, github().row(), allowed_events=["pull_request_target"])
    assert refusal(claims, everything, profile=Profile.PYPI).differences[0].field == "event_name"


@pytest.mark.parametrize("value", [42, True, 1.5, ["42"], {"id": "42"}])
@pytest.mark.parametrize("profile", BOTH)
def test_a_claim_of_another_type_is_refused_and_shown(profile: Profile, value: JSON) -> None:
    """Where a string is meant, a value of any other type is never equal to it."""
    refused = refusal(github_claims(repository_owner_id=value), github(), profile=profile)

    assert (Difference("repository_owner_id", "42", value),) == refused.differences


def test_ours_tells_a_replay_only_to_who_would_have_matched() -> None:
    """A token that matches nothing learns nothing about what was spent."""
    wrong = refusal(github_claims(environment="x"), github(environment="pypi"), profile=OURS, replayed=True)

    assert wrong.code == "invalid-publisher"
    assert refusal(github_claims(), github(environment="pypi"), profile=OURS, replayed=True).code == "invalid-reuse-token"


def test_ours_prefers_the_constrained_publisher() -> None:
    """As on PyPI: the publisher for this environment wins over the one for any."""
    assert index(github_claims(), github(), github(environment="pypi"), profile=OURS) == 1
    assert index(github_claims(environment="x"), github(), github(environment="pypi"), profile=OURS) == 0


def test_the_closest_publisher_speaks() -> None:
    """Of several, the one that agrees the longest tells the difference: not the repository, but the file."""
    other_repository = github(repository_name="other")
    other_file = github(workflow_filename="release.yml")

    refused = refusal(github_claims(), other_repository, other_file, profile=OURS)

    assert (Difference("workflow_filename", "release.yml", "pypi.yml"),) == refused.differences


@pytest.mark.parametrize("profile", BOTH)
def test_without_a_publisher_there_is_nothing_to_differ_from(profile: Profile) -> None:
    """PyPI's sentence, and no difference."""
    refused = refusal(github_claims(), profile=profile)

    assert (refused.reason, refused.differences) == (NOT_FOUND, ())
