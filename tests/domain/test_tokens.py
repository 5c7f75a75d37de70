"""Opaque tokens: minted, read back, and told from noise."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.domain.tokens import API_PREFIX, LIFETIME, UPLOAD_PREFIX, Token, digest, mint, parse

PREFIXES = st.sampled_from([UPLOAD_PREFIX, API_PREFIX])
RANDOM = st.binary(min_size=32, max_size=32)


@given(PREFIXES, RANDOM)
def test_a_minted_token_is_read_back(prefix: str, random: bytes) -> None:
    """With its prefix, at one length, in letters and digits."""
    text = mint(prefix, random)

    assert Token(prefix, text) == parse(text)
    assert len(prefix) + 49 == len(text)
    assert text[len(prefix) :].isascii()
    assert text[len(prefix) :].isalnum()


@given(RANDOM, RANDOM)
def test_other_randomness_is_another_token(one: bytes, other: bytes) -> None:
    """No bits are lost on the way."""
    assert (one == other) == (mint(UPLOAD_PREFIX, one) == mint(UPLOAD_PREFIX, other))


@given(PREFIXES, RANDOM, st.integers(0, 60), st.sampled_from("0aZ_-. \n\u0660"))
def test_one_wrong_character_is_noticed(prefix: str, random: bytes, place: int, letter: str) -> None:
    """A CRC notices every change of a single character."""
    text = mint(prefix, random)
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]

    assert (changed == text) == (parse(changed) is not None)


@pytest.mark.parametrize("change", ["", " ", "x", "\n"])
def test_what_is_no_token_is_refused(change: str) -> None:
    """Too long, too short, another prefix, nothing."""
    text = mint(UPLOAD_PREFIX, bytes(32))

    for wrong in (change, change + text[1:], text[:-1] + change, text + "0" + change, "pypi-" + text.removeprefix(UPLOAD_PREFIX)):
        assert parse(wrong) is None


def test_the_prefix_is_covered_by_the_check_characters() -> None:
    """An API token that calls itself an upload token is noise."""
    text = mint(API_PREFIX, bytes(32))

    assert parse(UPLOAD_PREFIX + text.removeprefix(API_PREFIX)) is None


@pytest.mark.parametrize(("prefix", "random"), [("pypi-", bytes(32)), (UPLOAD_PREFIX, bytes(31)), (UPLOAD_PREFIX, b"")])
def test_minting_wants_a_known_prefix_and_32_bytes(prefix: str, random: bytes) -> None:
    """Anything else is our own mistake."""
    with pytest.raises(ValueError, match="32 random bytes"):
        mint(prefix, random)


def test_a_token_is_stored_by_its_sha256_and_never_shown() -> None:
    """The digest is the plain SHA-256 of the text; the token hides its text when it is printed."""
    text = mint(UPLOAD_PREFIX, bytes(range(32)))

    assert hashlib.sha256(text.encode()).hexdigest() == digest(text)
    assert text not in repr(parse(text))
    assert 64 == len(digest("\ud800"))


def test_an_upload_token_lives_a_quarter_of_an_hour() -> None:
    """As on PyPI."""
    assert 900 == LIFETIME
