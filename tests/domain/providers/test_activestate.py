"""ActiveState: PyPI's checks, table by table (PyPI's own decisions hold no case of it)."""

from __future__ import annotations

import pytest

from tests.domain.samples import activestate, activestate_claims
from trustpub.domain.claims import JSON
from trustpub.domain.matching import Profile, decide
from trustpub.domain.outcome import Accepted, Difference, Refused
from trustpub.domain.publishers import Provider

NOT_FOUND = "Publisher with matching claims was not found"
BOTH = tuple(Profile)


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize(
    "changed",
    [{}, {"sub": "org:octo:project:orchay:more:parts"}, {"actor": "somebody"}, {"ingredient": 7}, {"project_path": "x/y"}],
)
def test_a_token_of_the_registered_project_is_accepted(changed: dict[str, JSON], profile: Profile) -> None:
    """What follows the subject's fourth part is not read, nor is the actor's name."""
    decision = decide(activestate_claims(**changed), [activestate()], profile, provider=Provider.ACTIVESTATE)

    assert Accepted(0, activestate()) == decision


REFUSED: list[tuple[dict[str, JSON], str, str]] = [
    ({"organization": "Octo"}, NOT_FOUND, "organization"),
    ({"project": "orchay2"}, NOT_FOUND, "activestate_project_name"),
    ({"actor_id": "U-7"}, NOT_FOUND, "actor_id"),
    ({"sub": ""}, "Missing 'subject' claim", "sub"),
    ({"sub": "org:octo:project"}, "Invalid 'subject' claim. Wrong format", "sub"),
    ({"sub": "org:octo:project:other"}, "Invalid 'subject' claim", "sub"),
    ({"sub": "ORG:octo:project:orchay"}, "Invalid 'subject' claim", "sub"),
    ({"builder": "wheel-builder"}, "Check failed for required claim 'builder'", "builder"),
    ({"builder": ""}, "Check failed for required claim 'builder'", "builder"),
    ({"actor_id": 7}, "Claim 'actor_id' is not a string", "actor_id"),
    ({"project": ["orchay"]}, "Claim 'project' is not a string", "activestate_project_name"),
]


@pytest.mark.parametrize(("changed", "reason", "field"), REFUSED)
def test_anything_else_is_refused_and_named(changed: dict[str, JSON], reason: str, field: str) -> None:
    """Everything is exact; both profiles refuse, PyPI's in PyPI's words."""
    theirs = decide(activestate_claims(**changed), [activestate()], Profile.PYPI, provider=Provider.ACTIVESTATE)
    ours = decide(activestate_claims(**changed), [activestate()], Profile.TRUSTPUB, provider=Provider.ACTIVESTATE)

    assert isinstance(theirs, Refused)
    assert isinstance(ours, Refused)
    assert (reason, [field]) == (theirs.reason, [one.field for one in theirs.differences])
    assert [field] == [one.field for one in ours.differences]


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("claim", ["sub", "organization", "project", "actor_id", "builder"])
def test_a_missing_claim_is_named(claim: str, profile: Profile) -> None:
    """All five are required."""
    decision = decide(activestate_claims(**{claim: None}), [activestate()], profile, provider=Provider.ACTIVESTATE)

    assert isinstance(decision, Refused)
    assert f"Missing claim {claim!r}" == decision.reason


@pytest.mark.parametrize("profile", BOTH)
def test_of_two_actors_the_acting_one_is_found(profile: Profile) -> None:
    """Rows differ by the actor's id; the right one accepts, two wrong ones are told together."""
    hana, kim, lee = activestate(), activestate(actor="kim", actor_id="u-8"), activestate(actor="lee", actor_id="u-9")

    decision = decide(activestate_claims(actor_id="u-8"), [hana, kim], profile, provider=Provider.ACTIVESTATE)
    refused = decide(activestate_claims(), [kim, lee], profile, provider=Provider.ACTIVESTATE)

    assert Accepted(1, kim) == decision
    assert isinstance(refused, Refused)
    assert (Difference("actor_id", ["u-8", "u-9"], "u-7"),) == refused.differences


@pytest.mark.parametrize("profile", BOTH)
def test_a_spent_token_is_refused_once_it_would_match(profile: Profile) -> None:
    """No identifier is required, but a spent token is spent."""
    spent = decide(activestate_claims(), [activestate()], profile, provider=Provider.ACTIVESTATE, replayed=True)

    assert isinstance(spent, Refused)
    assert "invalid-reuse-token" == spent.code
