"""Carrying a plan out: step by step, read back, and a failing step stops those after it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from trustpub.errors import BadInput, Broken, Denied, TrustpubError, Unreachable
from trustpub.usecases.setup.run import Outcome, Plan, carried_out
from trustpub.usecases.setup.step import Change, Done, Step

CHANGE = Change("+", "thing", "", "made")


def nothing() -> None:
    """Do nothing."""


def failing(problem: Exception) -> Callable[[], None]:
    """A step's work that fails so."""

    def fail() -> None:
        raise problem

    return fail


def done(*steps: Step) -> Outcome:
    """Carry these steps out."""
    return carried_out(Plan("octo/lamp", steps))


@pytest.mark.parametrize(
    ("left", "state", "status"),
    [((), "proven", 0), (None, "stated", 0), ((CHANGE,), "differs", 1)],
)
def test_what_is_read_back_decides(left: tuple[Change, ...] | None, state: str, status: int) -> None:
    """Nothing is left: proven. Something is: it differs. Nobody can tell: stated."""
    outcome = done(Step("a", "github", (CHANGE,), apply=nothing, read_back=lambda: left))

    assert [state] == [each.state for each in outcome.done]
    assert status == outcome.exit_status


def test_a_write_that_nobody_reads_back_is_only_stated() -> None:
    """Without reading back there is no proof."""
    assert ["stated"] == [each.state for each in done(Step("a", "github", (CHANGE,), apply=nothing)).done]


@pytest.mark.parametrize(
    ("problem", "status"),
    [(Denied("no"), 1), (Unreachable("nobody"), 3), (Broken("no disk"), 2), (BadInput("a link"), 2)],
)
def test_a_failing_step_stops_those_after_it(problem: TrustpubError, status: int) -> None:
    """What was done stays told, what was not begun is skipped, what is in order is not mentioned."""
    first = Step("a", "github", (CHANGE,), apply=nothing, read_back=lambda: ())
    outcome = done(first, Step("b", "github", (CHANGE,), apply=failing(problem)), Step("c", "pypi", (CHANGE,)), Step("d", "pypi"))

    assert [("a", "proven"), ("b", "differs"), ("c", "skipped")] == [(each.step.key, each.state) for each in outcome.done]
    assert problem is outcome.problem
    assert status == outcome.exit_status


def test_what_cannot_be_done_stops_nothing() -> None:
    """A step that this plan of GitHub refuses is skipped; the others go on."""
    after = Step("b", "github", (CHANGE,), apply=nothing, read_back=lambda: ())
    outcome = done(Step("a", "github", (CHANGE,), cannot="not on this plan"), after)

    assert [("skipped", "not on this plan"), ("proven", "")] == [(each.state, each.note) for each in outcome.done]
    assert 1 == outcome.exit_status


def test_every_step_is_told_as_it_ends() -> None:
    """Whoever watches hears of each step once."""
    heard: list[Done] = []
    outcome = carried_out(Plan("octo/lamp", (Step("a", "github"), Step("b", "github", (CHANGE,), apply=nothing))), heard.append)

    assert list(outcome.done) == heard


def test_a_silent_party_decides_only_over_success() -> None:
    """With everything proven but a party unread, the status is that of an unreachable party."""
    plan = Plan("octo/lamp", (Step("a", "github"),), unreachable=("pypi: nobody answered",))

    assert 3 == carried_out(plan).exit_status


def test_an_error_that_nobody_planned_for_is_not_swallowed() -> None:
    """A defect stays one."""
    with pytest.raises(ZeroDivisionError):
        done(Step("a", "github", (CHANGE,), apply=failing(ZeroDivisionError())))
