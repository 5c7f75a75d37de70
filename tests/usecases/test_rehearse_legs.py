"""Which leg is chosen, and as whom it is played."""

from __future__ import annotations

import pytest

from tests.usecases.rehearse_parts import PREDICTION, Book, declared
from trustpub.domain.declaration import Declaration, DeclaredIndex
from trustpub.domain.publishers import Provider
from trustpub.errors import BadInput
from trustpub.usecases.legs import plan_legs

DISPATCH = PREDICTION._replace(event="workflow_dispatch", ref="refs/heads/main")
RELEASE = PREDICTION._replace(event="release")


@pytest.mark.parametrize(
    ("predictions", "chosen"),
    [
        ((DISPATCH, PREDICTION, RELEASE), PREDICTION),
        ((RELEASE, DISPATCH), RELEASE),
        ((PREDICTION._replace(verdict="never"), DISPATCH._replace(verdict="depends")), DISPATCH._replace(verdict="depends")),
        ((PREDICTION._replace(verdict="never"), DISPATCH._replace(verdict="refused")), DISPATCH._replace(verdict="refused")),
    ],
)
def test_the_most_telling_event_is_played(predictions: tuple[object, ...], chosen: object) -> None:
    """What publishes before what may, what is refused before what never runs, a tag before a branch."""
    (leg,) = plan_legs(predictions, Declaration(), Book())  # type: ignore[arg-type]
    assert leg.prediction == chosen


def test_one_leg_an_index_and_pypi_first() -> None:
    """Own indexes come last, by name."""
    own = {name: DeclaredIndex(name, f"https://{name}.test/legacy/", "") for name in ("b", "a")}
    predictions = [PREDICTION._replace(index=index) for index in ("b", "testpypi", "a", "pypi", "testpypi")]
    legs = plan_legs(predictions, Declaration(indexes=own), Book())
    assert [leg.index for leg in legs] == ["pypi", "testpypi", "a", "b"]


def test_a_public_index_is_known_by_its_upload_and_its_pages() -> None:
    """Both hosts lead to the stage: clients ask the one or the other."""
    (leg,) = plan_legs((PREDICTION,), Declaration(), Book())
    assert (leg.upload_url, leg.audience) == ("https://upload.pypi.test/legacy/", "pypi")
    assert leg.hosts == ("upload.pypi.test:443", "pypi.test:443")


@pytest.mark.parametrize(
    ("url", "audience", "expected"),
    [
        ("https://own.test/team/", "", ("https://own.test/legacy/", "own.test", ("own.test:443",))),
        ("https://own.test:8443/legacy/", "mine", ("https://own.test:8443/legacy/", "mine", ("own.test:8443",))),
        ("https://user:secret@own.test/", "", ("https://own.test/legacy/", "own.test", ("own.test:443",))),
        ("http://127.0.0.1:8080/legacy/", "", ("", "127.0.0.1", ())),
    ],
)
def test_an_own_index_is_reached_by_its_own_name(url: str, audience: str, expected: tuple[str, str, tuple[str, ...]]) -> None:
    """An index on this machine is never reached itself: the stage answers in its place."""
    declaration = Declaration(indexes={"own": DeclaredIndex("own", url, audience)})
    (leg,) = plan_legs((PREDICTION._replace(index="own"),), declaration, Book())
    assert (leg.upload_url, leg.audience, leg.hosts) == expected


def test_the_declared_row_that_the_job_fits_is_taken() -> None:
    """Of several rows for one project the one that this job means; the name is compared as indexes compare names."""
    rows = (declared(environment="other"), declared(project="DEMO"))
    (leg,) = plan_legs((PREDICTION,), Declaration(publishers=rows), Book())
    assert leg.publisher.get("environment") == "pypi"


def test_an_owner_id_that_nobody_declared_is_the_tokens_own() -> None:
    """Else every rehearsal without the id would be refused."""
    (leg,) = plan_legs((PREDICTION,), Declaration(publishers=(declared(owner_id=""),)), Book())
    assert leg.publisher.get("repository_owner_id") == "7"


def test_an_environment_that_is_computed_is_the_declared_one() -> None:
    """What the file cannot tell, the declaration says; it is listed as made up."""
    claims = {name: value for name, value in PREDICTION.claims.items() if name != "environment"}
    prediction = PREDICTION._replace(claims=claims, unknown=("environment",))
    (leg,) = plan_legs((prediction,), Declaration(publishers=(declared(),)), Book())
    assert (leg.environment, leg.invented) == ("pypi", ("environment",))


@pytest.mark.parametrize(
    ("changes", "declaration", "what"),
    [
        ({"index": None}, Declaration(), "no leg to rehearse"),
        ({"index": "own"}, Declaration(), "index `own`"),
        ({"claims": {}}, Declaration(), "repository"),
        (
            {},
            Declaration(publishers=(declared()._replace(provider=Provider.GITLAB),), path="trustpub.toml"),
            "trustpub.toml: publisher of `Demo` on `pypi`",
        ),
    ],
)
def test_what_cannot_be_played_is_named(changes: dict[str, object], declaration: Declaration, what: str) -> None:
    """One clear line each."""
    with pytest.raises(BadInput) as caught:
        plan_legs((PREDICTION._replace(**changes),), declaration, Book())  # type: ignore[arg-type]
    assert caught.value.what == what
