"""Where a preflight must not be sure: owners without numbers, other issuers and audiences, called files, other projects."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.usecases.preflight_stage import (
    DECLARED,
    NOW,
    RIGHT,
    WORKFLOW,
    Stage,
    differing,
    staged,
)
from trustpub.parties.issuer.github_claims import ISSUER, github_claims
from trustpub.parties.wire import Response
from trustpub.usecases.preflight import Wishes


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A repository that publishes rightly, and a project that exists."""
    return staged(tmp_path)


GITLAB = """
[[publisher]]
project = "tool"
provider = "gitlab"
owner = "octo"
repository = "tool"
workflow = ".gitlab-ci.yml"
"""


def declare(stage: Stage, text: str) -> None:
    """Write `trustpub.toml` anew."""
    (stage.folder / "checkout" / "trustpub.toml").write_text(text)


def on_gitlab(stage: Stage, **changes: object) -> None:
    """Move the job to GitLab, where the token is a variable made at the job's start."""
    declare(stage, GITLAB)
    claims: dict[str, object] = {
        "iss": "https://gitlab.com",
        "aud": "pypi",
        "sub": "project_path:octo/tool:ref_type:tag:ref:v1",
        "project_path": "octo/tool",
        "ci_config_ref_uri": "gitlab.com/octo/tool//.gitlab-ci.yml@refs/tags/v1",
        "ref_path": "refs/tags/v1",
        "sha": "0" * 40,
        "jti": "1",
        "iat": NOW,
        "exp": NOW + 3600,
    }
    body = base64.urlsafe_b64encode(json.dumps(claims | changes).encode()).rstrip(b"=").decode()
    stage.issued.append(f"e30.{body}.c2ln")
    stage.environment |= {"GITHUB_ACTIONS": "", "GITLAB_CI": "true", "PYPI_ID_TOKEN": stage.issued[-1]}


def test_an_owner_without_a_number(stage: Stage) -> None:
    """Nobody wrote down which account it is, and PyPI compares it: unknown, until an exchange proves it."""
    declare(stage, DECLARED.replace('owner_id = "1001"\n', ""))
    leg = stage.leg()

    assert ("unknown", []) == (leg.verdict, differing(leg))
    assert 'Write `owner_id = "1001"`' in leg.next_step
    assert ("accepted", "proven") == ((done := stage.leg(Wishes("pypi", exchange=True))).verdict, done.evidence)


def test_an_owner_typed_in_another_casing(stage: Stage) -> None:
    """PyPI stored what GitHub told it."""
    declare(stage, DECLARED.replace('"octo"', '"Octo"'))

    assert ("accepted", []) == ((leg := stage.leg()).verdict, differing(leg))


def test_an_enterprise_of_its_own_is_refused(stage: Stage) -> None:
    """No declaration makes PyPI know its issuer; the code is the one that the index gives."""
    issuer = f"{ISSUER}/octo"
    declare(stage, f'{DECLARED}issuer = "{issuer}"\n')
    claims = {**github_claims(RIGHT), "iss": issuer, "aud": "pypi", "iat": NOW, "exp": NOW + 300, "jti": "1"}
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    stage.endpoint = Response(200, {}, json.dumps({"value": f"e30.{body}.c2ln"}).encode())
    leg = stage.leg()

    assert ("refused", "invalid-payload") == (leg.verdict, leg.code)
    assert f"`{issuer}`" in leg.reason


def test_a_token_on_gitlab(stage: Stage) -> None:
    """Also ten minutes into the job: a token that is not new says nothing of the clock."""
    on_gitlab(stage)
    stage.skew = 600
    leg = stage.leg()

    assert ("accepted", ()) == (leg.verdict, leg.notes)


@pytest.mark.parametrize("audience", ["testpypi", ["pypi"], ["pypi", "other"], None])
def test_the_audience_is_one_text(stage: Stage, audience: object) -> None:
    """An index takes no list, however right its entries are."""
    on_gitlab(stage, aud=audience)
    leg = stage.leg()

    assert ("refused", "invalid-token") == (leg.verdict, leg.code)
    assert "`pypi`" in leg.next_step


def test_a_token_that_has_ended(stage: Stage) -> None:
    """By this machine's clock, which may be wrong: neither accepted nor refused."""
    on_gitlab(stage, exp=NOW - 31)

    assert "unknown" == stage.leg().verdict


def test_the_only_token_is_not_spent(stage: Stage) -> None:
    """GitLab gives a job one, and the upload needs it."""
    on_gitlab(stage)
    leg = stage.leg(Wishes("pypi", exchange=True, create=True))

    assert ("accepted", "stated") == (leg.verdict, leg.evidence)
    assert any("would spend it" in note for note in leg.notes)
    assert not any("mint-token" in each for each in stage.asked)


def test_another_job_needs_no_token(stage: Stage) -> None:
    """A build job rightly has no permission: that says nothing of the job that uploads."""
    stage.here = "build"
    stage.environment["ACTIONS_ID_TOKEN_REQUEST_URL"] = ""
    leg = stage.leg()

    assert ("unknown", "no-id-token") == (leg.verdict, leg.code)
    assert "job `pypi`" in leg.reason


