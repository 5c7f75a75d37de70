"""Carry a plan out: step by step in its order, each read back and compared, until one fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.errors import TrustpubError
from trustpub.usecases.setup.step import Done, Step

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Plan:
    """Every step in the order in which it is safe, those included that have nothing to do.

    `notes` are sentences on what no step does (secrets that are left over), `unreachable` on parties that did not answer: their
    side is not in the plan.
    """

    repository: str
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    unreachable: tuple[str, ...] = ()

    @property
    def differing(self) -> tuple[Step, ...]:
        """The steps of which something differs, whether it can be done here or not."""
        return tuple(step for step in self.steps if step.changes)

    @property
    def doable(self) -> tuple[Step, ...]:
        """The steps that there is something to do for."""
        return tuple(step for step in self.steps if step.changes and step.apply is not None)

    @property
    def unread(self) -> tuple[Step, ...]:
        """The steps of which nobody knows whether they differ."""
        return tuple(step for step in self.steps if step.cannot and not step.changes)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a plan. `problem` is what stopped it."""

    plan: Plan
    done: tuple[Done, ...]
    problem: TrustpubError | None = None

    @property
    def exit_status(self) -> int:
        """0 when everything is proven or stated; what stopped it decides before what is left, and silence before success."""
        if self.problem is not None:
            return self.problem.exit_status
        if any(each.state in ("differs", "skipped") for each in self.done):
            return 1
        return 3 if self.plan.unreachable else 0


def carried_out(plan: Plan, told: Callable[[Done], None] = lambda _: None) -> Outcome:
    """Do the steps of a plan that can be done, telling of each; what fails stops those after it."""
    done: list[Done] = []
    problem: TrustpubError | None = None
    for step in plan.steps:
        if problem is not None:
            each = _stopped(step)
        else:
            each, problem = _attempt(step)
        if each is not None:
            done.append(each)
            told(each)
    return Outcome(plan, tuple(done), problem)


def _stopped(step: Step) -> Done | None:
    return Done(step, "skipped", step.changes, "not begun, because a step before it failed") if step.changes else None


def _attempt(step: Step) -> tuple[Done | None, TrustpubError | None]:
    if not step.changes and not step.cannot:
        return _settled(step), None
    if step.apply is None:
        return Done(step, "skipped", step.changes, step.cannot), None
    try:
        step.apply()
        return _read_back(step), None
    except TrustpubError as problem:
        return Done(step, "differs", step.changes, str(problem)), problem


def _settled(step: Step) -> Done:
    """Tell of a step that there is nothing to do for: one that reads back as nobody's to read is somebody's word."""
    stated = step.read_back is not None and step.read_back() is None
    return Done(step, "stated" if stated else "proven", note=step.power or "as it should be")


def _read_back(step: Step) -> Done:
    left = step.read_back() if step.read_back is not None else None
    if left is None:
        return Done(step, "stated", note="nobody but a person can tell whether it is so")
    return Done(step, "differs", left, "it is still not so") if left else Done(step, "proven")
