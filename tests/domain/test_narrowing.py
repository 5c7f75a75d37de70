"""Narrowing: the closest publisher speaks, and ties speak together."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.samples import github
from trustpub.domain.narrowing import Comparison, ascii_lower, differs, narrow, one_or_list
from trustpub.domain.outcome import Difference
from trustpub.domain.publishers import Publisher

WANTED: Mapping[str, str] = {"repository_owner": "octo", "repository_name": "orchay", "environment": "pypi"}


def compare(publisher: Publisher) -> Comparison:
    """Three fields in narrowing order."""
    return tuple(differs(name, publisher.get(name), value, publisher.get(name) == value) for name, value in WANTED.items())


def test_nobody_to_compare_with_is_no_difference() -> None:
    """An empty list of candidates."""
    assert () == narrow([], compare)


def test_the_one_that_agrees_the_longest_is_the_closest() -> None:
    """Agreeing first counts more than agreeing often."""
    early = github(repository_owner="other", environment="pypi")
    late = github(repository_name="other", environment="x")

    assert (
        Difference("repository_name", "other", "orchay"),
        Difference("environment", "x", "pypi"),
    ) == narrow([(0, early), (1, late)], compare)


def test_equally_close_ones_are_told_together_without_repetition() -> None:
    """A list, in their order."""
    rows = [(place, github(environment=name)) for place, name in enumerate(["b", "a", "b"])]

    assert (Difference("environment", ["b", "a"], "pypi"),) == narrow(rows, compare)


@pytest.mark.parametrize(("values", "expected"), [(["a"], "a"), (["a", "a"], "a"), (["a", "b"], ["a", "b"])])
def test_one_or_list(values: list[str], expected: str | list[str]) -> None:
    """One value is itself."""
    assert expected == one_or_list([*values])


@given(st.text())
def test_ascii_lower_touches_a_to_z_only(text: str) -> None:
    """Every other character stays as it is, whatever `str.lower` makes of it."""
    expected = "".join(letter.lower() if letter.isascii() else letter for letter in text)

    assert expected == ascii_lower(text)
