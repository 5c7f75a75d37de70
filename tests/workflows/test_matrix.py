"""The legs of a matrix: product, exclude, include, and what only the run knows."""

from __future__ import annotations

import pytest

from tests.workflows.samples import job_of
from trustpub.workflows.evaluation import Items, Record, World
from trustpub.workflows.matrix import MOST_LEGS, legs, shown

WORLD = World({"inputs": Record({"list": Items(("x", "y"))}), "needs": Record({}, "needs", open=True)})

EXAMPLE = """{fruit: [apple, pear], animal: [cat, dog], include: [
  {color: green}, {color: pink, animal: cat}, {fruit: apple, shape: circle}, {fruit: banana}, {fruit: banana, animal: cat}]}"""
"""The one of GitHub's documentation."""


def of(matrix: str) -> list[dict[str, object] | None]:
    """The legs of a matrix as plain data."""
    job = job_of(f"    strategy:\n      matrix: {matrix}\n")
    return [dict(found) if (found := shown(leg)) is not None else None for leg in legs(job.matrix, WORLD)]


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        ("{a: [1, 2]}", [{"a": 1}, {"a": 2}]),
        ("{a: [1, 2], b: [x]}", [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]),
        ("{a: [1, 2], exclude: [{a: 1}]}", [{"a": 2}]),
        ("{a: [1, 2], include: [{a: 1, c: z}]}", [{"a": 1, "c": "z"}, {"a": 2}]),
        ("{a: [1], include: [{c: z}]}", [{"a": 1, "c": "z"}]),
        ("{a: [1], include: [{a: 9}]}", [{"a": 1}, {"a": 9}]),
        ("{include: [{n: pypi}, {n: testpypi}]}", [{"n": "pypi"}, {"n": "testpypi"}]),
        ("{A: ['${{ inputs.list[0] }}']}", [{"a": "x"}]),
        ("{a: '${{ inputs.list }}'}", [{"a": "x"}, {"a": "y"}]),
        ("{a: [true, 3.11, null]}", [{"a": True}, {"a": 3.11}, {"a": None}]),
        ("{a: [1, 2], b: [x, y], exclude: [{a: 1}, {a: 2, b: y}]}", [{"a": 2, "b": "x"}]),
        ("{a: [1], exclude: [{a: true}, {c: 1}]}", [{"a": 1}]),
        ("{a: [1], exclude: [{a: 1}], include: [{a: 1, b: 2}]}", [{"a": 1, "b": 2}]),
        (
            EXAMPLE,
            [
                {"fruit": "apple", "animal": "cat", "color": "pink", "shape": "circle"},
                {"fruit": "apple", "animal": "dog", "color": "green", "shape": "circle"},
                {"fruit": "pear", "animal": "cat", "color": "pink"},
                {"fruit": "pear", "animal": "dog", "color": "green"},
                {"fruit": "banana"},
                {"fruit": "banana", "animal": "cat"},
            ],
        ),
        ("'${{ fromJSON(''{\"a\": [1, 2], \"exclude\": [{\"a\": 1}]}'') }}'", [{"a": 2}]),
    ],
)
def test_legs(matrix: str, expected: list[dict[str, object]]) -> None:
    """As GitHub multiplies them."""
    assert expected == of(matrix)


@pytest.mark.parametrize("matrix", ["'${{ fromJSON(needs.a.outputs.m) }}'", "{a: '${{ fromJSON(needs.a.outputs.m) }}'}"])
def test_a_computed_matrix_is_one_unknown_leg(matrix: str) -> None:
    """Its values are unknown by their names."""
    (leg,) = legs(job_of(f"    strategy:\n      matrix: {matrix}\n").matrix, WORLD)
    assert (True, "matrix") == (leg.open, leg.path)


@pytest.mark.parametrize("include", ["'${{ fromJSON(needs.a.outputs.m) }}'", "['${{ fromJSON(needs.a.outputs.m) }}']"])
def test_a_computed_include_leaves_the_legs_open(include: str) -> None:
    """The listed legs are there, perhaps with more values, and perhaps others."""
    first, other = legs(job_of(f"    strategy:\n      matrix: {{a: [1], include: {include}}}\n").matrix, WORLD)
    assert (True, 1.0, True, 0) == (first.open, first.values["a"], other.open, len(other.values))


def test_no_matrix_is_one_empty_leg() -> None:
    """And is shown as none."""
    assert [None] == [shown(leg) for leg in legs(None, WORLD)]


def test_a_huge_matrix_is_bounded() -> None:
    """GitHub runs 256 legs."""
    axes = ", ".join(f"{name}: [{', '.join('0123456789')}]" for name in "abcdefgh")
    assert MOST_LEGS == len(of(f"{{{axes}}}"))
