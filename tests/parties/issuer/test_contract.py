"""One contract for the strict verifier and for its fake."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from tests.parties.issuer.suite import AUDIENCE, JWKS, NOW, Clock, Suite, documents, key
from trustpub.domain.claims import JSON, Claims
from trustpub.domain.issuers import BUILT_IN
from trustpub.domain.publishers import Provider
from trustpub.errors import Unreachable
from trustpub.parties.issuer.fake import FakeVerifier
from trustpub.parties.issuer.github_claims import ISSUER
from trustpub.parties.issuer.port import KeysWanted, TokenRefused, Verifier, verify_now

REFUSED = ("invalid-token", "malformed or invalid token")


class Subject:
    """One verifier and what a test needs around it."""

    def __init__(
        self,
        verifier: Verifier,
        clock: Clock,
        sign: Callable[[Mapping[str, JSON], bool], str],
        reach: Callable[[bool], None],
        refreshes: Callable[[], int],
    ) -> None:
        self.verifier = verifier
        self.clock = clock
        self.sign = sign
        self.reach = reach
        self.refreshes = refreshes


def strict() -> Subject:
    """The real one, with an issuer in memory."""
    suite = Suite()

    def sign(claims: Mapping[str, JSON], forged: bool) -> str:
        return suite.token(claims, signer=key("foreign").renamed("key-1") if forged else None)

    def reach(possible: bool) -> None:
        suite.network.documents = documents(suite.key) if possible else {JWKS: Unreachable("down")}

    return Subject(
        suite.verifier, suite.clock, sign, reach, lambda: len([url for url in suite.network.asked if "configuration" in url])
    )


def fake() -> Subject:
    """The fake, without keys from the start."""
    clock = Clock()
    verifier = FakeVerifier(AUDIENCE, clock, BUILT_IN, known=False)

    def sign(claims: Mapping[str, JSON], forged: bool) -> str:
        return verifier.sign(claims, forged=forged)

    def reach(possible: bool) -> None:
        verifier.reachable = possible

    return Subject(verifier, clock, sign, reach, lambda: len(verifier.refreshes))


@pytest.fixture(params=[strict, fake])
def subject(request: pytest.FixtureRequest) -> Subject:
    """Each verifier in turn."""
    made = request.param()
    assert isinstance(made, Subject)
    return made


def words(answer: object) -> tuple[str, str]:
    """What a refusal says to the client."""
    assert isinstance(answer, TokenRefused)
    return answer.code, answer.description


def test_keys_are_wanted_first_and_then_the_claims_come(subject: Subject) -> None:
    """Without keys the verifier asks for them; with them it answers with the claims."""
    token = subject.sign({"iss": ISSUER, "jti": "one"}, False)
    assert KeysWanted(ISSUER) == subject.verifier.verify(token)
    subject.verifier.refresh(ISSUER)
    claims = subject.verifier.verify(token)
    assert isinstance(claims, Claims)
    assert (ISSUER, NOW + 300, "one") == (claims.issuer, claims.expires, claims.replay_key)
    assert AUDIENCE == claims.values["aud"]


def test_two_tokens_have_two_digests(subject: Subject) -> None:
    """The digest of the signed bytes tells any two tokens apart."""
    first, second = (verify_now(subject.verifier, subject.sign({"run_id": run}, False)) for run in ("1", "2"))
    assert isinstance(first, Claims)
    assert isinstance(second, Claims)
    assert 64 == len(first.signed_sha256)
    assert first.signed_sha256 != second.signed_sha256


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "\ud800", "x" * 20_000])
def test_what_is_no_token_is_malformed(subject: Subject, text: str) -> None:
    """Any text gets PyPI's words."""
    assert ("invalid-payload", "malformed JWT") == words(subject.verifier.verify(text))


def test_a_strange_issuer_is_unknown(subject: Subject) -> None:
    """An issuer that is not trusted here is named so, and nobody asks for its keys."""
    token = subject.sign({"iss": "https://example.com"}, False)
    assert ("invalid-payload", "unknown trusted publishing issuer") == words(verify_now(subject.verifier, token))
    subject.verifier.refresh("https://example.com")
    assert 0 == subject.refreshes()
    assert subject.verifier.provider_of("https://example.com") is None
    assert Provider.GITHUB is subject.verifier.provider_of(ISSUER)


BAD: list[dict[str, JSON]] = [
    {"aud": "other"},
    {"aud": [AUDIENCE]},
    {"exp": NOW - 30},
    {"exp": "soon"},
    {"iat": NOW + 31},
    {"exp": NOW + 3601},
]


@pytest.mark.parametrize("changes", BAD, ids=repr)
def test_a_bad_claim_is_refused_before_any_key_is_wanted(subject: Subject, changes: dict[str, JSON]) -> None:
    """Only a token that could be believed makes us ask its issuer."""
    assert REFUSED == words(subject.verifier.verify(subject.sign(changes, False)))


def test_a_forged_token_is_refused(subject: Subject) -> None:
    """A token that somebody else signed is refused, and its twin is not."""
    assert isinstance(verify_now(subject.verifier, subject.sign({}, False)), Claims)
    assert REFUSED == words(verify_now(subject.verifier, subject.sign({}, True)))


def test_an_outage_refuses_and_ends_by_itself(subject: Subject) -> None:
    """While the issuer is down its tokens are refused; a minute later it is asked again, and not before."""
    subject.reach(False)
    assert REFUSED == words(verify_now(subject.verifier, subject.sign({}, False)))
    subject.reach(True)
    for _ in range(3):
        assert REFUSED == words(verify_now(subject.verifier, subject.sign({}, False)))
    assert 1 == subject.refreshes()
    subject.clock.now += 60
    assert isinstance(verify_now(subject.verifier, subject.sign({}, False)), Claims)
    assert 2 == subject.refreshes()
