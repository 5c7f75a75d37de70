"""Whose token it is, and which publishers are held against it at all."""

from __future__ import annotations

import pytest

from tests.domain.samples import OIDC_ISSUER, PAIRS, github, github_claims, gitlab, google
from trustpub.domain.matching import Profile, decide
from trustpub.domain.outcome import Accepted, Difference, Refused
from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider, publisher

BOTH = tuple(Profile)
HOME = DEFAULT_ISSUERS[Provider.GITHUB]
OWN = "https://ghe.corp.example/_services/token"


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("provider", list(Provider))
def test_each_provider_is_found_in_a_mixed_list(provider: Provider, profile: Profile) -> None:
    """Publishers of other providers are passed over, and the position is the one in the whole list."""
    mixed = [pair[0] for pair in PAIRS.values()]
    own, claims = PAIRS[provider]

    assert Accepted(mixed.index(own), own) == decide(claims, mixed, profile)
    assert Accepted(mixed.index(own), own) == decide(claims, mixed, profile, provider=provider)


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("provider", [provider for provider in Provider if provider is not Provider.OIDC])
def test_a_missing_issuer_means_the_providers_own(provider: Provider, profile: Profile) -> None:
    """Absent and null alike."""
    own, claims = PAIRS[provider]
    without = {name: value for name, value in claims.items() if name != "iss"}

    assert Accepted(0, own) == decide(without, [own], profile, provider=provider)
    assert Accepted(0, own) == decide({**without, "iss": None}, [own], profile)


@pytest.mark.parametrize("provider", [Provider.GITHUB, Provider.GOOGLE, Provider.ACTIVESTATE])
def test_pypi_knows_one_issuer_of_these_providers(provider: Provider) -> None:
    """Another issuer is refused before anything is looked up, in PyPI's words."""
    own, claims = PAIRS[provider]
    home = DEFAULT_ISSUERS[provider]

    refused = decide({**claims, "iss": OWN}, [own], Profile.PYPI, provider=provider)

    assert isinstance(refused, Refused)
    assert f"JWT issuer '{OWN}' does not match expected issuer '{home}'" == refused.reason
    assert (Difference("issuer", home, OWN),) == refused.differences


@pytest.mark.parametrize("profile", BOTH)
def test_an_issuer_that_the_index_trusts_has_publishers_of_its_own(profile: Profile) -> None:
    """With the verifying issuer named, its own publishers match; GitHub's own of the same name do not (nor the other way)."""
    theirs = publisher(Provider.GITHUB, github().row(), OWN)
    claims = github_claims(iss=OWN)

    decision = decide(claims, [github(), theirs], profile, provider=Provider.GITHUB, issuer=OWN)
    refused = decide(claims, [github()], profile, provider=Provider.GITHUB, issuer=OWN)
    other = decide(github_claims(), [theirs], profile, provider=Provider.GITHUB, issuer=HOME)

    assert Accepted(1, theirs) == decision
    assert isinstance(refused, Refused)
    assert (Difference("issuer", HOME, OWN),) == refused.differences
    assert isinstance(other, Refused)
    assert (Difference("issuer", OWN, HOME),) == other.differences


@pytest.mark.parametrize("profile", BOTH)
def test_a_token_is_refused_when_another_issuer_verified_it(profile: Profile) -> None:
    """A claim that says other than the verifier is never believed."""
    refused = decide(github_claims(), [github()], profile, provider=Provider.GITHUB, issuer=OWN)

    assert isinstance(refused, Refused)
    assert "issuer" == refused.differences[0].field


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("issuer", [7, True, ["https://gitlab.com"], {"iss": "https://gitlab.com"}])
def test_an_issuer_of_another_type_is_refused(issuer: int | list[str], profile: Profile) -> None:
    """And shown."""
    refused = decide({**github_claims(), "iss": issuer}, [github()], profile)  # type: ignore[dict-item]

    assert isinstance(refused, Refused)
    assert (Difference("issuer", HOME, issuer),) == refused.differences  # type: ignore[arg-type]


@pytest.mark.parametrize("profile", BOTH)
def test_other_providers_publishers_are_no_publishers(profile: Profile) -> None:
    """With none of this provider there is nothing to differ from."""
    refused = decide(github_claims(), [gitlab(), google()], profile)

    assert isinstance(refused, Refused)
    assert ("Publisher with matching claims was not found", ()) == (refused.reason, refused.differences)


def test_nothing_at_all_is_refused_like_a_github_token() -> None:
    """No claims, no publishers, nobody named: still an answer."""
    refused = decide({}, [], Profile.PYPI)

    assert isinstance(refused, Refused)
    assert "Missing claim 'repository'" == refused.reason


def test_an_unknown_issuer_is_the_one_of_its_publisher() -> None:
    """Whose token it is can be read from the publishers, when the issuer is nobody's own."""
    generic = PAIRS[Provider.OIDC][0]

    assert OIDC_ISSUER == generic.issuer
    assert Accepted(1, generic) == decide(PAIRS[Provider.OIDC][1], [github(), generic], Profile.TRUSTPUB)
