"""The order of first releases: tables, and laws over any repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trustpub.usecases.setup.order import MOST_PENDING, New, apart, rounds

if TYPE_CHECKING:
    from tests.conftest import Scale


def new(*words: str) -> list[New]:
    """Projects from words such as `a/pypi`: the project and the identity it is published with."""
    return [New(project, (identity,)) for project, _, identity in (word.partition("/") for word in words)]


@pytest.mark.parametrize(
    ("wanted", "waiting", "registered"),
    [
        ([], [], []),
        (["a/x"], [], [["a"]]),
        (["a/x", "b/y", "c/z"], [], [["a", "b", "c"]]),
        (["a/x", "b/x"], [], [["a"], ["b"]]),
        (["a/x", "b/x", "c/x", "d/x"], [], [["a"], ["b"], ["c"], ["d"]]),
        (["a/w", "b/x", "c/y", "d/z"], [], [["a", "b", "c"], ["d"]]),
        (["a/w", "b/x", "c/y", "d/z", "e/z"], [], [["a", "b", "d"], ["c", "e"]]),
        (["b/x"], ["a/x"], [[], ["b"]]),
        (["b/y"], ["a/x"], [["b"]]),
        (["d/z"], ["a/v", "b/w", "c/x"], [[], ["d"]]),
        (["a/x", "a/x"], [], [["a"]]),
    ],
)
def test_rounds(wanted: list[str], waiting: list[str], registered: list[list[str]]) -> None:
    """One identity waits once, three wait in all, and what waits already holds its place."""
    assert registered == [[each.project for each in one.register] for one in rounds(new(*wanted), new(*waiting))]


def test_what_waits_is_released_before_the_next_round() -> None:
    """Both what was registered before and what the round registers has to be out."""
    first, second = rounds(new("b/x", "c/y"), new("a/x"))
    assert ["a", "c"] == [each.project for each in first.release]
    assert ["b"] == [each.project for each in second.release]


def test_laws(scale: Scale) -> None:
    """No round has two of one identity waiting or more than three, everything gets its turn once, and no plan is shorter."""
    news = st.builds(New, st.text("abcdefgh", min_size=1, max_size=2), st.tuples(st.sampled_from("uvwxyz")))
    several = st.lists(news, max_size=14, unique_by=lambda each: each.project)

    @settings(max_examples=scale(200, 5_000), deadline=None, database=None)
    @given(several, several)
    def law(wanted: list[New], candidates: list[New]) -> None:
        waiting = list({each.identity: each for each in candidates}.values())[:MOST_PENDING]
        planned = rounds(wanted, waiting)
        for number, one in enumerate(planned):
            held = [*(waiting if number == 0 else []), *one.register]
            assert held == list(one.release)
            assert len(held) <= MOST_PENDING
            assert len({each.identity for each in held}) == len(held)
        assert sorted(wanted) == sorted(each for one in planned for each in one.register)
        most = max((sum(each.identity == one.identity for one in wanted) for each in wanted), default=0)
        least = max(-(-len(wanted) // MOST_PENDING), most)
        assert len(planned) in ((least,) if not waiting else range(least, least + 2))

    law()


def test_environments_apart() -> None:
    """Each package gets an environment of its own, by its normalised name."""
    assert (("My.Tool", "pypi-my-tool"), ("b", "pypi-b")) == apart(["My.Tool", "b"], "pypi")
    assert (("b", "b"),) == apart(["b"], "")


def test_environments_of_their_own_end_the_queue() -> None:
    """With environments apart, as many as an account may have wait at once."""
    queue = rounds([New(project, ("pypi",)) for project in "abc"])
    beside = rounds([New(project, (environment,)) for project, environment in apart("abc", "pypi")])
    assert (3, 1) == (len(queue), len(beside))