@pytest.mark.parametrize(("known", "verdict"), [(True, "refused"), (False, "unknown")])
def test_a_publisher_of_another_project(stage: Stage, known: bool, verdict: str) -> None:
    """The exchange goes well, but the upload token is for `a`, and the job uploads `b`, which may have another publisher."""
    checkout = stage.folder / "checkout"
    (checkout / "pyproject.toml").unlink()
    for name in "ab":
        (checkout / name).mkdir()
        (checkout / name / "pyproject.toml").write_text(f'[project]\nname = "{name}"\nversion = "1"\n')
    job = WORKFLOW.replace("release/v1\n", "release/v1\n        with: {packages-dir: b/dist}\n")
    step = "      - run: python -m build b\n      - uses: pypa"
    (checkout / ".github" / "workflows" / "release.yml").write_text(job.replace("      - uses: pypa", step))
    row = DECLARED.replace('project = "tool"', 'project = "a"\npath = "a"')
    other = DECLARED.replace('project = "tool"', 'project = "b"\npath = "b"').replace('"pypi"', '"release"')
    declare(stage, row + (other if known else ""))
    leg = stage.leg()

    assert (verdict, ("a",)) == (leg.verdict, leg.projects)
    assert "this job uploads `b`" in leg.reason


@pytest.mark.parametrize(("days", "verdict"), [(29, "accepted"), (32, "unknown")])
def test_a_pending_publisher_that_nobody_used(stage: Stage, days: int, verdict: str) -> None:
    """PyPI drops it after 30 days."""
    stated = datetime.fromtimestamp(NOW - days * 86400, UTC).date()
    declare(stage, f"{DECLARED}pending = true\nstated = {stated}\n")
    stage.index.projects.clear()

    assert verdict == stage.leg().verdict


@pytest.mark.parametrize("pending", [True, False])
def test_a_project_that_does_not_agree_with_the_record(stage: Stage, pending: bool) -> None:
    """Pending for a project that exists, or not pending for one that does not: it is said."""
    declare(stage, DECLARED + ("pending = true\n" if pending else ""))
    if not pending:
        stage.index.projects.clear()

    assert any(("exists on pypi" if pending else "does not exist on pypi yet") in note for note in stage.leg().notes)


CALLER = """
on: {push: {tags: ["v*"]}}
jobs:
  up:
    permissions: {id-token: write}
    uses: ./.github/workflows/upload.yml
"""


@pytest.mark.parametrize(("registered", "verdict"), [("upload.yml", "accepted"), ("release.yml", "refused")])
def test_a_called_file_of_this_repository(stage: Stage, registered: str, verdict: str) -> None:
    """The file counts whose job runs, not the one that calls it."""
    workflows = stage.folder / "checkout" / ".github" / "workflows"
    (workflows / "upload.yml").write_text(WORKFLOW.replace('push: {tags: ["v*"]}', "workflow_call:"))
    (workflows / "release.yml").write_text(CALLER)
    declare(stage, DECLARED.replace("release.yml", registered))
    stage.job = replace(RIGHT, called="octo/tool/.github/workflows/upload.yml@refs/tags/v1")

    assert verdict == stage.leg().verdict


@pytest.mark.parametrize(("repository", "ref"), [("octo/shared", "refs/tags/v1"), ("octo/tool", "refs/heads/main")])
def test_a_called_file_from_elsewhere(stage: Stage, repository: str, ref: str) -> None:
    """Of another repository, or of this one at another ref: the names fit, and the index refuses."""
    stage.job = replace(RIGHT, called=f"{repository}/.github/workflows/release.yml@{ref}")
    leg = stage.leg()

    assert ("refused", ["job_workflow_ref"]) == (leg.verdict, differing(leg))
    assert leg.next_step.startswith("Move the job into the registered file")


def test_a_deployment_of_a_commit(stage: Stage) -> None:
    """It has no ref: the file is named at the commit."""
    stage.job = replace(RIGHT, ref="", event_name="deployment", called=f"octo/tool/.github/workflows/release.yml@{RIGHT.sha}")

    assert "accepted" == stage.leg().verdict


def test_an_environment_that_only_the_run_knows(stage: Stage) -> None:
    """Another job in an environment does not speak for one whose own is an expression; the job itself does."""
    path = stage.folder / "checkout" / ".github" / "workflows" / "release.yml"
    path.write_text(WORKFLOW.replace("environment: pypi", "environment: ${{ vars.WHERE }}"))

    assert "accepted" == stage.leg().verdict

    stage.here = "before"

    assert "unknown" == stage.leg().verdict


@pytest.mark.parametrize(("status", "step"), [("archived", "Unarchive"), ("quarantined", "Ask whoever runs the index")])
@pytest.mark.parametrize("exchange", [False, True])
def test_a_project_that_takes_no_files_is_told_before_the_tag(stage: Stage, status: str, step: str, exchange: bool) -> None:
    """The index still makes an upload token for it; the upload would be refused."""
    there = stage.index.projects["tool"]
    there.status = status
    leg = stage.leg(Wishes("pypi", exchange=exchange))
    assert ("refused", "project-closed") == (leg.verdict, leg.code)
    assert f"is {status}: every upload is refused" in leg.reason
    assert step in leg.next_step
