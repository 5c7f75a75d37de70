"""Inputs of an action put into its texts: alone, in larger expressions, and in conditions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.workflows.binding import as_expression, bind, bind_condition
from trustpub.workflows.evaluation import Record, World, render, text
from trustpub.workflows.expressions import template

INPUTS = {"x": "testpypi", "y": "${{ secrets.T }}", "z": "a-${{ github.ref }}", "q": "it's"}


@pytest.mark.parametrize(
    ("written", "bound"),
    [
        ("plain", "plain"),
        ("${{ inputs.x }}", "testpypi"),
        ("a ${{inputs.X}} b ${{ inputs['x'] }}", "a testpypi b testpypi"),
        ("${{ inputs.missing }}", ""),
        ("${{ inputs.y }}", "${{ secrets.T }}"),
        ("${{ inputs.x == 'y' && inputs.y || 'n' }}", "${{ 'testpypi' == 'y' && (secrets.T) || 'n' }}"),
        ("${{ format('{0}', inputs.z) }}", "${{ format('{0}', format('a-{0}', github.ref)) }}"),
        ("${{ github.event.inputs.x }}", "${{ github.event.inputs.x }}"),
        ("${{ 'inputs.x' }}", "${{ 'inputs.x' }}"),
        ("${{ inputs.q == 1 }}", "${{ 'it''s' == 1 }}"),
    ],
)
def test_texts(written: str, bound: str) -> None:
    """An input alone is its text; elsewhere it is the expression that gives it."""
    assert bound == bind(written, INPUTS).text


@pytest.mark.parametrize(
    ("written", "bound"),
    [
        ("inputs.x == 'y'", "'testpypi' == 'y'"),
        ("${{ inputs.y != '' }}", "${{ (secrets.T) != '' }}"),
        ("success()", "success()"),
    ],
)
def test_conditions(written: str, bound: str) -> None:
    """They are expressions with and without braces."""
    assert bound == bind_condition(written, INPUTS)


def test_places() -> None:
    """A place in the bound text is that of the written one, exact behind every input."""
    written = "a ${{ inputs.x }} b ${{ inputs.missing }} c"
    bound = bind(written, INPUTS)
    for mark in "abc":
        assert written.index(f"{mark}") == bound.original(bound.text.index(mark)) if mark != "a" else True
    assert written.index(" b") == bound.original(bound.text.index(" b"))


@given(st.text(alphabet="ab'{}$ ", max_size=12))
def test_any_text_is_given_back(words: str) -> None:
    """The expression that stands for a text gives that text."""
    if "${{" not in words:
        value = render(template("${{ " + as_expression(words) + " }}"), World({"github": Record({})}))
        assert words == text(value)
