"""Whether a run gets as far as a job: its `if`, and everything that it needs.

A job runs when its condition holds; without a status function (`always()`, `failure()`, ...) in it, every needed job must have
run as well. Steps are assumed to succeed: the question is who *can* publish.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.evaluation import STATUS_FUNCTIONS, Record, Unknown, World, evaluate, truth
from trustpub.workflows.expressions import Call, Wrong, condition, walk
from trustpub.workflows.model import word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.evaluation import Value
    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.source import Scalar


class Reached(NamedTuple):
    """Whether something runs (None: it depends), what that depends on, and a sentence why not or why it may not."""

    runs: bool | None
    on: frozenset[str] = frozenset()
    why: tuple[str, ...] = ()


ALWAYS = Reached(True)


def both(first: Reached, second: Reached) -> Reached:
    """Say whether something runs that needs both."""
    for no in (first, second):
        if no.runs is False:
            return no
    if first.runs and second.runs:
        return ALWAYS
    return Reached(None, first.on | second.on, tuple(dict.fromkeys(first.why + second.why)))


def holds(node: Scalar | None, world: World, who: str) -> Reached:
    """Say whether an `if:` holds, for the example run and for every run that it is an example of; None where these differ."""
    if node is None:
        return ALWAYS
    tree = condition(word(node))
    shown = " ".join(word(node).split())
    value = evaluate(tree, world)
    if truth(value) is None:
        return _depends(value, who, shown)
    ruled = evaluate(tree, world._replace(as_rule=True))
    if truth(ruled) is None:
        return _depends(ruled, who, shown)
    return ALWAYS if truth(value) else Reached(False, why=(f"{who} is skipped: `if: {shown}` is false",))


def _depends(value: Value, who: str, shown: str) -> Reached:
    on = value.on if isinstance(value, Unknown) else frozenset()
    names = ", ".join(f"`{name}`" for name in sorted(on)) or "this"
    return Reached(None, on, (f"{who} runs only when `if: {shown}` holds; it depends on {names}",))


class Jobs:
    """Answers for the jobs of one workflow in one example run. `world` holds every context but `needs`."""

    def __init__(self, workflow: Workflow, world: World) -> None:
        self.workflow = workflow
        self.world = world
        self._known: dict[str, Reached] = {}

    def reached(self, job: Job) -> Reached:
        """Say whether a run gets to this job."""
        stack, opened = [job], set[str]()
        while stack:
            top = stack[-1]
            missing = [need.value for need in top.needs if need.value in self.workflow.jobs and need.value not in self._known]
            if top.id in self._known:
                stack.pop()
            elif top.id in missing or any(name in opened for name in missing):
                self._known[top.id] = Reached(False, why=(f"the job `{top.id}` needs itself in the end",))
            elif missing:
                opened.add(top.id)
                stack += [self.workflow.jobs[name] for name in missing]
            else:
                self._known[top.id] = self._reached(top)
        return self._known[job.id]

    def _reached(self, job: Job) -> Reached:
        needed = ALWAYS
        for need in job.needs:
            needed = both(needed, self._needed(need.value))
        mine = holds(job.if_, self.world_of(job, needed), f"the job `{job.id}`")
        return mine if _asks_status(job.if_) else both(needed, mine)

    def _needed(self, name: str) -> Reached:
        return self._known.get(name) or Reached(False, why=(f"the needed job `{name}` does not exist",))

    def world_of(self, job: Job, needed: Reached | None = None) -> World:
        """Add `needs` to the world: which needed jobs ran; their outputs are unknown."""
        states = {need.value: self._needed(need.value) for need in job.needs}
        needs = {name.lower(): _need(name, state) for name, state in states.items()}
        skipped = needed.runs is False if needed is not None else any(state.runs is False for state in states.values())
        contexts: Mapping[str, Value] = {**self.world.contexts, "needs": Record(needs)}
        return self.world._replace(contexts=contexts, success=not skipped)


def _need(name: str, state: Reached) -> Record:
    result: Value = "success" if state.runs else "skipped"
    if state.runs is None:
        result = Unknown(frozenset((f"needs.{name}.result",)))
    return Record({"result": result, "outputs": Record({}, f"needs.{name}.outputs", open=True)})


def _asks_status(node: Scalar | None) -> bool:
    if node is None:
        return False
    tree = condition(word(node))
    return not isinstance(tree, Wrong) and any(isinstance(part, Call) and part.name in STATUS_FUNCTIONS for part in walk(tree))
