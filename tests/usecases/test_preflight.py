"""What a job hears before anything is built: accepted, refused by a field, or unknown; and nothing secret is said."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.usecases.preflight_stage import (
    RIGHT,
    Stage,
    differing,
    staged,
)
from trustpub.cli.render import preflight as render
from trustpub.errors import BadInput, Unreachable
from trustpub.parties.issuer.github_claims import ISSUER, Job
from trustpub.parties.wire import Response
from trustpub.usecases.preflight import Wishes


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A repository that publishes rightly, and a project that exists."""
    return staged(tmp_path)


def test_the_right_job_is_accepted(stage: Stage) -> None:
    """All fields are the same, by what is stated; nothing was exchanged."""
    leg = stage.leg()

    assert ("accepted", "stated", ("tool",), []) == (leg.verdict, leg.evidence, leg.projects, differing(leg))
    assert not any("mint-token" in each for each in stage.asked)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"environment": "release"}, ["environment"]),
        ({"environment": ""}, ["environment"]),
        ({"repository": "Tool"}, ["repository_name"]),
        ({"owner_id": "7"}, ["repository_owner_id"]),
        ({"event_name": "pull_request_target"}, ["event_name"]),
    ],
)
def test_the_field_that_differs_is_named(stage: Stage, change: Mapping[str, str], fields: list[str]) -> None:
    """The job that uploads presents something else than the record: refused, by this field, with a next step."""
    stage.job = Job(
        **{
            **{name: getattr(RIGHT, name) for name in ("owner", "repository", "workflow", "environment", "ref", "event_name")},
            **change,
        }
    )
    leg = stage.leg()

    assert ("refused", "invalid-publisher", fields) == (leg.verdict, leg.code, differing(leg))
    assert f"`{fields[0]}`" in leg.reason
    assert leg.next_step


def test_a_token_that_no_record_fits(stage: Stage) -> None:
    """Nothing was compared, so nothing is called the same: what the index says of the token itself is repeated."""
    body = base64.urlsafe_b64encode(json.dumps({"iss": ISSUER, "aud": "pypi"}).encode()).rstrip(b"=").decode()
    stage.endpoint = Response(200, {}, json.dumps({"value": f"e30.{body}.c2ln"}).encode())
    leg = stage.leg()

    assert ("refused", {None}) == (leg.verdict, {row.same for row in leg.rows})
    assert leg.reason.startswith("Missing claim")
    assert leg.next_step.endswith("the job's ID token itself is not one that pypi takes.")


def test_nobody_is_told_to_register_somebody_elses_repository(stage: Stage) -> None:
    """A job of a fork differs in the owner: the way out is the right repository."""
    stage.job = Job(
        owner="mallory", owner_id="9", repository="tool", workflow="release.yml", environment="pypi", event_name="push"
    )

    assert stage.leg().next_step.startswith("Release from the repository of `octo`")


def test_another_job_does_not_speak_for_the_one_that_uploads(stage: Stage) -> None:
    """A build job without the environment says unknown, names the job that uploads, and where to run."""
    stage.here, stage.job = "build", Job(owner="octo", repository="tool", workflow="release.yml", ref="refs/tags/v1")
    leg = stage.leg()

    assert "unknown" == leg.verdict
    assert "job `pypi`" in leg.reason
    assert "environment `pypi`" in leg.reason


def test_a_job_with_the_same_identity_speaks_for_it(stage: Stage) -> None:
    """Another job of the same file in the same environment presents the same."""
    stage.here = "before"

    assert "accepted" == stage.leg().verdict


def test_another_file_does_not_speak(stage: Stage) -> None:
    """A workflow that does not upload says unknown."""
    stage.job = Job(owner="octo", repository="tool", workflow="ci.yml", environment="pypi")
    leg = stage.leg()

    assert "unknown" == leg.verdict
    assert "`ci.yml`" in leg.reason


def test_without_a_record_nothing_is_claimed(stage: Stage) -> None:
    """The claims are shown, and the answer is unknown."""
    (stage.folder / "checkout" / "trustpub.toml").unlink()
    leg = stage.leg()

    assert ("unknown", "none") == (leg.verdict, leg.evidence)
    assert {"repository_owner": "octo", "repository_owner_id": "1001", "repository_name": "tool"}.items() <= {
        row.field: row.got for row in leg.rows
    }.items()
    assert not stage.run().legs[0].projects


