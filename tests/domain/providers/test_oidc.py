"""Generic OIDC: the issuer, and every registered claim, exactly."""

from __future__ import annotations

import pytest

from tests.domain.samples import OIDC_ISSUER, oidc, oidc_claims
from trustpub.domain.claims import JSON
from trustpub.domain.matching import Profile, decide
from trustpub.domain.outcome import Accepted, Difference, Refused
from trustpub.domain.publishers import Provider, publisher

BOTH = tuple(Profile)


@pytest.mark.parametrize("profile", BOTH)
def test_a_token_with_every_registered_claim_is_accepted(profile: Profile) -> None:
    """Other claims are not read."""
    assert Accepted(0, oidc()) == decide(oidc_claims(), [oidc()], profile)


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("value", ["Main", "main ", "", 7, True, ["main"], {"main": 1}])
def test_any_other_value_is_refused_and_named(value: JSON, profile: Profile) -> None:
    """Exact and a string: nothing is trimmed, lowered or converted."""
    decision = decide(oidc_claims(branch=value), [oidc()], profile)

    assert isinstance(decision, Refused)
    assert (Difference("branch", "main", value),) == decision.differences


@pytest.mark.parametrize(("registered", "value"), [("7", 7), ("True", True), ("['main']", ["main"]), ("1.5", 1.5)])
def test_a_value_that_only_looks_the_same_is_refused(registered: str, value: JSON) -> None:
    """A number is not the text that names it."""
    decision = decide(oidc_claims(branch=value), [oidc(branch=registered)], Profile.TRUSTPUB)

    assert isinstance(decision, Refused)
    assert (Difference("branch", registered, value),) == decision.differences


def test_a_claim_that_every_publisher_wants_is_missing() -> None:
    """Then the claim is named as missing; one that only some want is a difference."""
    other = publisher(Provider.OIDC, {"project": "orchay"}, OIDC_ISSUER)

    missing = decide(oidc_claims(project=None), [oidc(), other], Profile.TRUSTPUB)
    differing = decide(oidc_claims(branch=None, project="x"), [oidc(), other], Profile.TRUSTPUB)

    assert isinstance(missing, Refused)
    assert "Missing claim 'project'" == missing.reason
    assert isinstance(differing, Refused)
    assert (Difference("project", "orchay", "x"),) == differing.differences


def test_the_publisher_that_constrains_the_most_wins() -> None:
    """As an environment does elsewhere."""
    wide = publisher(Provider.OIDC, {"project": "orchay"}, OIDC_ISSUER)

    assert Accepted(1, oidc()) == decide(oidc_claims(), [wide, oidc(), wide], Profile.TRUSTPUB)
    assert Accepted(0, wide) == decide(oidc_claims(branch="x"), [wide, oidc()], Profile.TRUSTPUB)


@pytest.mark.parametrize("issuer", [OIDC_ISSUER + "/", OIDC_ISSUER.upper(), "https://ci.example.com.evil.example", ""])
def test_another_issuer_is_another_identity(issuer: str) -> None:
    """The issuer is compared as text, to the last character."""
    decision = decide(oidc_claims(iss=issuer), [oidc()], Profile.TRUSTPUB, provider=Provider.OIDC)

    assert isinstance(decision, Refused)
    assert (Difference("issuer", OIDC_ISSUER, issuer),) == decision.differences


def test_without_an_issuer_nobody_knows_whose_token_it_is() -> None:
    """There is no default: generic issuers have no home."""
    decision = decide(oidc_claims(iss=None), [oidc()], Profile.TRUSTPUB, provider=Provider.OIDC)

    assert isinstance(decision, Refused)
    assert "Missing claim 'iss'" == decision.reason


def test_a_spent_token_is_refused() -> None:
    """Once it would match."""
    decision = decide(oidc_claims(), [oidc()], Profile.TRUSTPUB, replayed=True)

    assert isinstance(decision, Refused)
    assert "invalid-reuse-token" == decision.code
