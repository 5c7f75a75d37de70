"""The stage: a whole index with PyPI's rules on one port, clients that cannot tell, and nothing left behind."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from trustpub.domain.claims import Claims
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import Provider, Publisher, publisher
from trustpub.main.serve import build
from trustpub.main.stage import OpenStage, SigningKeys
from trustpub.parties.clients.distribution import read_distribution
from trustpub.parties.clients.fake import FakeClient, FakeFetcher
from trustpub.parties.clients.port import Answer
from trustpub.parties.issuer.github_claims import ISSUER, Job, github_claims
from trustpub.settings import ServerSettings
from trustpub.usecases.attacks_on_upload import small_wheel
from trustpub.usecases.controls import CONTROLS, THOROUGH, Neighbour, run_controls
from trustpub.usecases.exchange import Exchange
from trustpub.usecases.fetched import compare
from trustpub.usecases.stage import Heard, StageOrder, TokenAsked, Turned
from trustpub.usecases.workbench import payload
from trustpub.web.service import Record, Service

JOB = Job(owner="octo", repository="demo", workflow="pypi.yml", ref="refs/tags/v1.0", environment="pypi")
UPLOAD = "https://uploads.index.test/legacy/"


def row(**changes: str) -> Publisher:
    """The publisher that fits `JOB`, with other values for some fields."""
    fields = {"repository_owner": "octo", "repository_owner_id": "1001", "repository_name": "demo"}
    return publisher(Provider.GITHUB, {**fields, "workflow_filename": "pypi.yml", "environment": "pypi", **changes})


NEIGHBOUR = Neighbour(row(workflow_filename="neighbour-pypi.yml"), "demo-neighbour")


def order(registered: Publisher | None = None) -> StageOrder:
    """A stage for `JOB`."""
    return StageOrder(
        index="testpypi",
        upload_url=UPLOAD,
        audience="testpypi",
        issuer=ISSUER,
        profile=Profile.PYPI,
        hosts=("uploads.index.test:443",),
        pending=((registered or row(), "demo"), (NEIGHBOUR.publisher, NEIGHBOUR.project)),
        claims=github_claims(JOB),
    )


@pytest.fixture(scope="module")
def keys() -> SigningKeys:
    """One pair of keys for all: they cost a tenth of a second."""
    return SigningKeys()


@pytest.fixture
def stage(keys: SigningKeys) -> Iterator[OpenStage]:
    """A stage on which everything fits."""
    with OpenStage(order(), keys) as opened:
        yield opened


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """The release."""
    name, content, _ = small_wheel("demo")
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


def test_a_client_plays_the_whole_flow(stage: OpenStage, wheel: Path, tmp_path: Path) -> None:
    """Through the proxy, over TLS, by the index's own record; and the file comes back over plain HTTP on the same port."""
    run = FakeClient().upload([wheel], stage.seat("fake"))
    assert run.output == "uploaded"
    own = [seen for seen in stage.heard() if seen.user_agent == "fake/1.0"]
    assert own == [
        Heard("GET", "/_/oidc/audience", 200, "fake/1.0"),
        Heard("POST", "/_/oidc/mint-token", 200, "fake/1.0"),
        Heard("POST", "/legacy/", 200, "fake/1.0"),
    ]
    assert [asked.audience for asked in stage.asked()] == ["testpypi"]
    assert set(stage.turned()) == {Turned("uploads.index.test:443", allowed=True)}
    into = tmp_path / "into"
    into.mkdir()
    assert FakeFetcher().fetch("demo", "1.0", [wheel], into, stage.seat("fetch")).ok
    dist = read_distribution(wheel)
    assert compare([dist], into, stage.wire, "demo") == (True, f"{wheel.name} came back with sha256 {dist.sha256}")


def test_a_publisher_that_does_not_fit_is_refused(keys: SigningKeys, wheel: Path) -> None:
    """PyPI's status and code, and no project appears."""
    with OpenStage(order(row(environment="release")), keys) as stage:
        run = FakeClient().upload([wheel], stage.seat("fake"))
        assert not run.ok
        assert stage.heard()[-1] == Heard("POST", "/_/oidc/mint-token", 422, "fake/1.0", "invalid-publisher")
        assert stage.wire.fetch("/simple/demo/") == b""


def test_a_job_without_the_right_cannot_ask(keys: SigningKeys, wheel: Path) -> None:
    """Its clients are told no address, as GitHub does it."""
    with OpenStage(replace(order(), may_ask=False), keys) as stage:
        assert stage.seat("fake").token_request_url == ""
        assert not FakeClient().upload([wheel], stage.seat("fake")).ok
        assert stage.asked() == ()


def test_nothing_else_can_be_reached(stage: OpenStage, wheel: Path) -> None:
    """A client that wants to go elsewhere gets nowhere, its flow still ends, and the report can say where it wanted to go."""
    assert FakeClient(tries=["elsewhere.test:443"]).upload([wheel], stage.seat("fake")).ok
    assert [turn for turn in stage.turned() if not turn.allowed] == [Turned("elsewhere.test:443", allowed=False)]


