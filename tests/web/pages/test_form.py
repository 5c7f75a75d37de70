"""Reading forms: each field once, nothing cut, nothing guessed."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.web.pages.form import FIELDS, Form, Unreadable, parsed

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(st.dictionaries(TEXTS, TEXTS, max_size=FIELDS - 1))
def test_a_form_arrives_as_it_was_sent(fields: dict[str, str]) -> None:
    """Every field, every character."""
    assert dict(parsed(urlencode(fields).encode())) == fields


@given(st.binary(max_size=200))
def test_any_bytes_are_a_form_or_refused(body: bytes) -> None:
    """Nothing else comes out."""
    with suppress(Unreadable):
        assert isinstance(parsed(body), Form)


@pytest.mark.parametrize(
    "body", [b"a=1&a=2", b"a=1&%61=2", b"=1&=2", b"a=\xc3\xa9", b"a=%ff", b"&".join(b"f%d=" % n for n in range(FIELDS + 1))]
)
def test_what_could_mean_two_things_is_refused(body: bytes) -> None:
    """A field that is there twice, bytes that are no text, more fields than any page has."""
    with pytest.raises(Unreadable):
        parsed(body)


def test_a_form_never_shows_its_values() -> None:
    """It may hold a password."""
    assert "secret" not in repr(Form({"password": "secret"}))


@pytest.mark.parametrize(
    ("text", "expected"), [("7", 7), ("", 0), ("-7", 0), ("7.0", 0), ("\u0667", 0), ("9" * 19, 0), (" 7 ", 7)]
)
def test_a_number_is_digits(text: str, expected: int) -> None:
    """Anything else is nothing's id."""
    assert expected == Form({"id": text}).number("id")
