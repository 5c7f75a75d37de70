"""Attacks on issuer, audience, times and names. Each token differs in one thing from one that is accepted in the same test."""

from __future__ import annotations

import hashlib

import pytest

from tests.parties.issuer.attacks import INVALID, MALFORMED, STRANGER, expect_refused
from tests.parties.issuer.suite import ABSENT, AUDIENCE, NOW, Suite, documents, key
from trustpub.domain.claims import Claims
from trustpub.parties.issuer.github_claims import ISSUER
from trustpub.parties.issuer.port import Why

ISSUERS: dict[str, object] = {
    "slash": ISSUER + "/",
    "case": ISSUER.upper(),
    "http": ISSUER.replace("https", "http"),
    "port": ISSUER + ":443",
    "query": ISSUER + "?x",
    "fragment": ISSUER + "#x",
    "user": ISSUER.replace("//", "//x@"),
    "suffix": ISSUER + ".example.com",
    "path": ISSUER + "/enterprise",
    "prefix": ISSUER[:-1],
    "substring": ISSUER[8:],
    "space": ISSUER + " ",
    "newline": ISSUER + "\n",
    "homoglyph dot": ISSUER.replace(".", "\u3002", 1),
    "Cyrillic": ISSUER.replace("a", "\u0430", 1),
    "empty": "",
    "another provider's": "https://accounts.google.com",
}


@pytest.mark.parametrize("name", ISSUERS)
def test_an_issuer_is_known_exactly(name: str) -> None:
    """No other text is our issuer, and nobody is asked about it."""
    suite = Suite()
    expect_refused(suite, suite.token(iss=ISSUERS[name]), STRANGER, Why.UNKNOWN_ISSUER)


@pytest.mark.parametrize("iss", [ABSENT, None, 1, True, 1.5, [ISSUER], {ISSUER: 1}, {"iss": ISSUER}], ids=repr)
def test_an_issuer_is_text(iss: object) -> None:
    """A token without an issuer, or with one that is no text, is malformed; PyPI could not look it up either."""
    suite = Suite()
    expect_refused(suite, suite.token(iss=iss), MALFORMED, Why.NO_ISSUER)


def test_one_issuer_does_not_speak_for_another() -> None:
    """A token that names GitLab but is signed with GitHub's key is refused with GitLab's keys loaded, and the reverse."""
    gitlab = "https://gitlab.com"
    suite = Suite()
    suite.network.documents |= documents(key("gitlab").renamed("key-1"), issuer=gitlab)
    assert suite.believes(suite.token(iss=gitlab, signer=key("gitlab")))
    expect_refused(suite, suite.token(iss=gitlab), INVALID, Why.SIGNATURE)
    expect_refused(suite, suite.token(signer=key("gitlab")), INVALID, Why.SIGNATURE)


AUDIENCES: dict[str, object] = {
    "missing": ABSENT,
    "null": None,
    "list with ours": [AUDIENCE],
    "list with ours and another": [AUDIENCE, "other"],
    "nested list": [[AUDIENCE]],
    "empty list": [],
    "object": {AUDIENCE: 1},
    "number": 1,
    "bool": True,
    "empty": "",
    "substring": AUDIENCE[:-1],
    "superset": AUDIENCE + "x",
    "prefixed": "test" + AUDIENCE,
    "case": AUDIENCE.upper(),
    "space": AUDIENCE + " ",
    "newline": AUDIENCE + "\n",
    "zero width": AUDIENCE + "\u200b",
    "Cyrillic": AUDIENCE.replace("p", "\u0440"),
    "comma list": AUDIENCE + ",other",
    "GitHub's default": "https://github.com/octo",
    "a cloud's": "sts.amazonaws.com",
}


@pytest.mark.parametrize("name", AUDIENCES)
def test_the_audience_is_ours_alone(name: str) -> None:
    """A token for anybody else, or for us and somebody else, is refused."""
    suite = Suite()
    expect_refused(suite, suite.token(aud=AUDIENCES[name]), INVALID, Why.AUDIENCE)


NO_TIMES: list[object] = [None, True, False, str(NOW), "", [NOW], {"time": NOW}]