def test_an_index_on_this_machine_is_played_under_its_own_address(keys: SigningKeys) -> None:
    """A loopback address would be reached past the proxy, so the stage answers instead of it."""
    with OpenStage(replace(order(), upload_url="", hosts=()), keys) as stage:
        seat = stage.seat("uv")
        assert seat.upload_url.startswith("https://127.0.0.1:")
        assert seat.upload_url.endswith("/legacy/")


def test_the_end_leaves_nothing(keys: SigningKeys) -> None:
    """No folder, no port."""
    with OpenStage(order(), keys) as stage:
        folder, wire = stage.folder, stage.wire
        assert folder.is_dir()
    assert not folder.exists()
    assert wire.exchange("x.y.z") == Answer(0)


def test_every_control_is_refused_as_pypi_refuses_it(stage: OpenStage, wheel: Path) -> None:
    """All attacks, also the thorough ones, with status and code, each beside an accepted twin."""
    assert FakeClient().upload([wheel], stage.seat("fake")).ok
    found = run_controls(stage, row(), NEIGHBOUR, read_distribution(wheel), thorough=True)
    assert [outcome for outcome in found if outcome.refused is not True] == []
    assert [(outcome.name, outcome.status) for outcome in found] == [(each.name, each.status) for each in (*CONTROLS, *THOROUGH)]


def test_without_an_environment_two_controls_do_not_apply(keys: SigningKeys, wheel: Path) -> None:
    """null, with what that leaves open; the others are refused all the same."""
    with OpenStage(order(row(environment="")), keys) as stage:
        assert FakeClient().upload([wheel], stage.seat("fake")).ok
        found = run_controls(stage, row(environment=""), NEIGHBOUR, read_distribution(wheel))
    assert [outcome.name for outcome in found if outcome.refused is None] == ["missing environment", "other environment"]
    assert {outcome.why[:38] for outcome in found if outcome.refused is None} == {"the publisher names no environment, so"}
    assert {outcome.refused for outcome in found} == {True, None}


class Gullible:
    """A verifier that believes every token that it can read."""

    def __init__(self, audience: str) -> None:
        self._audience = audience

    def verify(self, token: str) -> Claims:
        values = payload(token)
        return Claims(str(values["iss"]), values, hashlib.sha256(token.encode()).hexdigest(), 2_000_000_000)

    def refresh(self, issuer: str) -> None:
        """There is nothing to fetch."""

    def provider_of(self, issuer: str) -> Provider:
        return Provider.GITHUB


def build_with_a_hole(settings: ServerSettings, *, clock: Callable[[], float], record: Record | None) -> Service:
    """The index of `serve`, except that it believes everything."""
    service = build(settings, clock=clock, record=record)
    verifier = Gullible(settings.audience)
    exchange = Exchange(verifier, service.database, settings.profile, settings.audience, clock, os.urandom)
    return replace(service, verifier=verifier, exchange=exchange)


def test_a_planted_hole_is_seen(keys: SigningKeys, wheel: Path) -> None:
    """An index that believes every token: the attacks on the token are accepted, and the controls say so."""
    with OpenStage(order(), keys, build_with_a_hole) as stage:
        assert FakeClient().upload([wheel], stage.seat("fake")).ok
        found = run_controls(stage, row(), NEIGHBOUR, read_distribution(wheel))
    accepted = [outcome.name for outcome in found if outcome.accepted]
    assert accepted == ["alg none", "foreign key", "expired", "other audience"]
    assert {outcome.refused for outcome in found if outcome.accepted} == {False}
    assert {outcome.why[:9] for outcome in found if outcome.accepted} == {"ACCEPTED:"}


def test_a_laxer_record_than_stated_is_seen(keys: SigningKeys, wheel: Path) -> None:
    """The publisher is said to name an environment but the index holds one that does not."""
    with OpenStage(order(row(environment="")), keys) as stage:
        assert FakeClient().upload([wheel], stage.seat("fake")).ok
        found = run_controls(stage, row(), NEIGHBOUR, read_distribution(wheel))
    assert [outcome.name for outcome in found if outcome.accepted] == ["missing environment", "other environment"]


def test_the_controls_show_no_token(stage: OpenStage, wheel: Path) -> None:
    """Neither the outcomes nor the records hold an ID token or an upload token."""
    assert FakeClient().upload([wheel], stage.seat("fake")).ok
    found = run_controls(stage, row(), NEIGHBOUR, read_distribution(wheel), thorough=True)
    shown = f"{found} {stage.heard()} {stage.asked()} {stage.turned()}"
    assert "eyJ" not in shown
    assert "pypi-tp_" not in shown
    assert stage.seat("x").token_request_token not in shown


def test_tokens_are_githubs(stage: OpenStage) -> None:
    """The job's claims, GitHub's issuer, the index's audience."""
    claims = payload(stage.id_token())
    assert (claims["aud"], claims["environment"], claims["repository"]) == ("testpypi", "pypi", "octo/demo")


def test_the_record_is_of_the_one_who_asked(stage: OpenStage, wheel: Path) -> None:
    """The token endpoint is asked once for each upload run."""
    FakeClient("one").upload([wheel], stage.seat("one"))
    assert stage.asked() == (TokenAsked("one/1.0", "testpypi"),)
    assert shutil.which("one") is None
