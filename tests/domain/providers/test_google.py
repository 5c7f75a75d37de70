"""Google: a verified address, and the subject when one is registered."""

from __future__ import annotations

import pytest

from tests.domain.samples import google, google_claims
from trustpub.domain.claims import JSON
from trustpub.domain.matching import Profile, decide
from trustpub.domain.outcome import Accepted, Refused
from trustpub.domain.publishers import Provider

NOT_FOUND = "Publisher with matching claims was not found"
BOTH = tuple(Profile)

# subjects of the rows, what the token claims, the accepted row
SUBJECTS: list[tuple[list[str], JSON, int | None]] = [
    ([""], "111", 0),
    ([""], None, 0),
    ([""], "", 0),
    (["111"], "111", 0),
    (["111"], "222", None),
    (["111"], None, None),
    (["111"], "", None),
    (["", "111"], "111", 1),
    (["", "111"], "222", 0),
    (["222", ""], "111", 1),
]


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize(("rows", "sub", "expected"), SUBJECTS)
def test_the_registered_subject_wins_over_the_free_row(
    rows: list[str], sub: JSON, expected: int | None, profile: Profile
) -> None:
    """An equal subject first, else the row for any, else nobody."""
    decision = decide(google_claims(sub=sub), [google(sub=row) for row in rows], profile, provider=Provider.GOOGLE)

    assert expected == (decision.index if isinstance(decision, Accepted) else None)


REFUSED: list[tuple[dict[str, JSON], str, str]] = [
    ({"email": "Bot@orchay.iam.gserviceaccount.com"}, NOT_FOUND, "email"),
    ({"email": ""}, NOT_FOUND, "email"),
    ({"email": ["bot@orchay.iam.gserviceaccount.com"]}, "Claim 'email' is not a string", "email"),
    ({"sub": "222"}, NOT_FOUND, "sub"),
    ({"sub": 111}, "Claim 'sub' is not a string", "sub"),
    ({"email_verified": False}, "Check failed for required claim 'email_verified'", "email_verified"),
    ({"email_verified": "true"}, "Check failed for required claim 'email_verified'", "email_verified"),
    ({"email_verified": 1}, "Check failed for required claim 'email_verified'", "email_verified"),
]


@pytest.mark.parametrize(("changed", "reason", "field"), REFUSED)
def test_anything_else_is_refused_and_named(changed: dict[str, JSON], reason: str, field: str) -> None:
    """The address is exact, and verified means literally true; both profiles refuse, PyPI's in PyPI's words."""
    theirs = decide(google_claims(**changed), [google(sub="111")], Profile.PYPI, provider=Provider.GOOGLE)
    ours = decide(google_claims(**changed), [google(sub="111")], Profile.TRUSTPUB, provider=Provider.GOOGLE)

    assert isinstance(theirs, Refused)
    assert isinstance(ours, Refused)
    assert (reason, [field]) == (theirs.reason, [one.field for one in theirs.differences])
    assert [field] == [one.field for one in ours.differences]


@pytest.mark.parametrize("profile", BOTH)
@pytest.mark.parametrize("claim", ["email", "email_verified"])
def test_a_missing_claim_is_named(claim: str, profile: Profile) -> None:
    """Both are required; a token identifier is not."""
    decision = decide(google_claims(**{claim: None}), [google()], profile, provider=Provider.GOOGLE)

    assert isinstance(decision, Refused)
    assert f"Missing claim {claim!r}" == decision.reason


@pytest.mark.parametrize("profile", BOTH)
def test_a_spent_token_is_refused_once_it_would_match(profile: Profile) -> None:
    """PyPI checks the identifier of a Google token only when it mints."""
    spent = decide(google_claims(jti="one"), [google()], profile, provider=Provider.GOOGLE, replayed=True)
    wrong = decide(google_claims(jti="one", email_verified=False), [google()], profile, provider=Provider.GOOGLE, replayed=True)

    assert isinstance(spent, Refused)
    assert isinstance(wrong, Refused)
    assert ("invalid-reuse-token", "invalid-publisher") == (spent.code, wrong.code)
