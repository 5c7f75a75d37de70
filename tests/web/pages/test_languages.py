"""Choosing a language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.web.pages.languages import LANGUAGES, language, preferred


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "en"),
        ("ko", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("en;q=0.5, ko;q=0.8", "ko"),
        ("fr, de;q=0.5", "en"),
        ("ko;q=0", "en"),
        ("ko;q=nan, en;q=0.1", "en"),
        ("*", "en"),
    ],
)
def test_the_browser_is_heard(accept: str, expected: str) -> None:
    """By weight, and the first of equals."""
    assert expected == preferred(accept)


@given(st.text(), st.text(), st.text())
def test_any_wish_ends_in_a_language_of_ours(chosen: str, cookie: str, accept: str) -> None:
    """Whatever headers hold."""
    assert language(chosen, cookie, accept) in LANGUAGES


def test_a_choice_counts_more_than_the_browser() -> None:
    """The account's first, then this browser's."""
    assert language("ko", "en", "en") == "ko"
    assert language("", "ko", "en") == "ko"
