"""What a job hears before anything is built: accepted, refused by a field, or unknown; and nothing secret is said."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from trustpub.cli.render import preflight as render
from trustpub.errors import BadInput, Unreachable
from trustpub.parties.git import Checkout
from trustpub.parties.index.addresses import Addresses
from trustpub.parties.index.fake import FakeIndex
from trustpub.parties.issuer.github_claims import ISSUER, Job, github_claims
from trustpub.parties.wire import Request, Response
from trustpub.usecases.outside import Outside
from trustpub.usecases.preflight import Leg, Preflight, Wishes, run

NOW = 1_795_000_000
PYPI = Wishes("pypi")
ENDPOINT = "https://token.example/idtoken?api-version=2.0"
BEARER = "canary-bearer-of-the-runner"
WORKFLOW = """
on:
  push: {tags: ["v*"]}
permissions: {}
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: python -m build
  pypi:
    needs: build
    runs-on: ubuntu-latest
    environment: pypi
    permissions:
      id-token: write
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
DECLARED = """
[[publisher]]
project = "tool"
owner = "octo"
owner_id = "1001"
repository = "tool"
workflow = "release.yml"
environment = "pypi"
"""
RIGHT = Job(owner="octo", repository="tool", workflow="release.yml", environment="pypi", ref="refs/tags/v1", event_name="push")


@dataclass
class Stage:
    """A job, an issuer, and a small PyPI: everything that the process of a preflight can see."""

    folder: Path
    job: Job = RIGHT
    here: str = "pypi"
    index: FakeIndex = field(default_factory=FakeIndex)
    issued: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    exchange: Response | None = None
    skew: float = 0
    endpoint: Response | None = None

    def send(self, request: Request) -> Response:
        """Answer as the runner's token endpoint, as the exchange, or as the index."""
        place = urlsplit(request.url)
        self.asked.append(f"{request.method} {place.path}")
        if place.hostname == "token.example":
            assert f"Bearer {BEARER}" == request.headers["Authorization"]
            return self.endpoint or self.token(parse_qs(place.query)["audience"][0])
        assert BEARER not in str(dict(request.headers))
        if place.path == "/_/oidc/mint-token":
            return self.exchange or Response(200, {}, json.dumps({"token": "pypi-canary-upload-token"}).encode())
        if place.path == "/_/oidc/burn-token":
            return Response(200, {}, b"{}")
        return self.index.send(Request(request.method, request.url.replace("upload.", "", 1), request.headers))

    def token(self, audience: str) -> Response:
        """Sign nothing: a preflight has to take the token as it is."""
        claims = {**github_claims(self.job), "iss": ISSUER, "aud": audience, "iat": NOW, "exp": NOW + 300, "jti": "1"}
        parts = ({"alg": "RS256", "kid": "k"}, claims)
        head, body = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
        self.issued.append(f"{head}.{body}.c2lnbmF0dXJl")
        return Response(200, {}, json.dumps({"value": self.issued[-1]}).encode())

    def run(self, wishes: Wishes = PYPI) -> Preflight:
        """Fly, and look whether anything secret is in what is said."""
        variables = {"GITHUB_ACTIONS": "true", "GITHUB_JOB": self.here, "GITHUB_WORKFLOW_REF": "octo/tool/.github/workflows/x"}
        variables |= {"ACTIONS_ID_TOKEN_REQUEST_URL": ENDPOINT, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": BEARER, **self.environment}
        outside = Outside(self.send, lambda: NOW + self.skew, lambda _: None, variables, lambda _: None, print, str(self.folder))
        addresses = Addresses(self.folder / "cache", lambda: "https://upload.pypi.example/legacy/")
        done = run(Checkout.open(self.folder / "checkout"), addresses, outside, wishes)
        said = "".join(
            each(done) for each in (render.render_text, render.render_json, render.render_github, render.render_summary)
        )
        for secret in (BEARER, "pypi-canary-upload-token", *self.issued):
            assert secret not in said + repr(done)
        return done

    def leg(self, wishes: Wishes = PYPI) -> Leg:
        """Fly, and return the only leg."""
        (leg,) = self.run(wishes).legs
        return leg


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A repository that publishes rightly, and a project that exists."""
    workflows = tmp_path / "checkout" / ".github" / "workflows"
    workflows.mkdir(parents=True)
    (workflows / "release.yml").write_text(WORKFLOW)
    (tmp_path / "checkout" / "trustpub.toml").write_text(DECLARED)
    (tmp_path / "checkout" / "pyproject.toml").write_text('[project]\nname = "tool"\nversion = "1"\n')
    git = tmp_path / "checkout" / ".git"
    git.mkdir()
    (git / "config").write_text('[remote "origin"]\n\turl = https://github.com/octo/tool\n')
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    made = Stage(tmp_path)
    made.index.project("tool", ("tool-1-py3-none-any.whl", "1"))
    return made


def differing(leg: Leg) -> list[str]:
    """The fields that differ."""
    return [row.field for row in leg.rows if row.same is False]


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
