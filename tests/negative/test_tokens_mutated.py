"""Damaged tokens, by chance and one byte at a time: never accepted, never an exception."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.parties.issuer.suite import Suite
from trustpub.domain.claims import JSON, Claims
from trustpub.domain.publishers import Provider
from trustpub.parties.issuer.port import TokenRefused

Scale = Callable[[int, int], int]
LETTERS = string.ascii_letters + string.digits + "-_"


@cache
def warm() -> Suite:
    """A suite whose keys are fetched, shared by many small examples."""
    suite = Suite()
    assert suite.believes(suite.token())
    return suite


@cache
def good() -> str:
    """One good token."""
    return warm().token()


def refused(token: str) -> bool:
    """Whether the verifier refuses, in one of PyPI's words."""
    answer = warm().verifier.verify(token)
    assert isinstance(answer, TokenRefused | Claims)
    return isinstance(answer, TokenRefused) and answer.code in ("invalid-payload", "invalid-token")


def test_a_changed_byte_is_refused(scale: Scale) -> None:
    """A good token with a few characters replaced, removed, added or moved is never accepted."""

    @settings(max_examples=scale(100, 20_000), deadline=None, database=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        token = good()
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(token) - 1))
            other = data.draw(st.sampled_from(LETTERS) | st.characters())
            kind = data.draw(st.sampled_from(("replace", "remove", "add", "double", "cut")))
            middle = {"replace": other, "remove": "", "add": token[at] + other, "double": token[at] * 2, "cut": ""}[kind]
            token = token[:at] + middle + ("" if kind == "cut" else token[at + 1 :])
            token = token or "."
        assert token == good() or refused(token)

    check()


def test_every_single_change_is_refused(long_run: bool) -> None:
    """Each character of a good token, replaced by its neighbour in the alphabet (every seventh in a short run)."""
    token = good()
    for at in range(0, len(token), 1 if long_run else 7):
        other = LETTERS[(LETTERS.find(token[at]) + 1) % len(LETTERS)]
        assert refused(token[:at] + other + token[at + 1 :]), at
        assert refused(token[:at] + token[at + 1 :]), at


def test_any_text_gets_an_answer(scale: Scale) -> None:
    """No text whatsoever makes the verifier raise, and none is accepted."""

    @settings(max_examples=scale(100, 20_000), deadline=None, database=None)
    @given(st.text() | st.text(LETTERS + ".").map(lambda text: f"{text}.{text}") | st.binary().map(lambda data: data.hex()))
    def check(text: str) -> None:
        assert refused(text)

    check()


VALUES: st.SearchStrategy[JSON] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = ("iss", "aud", "exp", "iat", "nbf", "jti", "sub", "repository", "extra")


def test_any_signed_claims_get_an_answer(scale: Scale) -> None:
    """Whatever a real issuer signs is accepted or refused; what is accepted has the types that everybody relies on."""

    @settings(max_examples=scale(100, 20_000), deadline=None, database=None)
    @given(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=3))
    def check(changes: dict[str, JSON]) -> None:
        suite = warm()
        answer = suite.verifier.verify(suite.token(changes))
        assert isinstance(answer, Claims | TokenRefused)
        if isinstance(answer, Claims):
            assert Provider.GITHUB == suite.verifier.provider_of(answer.issuer)
            assert "pypi" == answer.values["aud"]
            assert isinstance(answer.expires, int)
            assert 0 < len(answer.replay_key) <= 256

    check()


def test_any_signed_bytes_get_an_answer(scale: Scale) -> None:
    """Whatever stands where the header or the payload should be, rightly signed: an answer, and no exception."""

    @settings(max_examples=scale(100, 20_000), deadline=None, database=None)
    @given(st.binary() | VALUES.map(lambda value: json.dumps(value).encode()), st.booleans())
    def check(data: bytes, in_header: bool) -> None:
        suite = warm()
        assert refused(suite.raw(header=data) if in_header else suite.raw(payload=data))

    check()
