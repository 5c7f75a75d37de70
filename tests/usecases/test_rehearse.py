"""A rehearsal with real stages and clients without programs: what goes through, what stops, and what the report says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.main.test_stage import build_with_a_hole
from tests.usecases.rehearse_parts import PREDICTION, declared, play, troupe
from trustpub.domain.declaration import Declaration, DeclaredEnvironment
from trustpub.errors import BadInput
from trustpub.parties.clients.fake import FakeClient
from trustpub.usecases.controls import CONTROLS
from trustpub.usecases.rehearsal import STEPS, Rehearsal
from trustpub.usecases.rehearse import Options, rehearse

TESTPYPI = PREDICTION._replace(
    index="testpypi",
    claims={**PREDICTION.claims, "environment": "testpypi"},
    publisher={**PREDICTION.publisher, "environment": "testpypi"},
)


def declaration(*rows: object, **environments: DeclaredEnvironment) -> Declaration:
    """A trustpub.toml with these rows and environments."""
    return Declaration(publishers=rows, environments=environments, path="trustpub.toml")  # type: ignore[arg-type]


def names_of_failed(found: Rehearsal) -> list[str]:
    """The steps that were not taken."""
    return [step.name for leg in found.legs for step in leg.steps if not step.ok]


def test_both_legs_go_through(tmp_path: Path) -> None:
    """Five steps, every client, every control; the files and the hashes; what stays unproven."""
    found = play(tmp_path, TESTPYPI, PREDICTION, declaration=declaration(declared()))
    assert found.ok
    assert [leg.index for leg in found.legs] == ["pypi", "testpypi"]
    for leg in found.legs:
        assert [step.name for step in leg.steps] == list(STEPS)
        assert {name: client.ok for name, client in leg.clients.items()} == {"one": True, "two": True, "fake-fetch": True}
        assert [control.refused for control in leg.controls] == [True] * len(CONTROLS)
        assert [name for name, _ in leg.files] == ["demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"]
    assert found.legs[0].unproven[0] == "the real index's record was not read: the publisher is as trustpub.toml states"
    assert found.legs[1].unproven[0].endswith("no publisher is declared, so the one that this workflow needs was registered")
    assert found.legs[0].unproven[-1] == "not knowable here, so made up in the ID token: sha, actor"


def test_the_evidence_is_the_records_of_the_index(tmp_path: Path) -> None:
    """Counts by User-Agent, for each client by its own."""
    (leg,) = play(tmp_path).legs
    expected = "the index saw one/1.0; audience asked; 1 ID token; exchange 200; uploads 200, 200"
    assert leg.clients["one"].evidence == expected


def test_each_client_is_the_first_to_upload(tmp_path: Path) -> None:
    """A fresh index for each: the pending publisher creates the project every time."""
    (leg,) = play(tmp_path).legs
    assert leg.steps[3].evidence.endswith("the pending publisher created demo")


def test_a_publisher_that_differs_stops_at_the_matching(tmp_path: Path) -> None:
    """PyPI's code, the field with both values, and a fix; the controls are not run; nothing is uploaded."""
    found = play(tmp_path, declaration=declaration(declared(environment="release")))
    (leg,) = found.legs
    assert not found.ok
    assert names_of_failed(found) == ["publisher-matching", "upload"]
    (reason,) = leg.reasons
    assert (reason.code, reason.field, reason.expected, reason.got) == ("invalid-publisher", "environment", "release", "pypi")
    assert (
        reason.fix
        == "Let job `publish` in .github/workflows/pypi.yml name the environment `release`, or register `pypi` on pypi."
    )
    assert leg.controls == ()
    assert leg.clients["fake-fetch"].evidence == "not reached: nothing was uploaded"


def test_a_closed_gate_stops_before_the_request(tmp_path: Path) -> None:
    """GitHub's own message; no client runs."""
    found = play(tmp_path, declaration=declaration(declared(), pypi=DeclaredEnvironment("pypi", branches=("main",))))
    assert names_of_failed(found) == list(STEPS)
    (reason,) = found.legs[0].reasons
    assert reason.description == 'Tag "v1.0" is not allowed to deploy to pypi due to environment protection rules.'
    assert found.legs[0].clients["one"].evidence == "not reached: the job never asks"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"verdict": "never", "why": ("no event starts it",)}, "never"),
        ({"verdict": "never", "why": ("it gets no ID token: it may not ask",)}, "no-id-token"),
        ({"credential": "token", "verdict": "depends"}, "stored-credential"),
    ],
)
def test_a_job_that_never_asks_is_told(tmp_path: Path, changes: dict[str, object], code: str) -> None:
    """No token, or a stored one instead: that is the finding."""
    found = play(tmp_path, PREDICTION._replace(**changes))  # type: ignore[arg-type]
    assert [reason.code for reason in found.legs[0].reasons] == [code]
    assert not found.ok