@pytest.mark.parametrize("claim", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", NO_TIMES, ids=repr)
def test_a_time_is_a_number(claim: str, value: object) -> None:
    """Truth values, texts and containers are no times."""
    suite = Suite()
    expect_refused(suite, suite.token({claim: value}), INVALID, Why.TIMES)


TIMES: dict[str, tuple[dict[str, object], Why]] = {
    "no exp": ({"exp": ABSENT}, Why.TIMES),
    "no iat": ({"iat": ABSENT}, Why.TIMES),
    "exp 30 s ago": ({"exp": NOW - 30, "iat": NOW - 300}, Why.EXPIRED),
    "exp 31 s ago": ({"exp": NOW - 31, "iat": NOW - 300}, Why.EXPIRED),
    "exp 1970": ({"exp": 0, "iat": 0}, Why.EXPIRED),
    "exp negative": ({"exp": -1, "iat": -1}, Why.EXPIRED),
    "nbf in 31 s": ({"nbf": NOW + 31}, Why.NOT_YET),
    "iat in 31 s": ({"iat": NOW + 31, "exp": NOW + 300}, Why.NOT_YET),
    "lives an hour and a second": ({"exp": NOW + 3601}, Why.LIFETIME),
    "lives ten years": ({"exp": NOW + 10 * 365 * 86400}, Why.LIFETIME),
    "exp 2^62": ({"exp": 2**62}, Why.LIFETIME),
    "exp 1e300": ({"exp": 1e300}, Why.LIFETIME),
    "an hour and a second, half over": ({"iat": NOW - 1800, "exp": NOW + 1801}, Why.LIFETIME),
    "dies before it is made": ({"iat": NOW + 20, "exp": NOW + 10}, Why.LIFETIME),
}


@pytest.mark.parametrize("name", TIMES)
def test_a_token_has_its_time(name: str) -> None:
    """Too early, too late and too long are refused, at the exact edges."""
    changes, why = TIMES[name]
    suite = Suite()
    expect_refused(suite, suite.token(changes), INVALID, why)


FINE: dict[str, dict[str, object]] = {
    "exp 29 s ago": {"exp": NOW - 29, "iat": NOW - 300},
    "nbf in 30 s": {"nbf": NOW + 30},
    "iat in 30 s": {"iat": NOW + 30},
    "no nbf": {"nbf": ABSENT},
    "lives an hour": {"exp": NOW + 3600},
    "finite float": {"exp": NOW + 299.5, "iat": NOW - 0.5, "nbf": NOW - 0.25},
    "no jti": {"jti": ABSENT},
    "longest jti": {"jti": "j" * 256},
    "no sub": {"sub": ABSENT},
    "unknown claims": {"new_claim": {"a": [1, 2.5, None, True]}},
    "claims in other scripts": {"actor": "\ubc30\ud3ec \U0001f680"},
    "eight deep": {"x": [[[[[[[1]]]]]]]},
    "eight deep beside another": {"x": [[[[[[[1]]]]]]], "y": [[]]},
}


@pytest.mark.parametrize("name", FINE)
def test_what_is_allowed_is_allowed(name: str) -> None:
    """The other side of every edge: the verifier is strict, not deaf."""
    suite = Suite()
    answer = suite.ask(suite.token(FINE[name]))
    assert isinstance(answer, Claims)
    assert suite.claims(**FINE[name]) == answer.values


JTIS: list[object] = [None, 1, True, ["a"], {"a": 1}, "j" * 257, "j" * 5000, "a\n", "a\x7f", "\u00e9", "\uff11", "a\u200b"]


@pytest.mark.parametrize("jti", JTIS, ids=lambda jti: ascii(jti)[:20])
def test_a_jti_is_short_plain_text(jti: object) -> None:
    """What marks a token as spent must be storable and comparable everywhere."""
    suite = Suite()
    expect_refused(suite, suite.token(jti=jti), INVALID, Why.JTI)


@pytest.mark.parametrize("sub", [None, 1, True, [], {}], ids=repr)
def test_a_subject_is_text(sub: object) -> None:
    """PyPI's library insists on it too."""
    suite = Suite()
    expect_refused(suite, suite.token(sub=sub), INVALID, Why.SUBJECT)


def test_a_token_without_jti_is_told_apart_by_its_signed_bytes() -> None:
    """Two tokens never share a replay key, with an unusable jti or with none."""
    suite = Suite()
    tokens = [suite.token(jti=jti, run_id=run) for jti in (ABSENT, "") for run in ("1", "2")]
    answers = [suite.ask(token) for token in tokens]
    keys = {answer.replay_key for answer in answers if isinstance(answer, Claims)}
    assert {f"sha256:{hashlib.sha256(token.rpartition('.')[0].encode()).hexdigest()}" for token in tokens} == keys
    assert 4 == len(keys)
