"""What marks a token as spent."""

from __future__ import annotations

import pytest

from trustpub.domain.claims import JSON, Claims

SIGNED = "ab" * 32


@pytest.mark.parametrize("jti", ["one", "6b6a3f5e-7c1d-4f29-9f43-0d5b9d1c7a11", "x" * 256, "a b~!"])
def test_a_usable_identifier_is_the_replay_key(jti: str) -> None:
    """1 to 256 printable ASCII characters."""
    assert jti == Claims("https://i", {"jti": jti}, SIGNED, 1).replay_key


UNUSABLE: list[JSON] = [None, "", "x" * 257, "a\n", "a\x00", "\u212a", "\x7f", 7, True, ["one"], {"jti": "one"}]


@pytest.mark.parametrize("jti", UNUSABLE)
def test_without_a_usable_identifier_the_signed_bytes_are_the_key(jti: JSON) -> None:
    """Such a token, too, is spent only once."""
    assert f"sha256:{SIGNED}" == Claims("https://i", {"jti": jti}, SIGNED, 1).replay_key
    assert f"sha256:{SIGNED}" == Claims("https://i", {}, SIGNED, 1).replay_key