def test_a_pull_request_target_is_refused_as_pypi_refuses_it(tmp_path: Path) -> None:
    """The event is in the claims; the reason names it."""
    prediction = PREDICTION._replace(
        event="pull_request_target", claims={**PREDICTION.claims, "event_name": "pull_request_target"}
    )
    (leg,) = play(tmp_path, prediction).legs
    assert leg.reasons[0].code == "invalid-publisher"
    assert "pull_request_target" in leg.reasons[0].description


def test_a_hole_in_the_index_fails_the_rehearsal(tmp_path: Path) -> None:
    """An index that believes every token: the flow is green, the rehearsal is not."""
    found = play(tmp_path, players=troupe(put_together=build_with_a_hole))
    assert not found.ok
    assert names_of_failed(found) == []
    assert [control.name for control in found.legs[0].holes] == ["alg none", "foreign key", "expired", "other audience"]


def test_a_client_that_wants_elsewhere_is_refused_and_listed(tmp_path: Path) -> None:
    """403 by the proxy; the report names the host; the flow itself still holds."""
    found = play(tmp_path, players=troupe((FakeClient("one", tries=["elsewhere.test:443", "elsewhere.test:443"]),)))
    assert found.ok
    assert found.legs[0].refused_hosts == ("elsewhere.test:443",)


def test_a_package_of_another_name_is_refused_at_the_upload(tmp_path: Path) -> None:
    """The publisher is registered for a name that the package does not have: PyPI's status and the start of its reason."""
    found = play(tmp_path, PREDICTION._replace(project="other"))
    assert names_of_failed(found) == ["upload"]
    (reason,) = found.legs[0].reasons
    assert reason.code == "400"
    assert reason.description.startswith("Non-user identities cannot create new projects.")


def test_without_a_name_the_package_tells_it(tmp_path: Path) -> None:
    """A name that only the build knows is taken from what was built."""
    found = play(tmp_path, PREDICTION._replace(project=None))
    assert (found.project, found.ok) == ("demo", True)


def test_an_own_index_is_played_by_our_rules(tmp_path: Path) -> None:
    """Its own address and audience, the trustpub profile; a client that cannot do it is not counted."""
    from trustpub.domain.declaration import DeclaredIndex

    class PublicOnly(FakeClient):
        def not_here(self, index: str) -> str:
            return "public indexes only"

    own = Declaration(indexes={"own": DeclaredIndex("own", "https://packages.own.test:8443/team/", "")}, path="trustpub.toml")
    prediction = PREDICTION._replace(index="own", profile="trustpub")
    found = play(tmp_path, prediction, declaration=own, players=troupe((FakeClient("one"), PublicOnly("two"))))
    (leg,) = found.legs
    assert found.ok
    assert (leg.clients["two"].ok, leg.clients["two"].evidence) == (None, "public indexes only")
    assert "aud packages.own.test" in leg.steps[1].evidence


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ({}, "no wheel and no .tar.gz in it"),
        ({"notes.txt": b""}, "no wheel and no .tar.gz in it"),
        ({"demo-1.0.tar.gz": b"no"}, "not a gzip file"),
        (None, "not a folder"),
    ],
)
def test_a_dist_folder_that_cannot_be_used_is_named(tmp_path: Path, files: dict[str, bytes] | None, why: str) -> None:
    """One clear line, before anything starts."""
    folder = tmp_path / "dist"
    if files is not None:
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_bytes(content)
    from tests.usecases.rehearse_parts import Book
    from trustpub.usecases.legs import plan_legs

    legs = plan_legs((PREDICTION,), Declaration(), Book())
    with pytest.raises(BadInput) as caught:
        rehearse(legs, tmp_path, troupe(), Options(tmp_path, folder))
    assert why in caught.value.why
