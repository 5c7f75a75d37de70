"""Predictions told together: runs that differ in nothing that matters are one prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.events import Scenario
    from trustpub.workflows.judge import Seen
    from trustpub.workflows.predict import Prediction


class Outcome(NamedTuple):
    """One example run, what one upload looks like in it, and what follows."""

    scenario: Scenario
    seen: Seen
    prediction: Prediction


def merged(reached: list[Outcome], missed: list[Outcome]) -> Iterator[Prediction]:
    """Put runs together that differ in nothing that matters: other refs of one kind, other inputs with the same answer."""
    groups: dict[object, list[Outcome]] = {}
    leg_matters = _leg_matters(reached)
    for outcome in reached:
        groups.setdefault(_kind(outcome, leg_matters), []).append(outcome)
    for group in groups.values():
        if not _is_covered(group, reached):
            yield _merge(group, [*reached, *missed])


def _kind(outcome: Outcome, leg_matters: bool) -> object:
    """What two runs must share to be told as one. A dispatch is the same on a branch and on a tag unless the answer differs."""
    prediction = outcome.prediction
    ref_type = outcome.scenario.ref_type if outcome.scenario.event != "workflow_dispatch" else ""
    place = (prediction.event, ref_type, prediction.index, prediction.package, outcome.seen.environment)
    leg = repr(prediction.matrix) if leg_matters else ""
    return (*place, prediction.verdict, prediction.credential, leg, len(prediction.why))


def _is_covered(group: list[Outcome], reached: list[Outcome]) -> bool:
    """Say whether a group only doubts about the ref, where another one speaks of the very refs that the condition names."""
    event, on = group[0].scenario.event, group[0].seen.reached.on
    if group[0].prediction.verdict != "depends" or not on or not on <= _REF_NAMES:
        return False
    ref_type = group[0].scenario.ref_type
    package = group[0].prediction.package
    others = [o.scenario for o in reached if o.seen.reached.runs and (o.scenario.event, o.prediction.package) == (event, package)]
    return any(other.ref_type == ref_type or on == {"github.ref_name"} for other in others)


_REF_NAMES = frozenset(("github.ref", "github.ref_name"))


def _leg_matters(outcomes: list[Outcome]) -> bool:
    return len({(o.prediction.index, o.prediction.package, o.prediction.verdict, o.seen.environment) for o in outcomes}) > 1


def _merge(group: list[Outcome], everything: list[Outcome]) -> Prediction:
    told = [outcome for outcome in group if not outcome.scenario.narrowed] or group  # the trigger's own words, where they do
    first = told[0].prediction
    patterns = dict.fromkeys(outcome.scenario.pattern for outcome in told)
    actions = dict.fromkeys(outcome.scenario.action for outcome in group if outcome.scenario.action)
    why = list(first.why)
    inputs = _deciding_inputs(group, everything)
    if inputs:
        why.insert(0, "dispatched with " + ", ".join(f"`{name}` = `{value}`" for name, value in inputs))
    if len(actions) > 1:
        why.append(f"each of these starts a run of its own: {', '.join(actions)}")
    leg = first.matrix if len({repr(outcome.prediction.matrix) for outcome in group}) == 1 else None
    types = tuple(sorted({outcome.scenario.ref_type for outcome in group}))
    merged = first._replace(ref_pattern=", ".join(patterns), why=tuple(why), inputs=inputs, matrix=leg, ref_types=types)
    return merged._replace(actions=tuple(actions), surely=all(outcome.prediction.surely for outcome in group))


def _deciding_inputs(group: list[Outcome], everything: list[Outcome]) -> tuple[tuple[str, str], ...]:
    """Name the inputs that have one value in this group and another outside of it."""
    mine = [outcome.scenario.chosen for outcome in group]
    others = [outcome.scenario.chosen for outcome in everything if outcome.scenario.event == group[0].scenario.event]
    result = []
    for name, value in mine[0].items():
        if all(chosen.get(name) == value for chosen in mine) and any(chosen.get(name) != value for chosen in others):
            result.append((name, value))
    return tuple(result)
