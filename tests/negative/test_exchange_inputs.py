"""Anything may be posted, and a trusted issuer may sign anything: the exchange always answers, and keeps its secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import Scale
from tests.domain.samples import github, github_claims
from tests.usecases.exchanging import EXPIRES, Index, index
from trustpub.domain.claims import JSON, Claims
from trustpub.domain.matching import Profile
from trustpub.domain.publishers import Provider
from trustpub.parties.issuer.port import TokenRefused, Why
from trustpub.usecases.exchange import Minted, Ready, Refusal

CODES = {"invalid-payload", "invalid-token", "invalid-publisher", "invalid-pending-publisher", "invalid-reuse-token"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
changes = st.dictionaries(st.sampled_from(sorted(github_claims())), json_values | st.just("octo/orchay"), max_size=4)


class AnyVerifier:
    """Believes nothing."""

    def verify(self, token: str) -> TokenRefused:
        return TokenRefused("invalid-token", "malformed or invalid token", Why.SIGNATURE)

    def refresh(self, issuer: str) -> None:
        raise NotImplementedError

    def provider_of(self, issuer: str) -> Provider | None:
        return None


def exercised(count: int) -> settings:
    """Hypothesis with this many examples, on one database for all of them."""
    return settings(
        max_examples=count,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


def test_any_body_gets_an_answer(tmp_path: Path, scale: Scale) -> None:
    """Bytes, JSON of any shape, text that is no text: a refusal in PyPI's codes, from exchange and burn alike."""
    with index(tmp_path, Profile.TRUSTPUB) as site:
        site.exchange._verifier = AnyVerifier()

        @exercised(scale(80, 20_000))
        @given(st.binary(max_size=200) | json_values.map(lambda value: json.dumps({"token": value}).encode()))
        def answers(body: bytes) -> None:
            opened = site.exchange.open(body)
            assert isinstance(opened, Refusal)
            assert opened.code in CODES
            burnt = site.exchange.burn(body).result(30)
            assert burnt is None or (422, "invalid-payload") == (burnt.status, burnt.code)

        answers()


@pytest.mark.parametrize("profile", list(Profile))
def test_any_claims_get_an_answer(tmp_path: Path, scale: Scale, profile: Profile) -> None:
    """Whatever a trusted issuer signs: minted or refused, never an error; a refusal spends nothing."""
    with index(tmp_path, profile) as site:
        site.project("orchay", github(), github(environment="pypi"))
        site.pending("next", github(workflow_filename="next.yml"))

        @exercised(scale(60, 10_000))
        @given(changes)
        def answers(changed: dict[str, JSON]) -> None:
            claims = {**site.claims(), **changed, "iss": github().issuer}
            before = site.count("replays")
            answer = site.settle(site.ready(claims))
            assert isinstance(answer, Minted) or answer.code in CODES
            assert site.count("replays") - before == isinstance(answer, Minted)

        answers()


@pytest.mark.parametrize("provider", list(Provider))
def test_any_claims_of_any_provider_get_an_answer(tmp_path: Path, scale: Scale, provider: Provider) -> None:
    """Also a payload that has nothing of what the provider's tokens have."""
    with index(tmp_path, Profile.TRUSTPUB) as site:

        @exercised(scale(25, 5_000))
        @given(st.dictionaries(st.text(max_size=10), json_values, max_size=5))
        def answers(payload: dict[str, JSON]) -> None:
            claims = Claims("https://issuer.example", payload, "00", EXPIRES)
            answer = site.settle(Ready(claims, provider))
            assert isinstance(answer, Refusal)
            assert "invalid-publisher" == answer.code

        answers()


def test_no_secret_is_left_in_the_data(tmp_path: Path) -> None:
    """Neither the upload token nor a refused token's jti is anywhere in the files of the index."""
    with index(tmp_path, Profile.TRUSTPUB) as site:
        site.project("orchay", github())
        minted = site.ask()
        assert isinstance(minted, Minted)
        site.refused(jti="canary-of-a-refused-token", repository_owner_id="666")
        site.exchange.burn(json.dumps({"token": minted.token}).encode()).result(30)
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"upload-token:minted" in everything
    for secret in (minted.token, minted.token.removeprefix("pypi-tp_"), "canary-of-a-refused-token"):
        assert secret.encode() not in everything


def test_a_refusal_never_repeats_the_token(tmp_path: Path) -> None:
    """Whoever reads a CI log must not find a credential there."""
    with index(tmp_path, Profile.TRUSTPUB) as site:
        site.verifier.answers["canary-jwt"] = TokenRefused("invalid-token", "malformed or invalid token", Why.KID)
        for body in (b'{"token": "canary-jwt"}', b'{"tokens": "canary-jwt"}', b'{"token": ["canary-jwt"]}', b"canary-jwt"):
            assert "canary" not in repr(site.exchange.open(body))


def test_an_answer_shows_no_token_in_a_log() -> None:
    """The upload token is not in the text of the object that carries it."""
    assert "pypi-tp_secret" not in repr(Minted("pypi-tp_secret", 1))
    assert "pypi-tp_secret" not in str([Minted("pypi-tp_secret", 1)])


def test_the_index_is_the_same_after_any_refusal(tmp_path: Path) -> None:
    """Every kind of refusal leaves projects, publishers, pending rows and tokens as they were (a taken name aside)."""
    with index(tmp_path, Profile.PYPI) as site:
        site.project("orchay", github(), github(environment="pypi"))
        site.pending("next", github(workflow_filename="next.yml"))
        before = _state(site)
        for claims in (
            {"repository": None},
            {"event_name": "pull_request_target"},
            {"repository_owner_id": "1"},
            {"ref": "", "sha": ""},
        ):
            site.refused(**claims)
        assert before == _state(site)


def _state(site: Index) -> list[int]:
    return [site.count(table) for table in ("projects", "publishers", "pending_publishers", "upload_tokens", "replays", "roles")]
