"""Whether a run gets as far as a job: its `if`, and everything that it needs.

A job runs when its condition holds; without a status function (`always()`, `failure()`, ...) in it, every job that it needs must
have run as well, directly or not: one that was skipped far up the chain skips it too, although those between ran. Steps are
assumed to succeed, as the question is who *can* publish; what runs only after a failure depends on one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.allowed import WHERE, refused
from trustpub.workflows.evaluation import STATUS_FUNCTIONS, Record, Unknown, World, evaluate, truth
from trustpub.workflows.expressions import Call, Wrong, condition, walk
from trustpub.workflows.model import word
from trustpub.workflows.source import odd_tag

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.allowed import Allowed
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


def holds(node: Scalar | None, world: World, who: str, allowed: Allowed | None = None) -> Reached:
    """Say whether an `if:` holds, for the example run and for every run that it is an example of; None where these differ.

    With what is `allowed` at this place, an `if:` that makes GitHub refuse the file never holds.
    """
    if node is None:
        return ALWAYS
    if node.tag is not None and (tagged := odd_tag(node)):
        return Reached(False, why=(f"GitHub refuses the file: the `if` of {who}: {tagged}",))
    tree = condition(word(node))
    shown = " ".join(word(node).split())
    wrong = tree if isinstance(tree, Wrong) else refused(tree, allowed) if allowed is not None else None
    if wrong is not None and allowed is not None:
        return Reached(False, why=(f"GitHub refuses the file: `if: {shown}` of {who}: {wrong.why}",))
    value = evaluate(tree, world)
    if isinstance(value, Unknown) and value.wrong is not None and not isinstance(tree, Wrong):
        return Reached(False, why=(f"{who} fails at `if: {shown}`: {value.wrong.why}",))
    if truth(value) is None:
        return _depends(value, who, shown)
    ruled = evaluate(tree, world._replace(as_rule=True))
    if truth(ruled) is None:
        return _depends(ruled, who, shown)
    if truth(value):
        return ALWAYS
    if truth(evaluate(tree, _failing(world))) is not False:
        return Reached(None, frozenset(("failure()",)), (f"{who} runs only after a failure: `if: {shown}`",))
    return Reached(False, why=(f"{who} is skipped: `if: {shown}` is false",))


def _failing(world: World) -> World:
    """Make the world in which something failed: of the jobs that ran, nobody knows which went well."""
    needs = world.contexts.get("needs")
    if not isinstance(needs, Record):
        return world._replace(failed=True)
    doubtful = {name: _doubtful(name, need) for name, need in needs.values.items()}
    return world._replace(failed=True, contexts={**world.contexts, "needs": needs._replace(values=doubtful)})


def _doubtful(name: str, need: Value) -> Value:
    if not isinstance(need, Record) or need.values.get("result") == "skipped":
        return need
    return need._replace(values={**need.values, "result": Unknown(frozenset((f"needs.{name}.result",)))})


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
        needed = self._chain(job)
        mine = holds(job.if_, self.world_of(job, needed), f"the job `{job.id}`", WHERE["job-if"])
        if not _asks_status(job.if_):
            return both(needed, mine)
        return both(needed, mine) if mine.runs is None and "success()" in mine.on else mine

    def _chain(self, job: Job) -> Reached:
        """Say whether everything runs that a job needs, directly or not."""
        found, waiting = ALWAYS, [need.value for need in job.needs]
        seen: set[str] = set()
        while waiting:
            name = waiting.pop(0)
            if name not in seen:
                seen.add(name)
                found = both(found, self._needed(name))
                waiting += [need.value for need in self.workflow.jobs[name].needs] if name in self.workflow.jobs else []
        return found

    def _needed(self, name: str) -> Reached:
        return self._known.get(name) or Reached(False, why=(f"the needed job `{name}` does not exist",))

    def world_of(self, job: Job, needed: Reached | None = None) -> World:
        """Add `needs` to the world: which needed jobs ran; their outputs are unknown."""
        states = {need.value: self._needed(need.value) for need in job.needs}
        needs = {name.lower(): _need(name, state) for name, state in states.items()}
        contexts: Mapping[str, Value] = {**self.world.contexts, "needs": Record(needs)}
        return self.world._replace(contexts=contexts, success=(needed or self._chain(job)).runs)


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