@pytest.mark.parametrize("name", ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
def test_a_job_without_the_permission_is_refused(stage: Stage, name: str) -> None:
    """No ID token: the permission to write is named."""
    stage.environment[name] = ""
    leg = stage.leg()

    assert ("refused", "no-id-token") == (leg.verdict, leg.code)
    assert "id-token: write" in leg.next_step


def test_outside_of_ci_there_is_nothing_to_say(stage: Stage) -> None:
    """The error names the command that answers from the files."""
    stage.environment["GITHUB_ACTIONS"] = ""

    with pytest.raises(BadInput, match="trustpub predict"):
        stage.run()


def test_an_index_that_is_not_known(stage: Stage) -> None:
    """A name that nobody declared is refused, with the words to write."""
    with pytest.raises(BadInput, match=r"\[indexes\.mine\]"):
        stage.run(Wishes("mine"))


def test_an_index_without_trusted_publishing(stage: Stage) -> None:
    """No job can publish there without a token."""
    stage.index.trusted_publishing = False
    leg = stage.leg()

    assert ("refused", "no-trusted-publishing") == (leg.verdict, leg.code)


def test_an_exchange_proves(stage: Stage) -> None:
    """The index accepted, and the upload token was given back at once."""
    leg = stage.leg(Wishes("pypi", exchange=True))

    assert ("accepted", "proven") == (leg.verdict, leg.evidence)
    assert ["POST /_/oidc/mint-token", "POST /_/oidc/burn-token"] == [each for each in stage.asked if "-token" in each]


def test_an_exchange_that_is_refused_proves_the_contrary(stage: Stage) -> None:
    """What the index says goes before what was stated; an echo of the token is not repeated."""
    errors = [{"code": "invalid-publisher", "description": "valid token, but no corresponding publisher"}]
    stage.exchange = Response(422, {}, json.dumps({"message": "Token request failed", "errors": errors}).encode())
    leg = stage.leg(Wishes("pypi", exchange=True))

    assert ("refused", "proven", "invalid-publisher") == (leg.verdict, leg.evidence, leg.code)


def test_no_exchange_creates_a_project(stage: Stage) -> None:
    """Where the project does not exist an exchange would create it: none is made, and it is said."""
    stage.index.projects.clear()
    leg = stage.leg(Wishes("pypi", exchange=True))

    assert ("accepted", "stated") == (leg.verdict, leg.evidence)
    assert any("could create" in note for note in leg.notes)
    assert not any("mint-token" in each for each in stage.asked)


def test_an_exchange_that_creates_is_made_when_it_is_asked_for(stage: Stage) -> None:
    """`create` lifts the caution."""
    stage.index.projects.clear()

    assert "proven" == stage.leg(Wishes("pypi", exchange=True, create=True)).evidence


def test_no_exchange_by_another_job(stage: Stage) -> None:
    """A job that cannot speak for the uploading one does not spend a token either."""
    stage.here, stage.job = "build", Job(owner="octo", repository="tool", workflow="release.yml")
    stage.leg(Wishes("pypi", exchange=True))

    assert not any("mint-token" in each for each in stage.asked)


def test_a_clock_that_is_wrong_is_said(stage: Stage) -> None:
    """Two minutes are forgiven."""
    stage.skew = 3600

    assert any("3600 seconds" in note for note in stage.leg().notes)


@pytest.mark.parametrize(
    "answer", [Response(403, {}, b""), Response(200, {}, b"<html>"), Response(200, {}, b'{"value": "no token"}')]
)
def test_a_token_endpoint_that_is_broken(stage: Stage, answer: Response) -> None:
    """Nothing is claimed about a token that was not there."""
    stage.endpoint = answer
    leg = stage.leg()

    assert leg.verdict in ("refused", "unknown")
    assert leg.next_step


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_token_endpoint_that_cannot_answer(stage: Stage, status: int) -> None:
    """It is unreachable: that is no word about the permission."""
    stage.endpoint = Response(status, {}, b"")

    with pytest.raises(Unreachable, match="token endpoint"):
        stage.run()


def test_an_index_that_does_not_answer(stage: Stage) -> None:
    """It is unreachable, not refused."""
    stage.index.answers.append(Unreachable("the index", why="refused"))

    with pytest.raises(Unreachable):
        stage.run()


def test_the_report_for_a_person(stage: Stage) -> None:
    """The fields stand side by side, the one that differs is marked, and the last line says what to do."""
    stage.job = Job(owner="octo", repository="tool", workflow="release.yml", ref="refs/tags/v1")

    assert render.render_text(stage.run()).splitlines() == [
        "This job: workflow release.yml, job pypi, event push, ref refs/tags/v1",
        "",
        "pypi: refused (stated)",
        "  invalid-publisher: `environment` differs (for `tool`).",
        "    field                this job presents  the record says",
        "    repository_owner     octo               octo             same",
        "    repository_owner_id  1001               1001             same",
        "    repository_name      tool               tool             same",
        "    workflow_filename    release.yml        release.yml      same",
        "    environment          (none)             pypi             DIFFERS",
        "  Next: Give the job `environment: pypi`, or register the publisher on pypi without an environment.",
    ]


def test_the_report_for_github(stage: Stage) -> None:
    """One annotation a leg, and a table in the summary."""
    stage.job = Job(owner="octo", repository="tool", workflow="release.yml", ref="refs/tags/v1")
    done = stage.run()

    assert render.render_github(done).startswith("::error title=trustpub preflight::pypi: refused. invalid-publisher: ")
    assert "| environment | (none) | pypi | DIFFERS |" in render.render_summary(done)
