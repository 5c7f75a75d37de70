"""The plan and the outcome of a setup as JSON: the same content as the text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.json import to_json

if TYPE_CHECKING:
    from trustpub.usecases.setup.planning import Ending
    from trustpub.usecases.setup.run import Outcome, Plan
    from trustpub.usecases.setup.step import Change, Done, Step


def render_plan_json(plan: Plan) -> str:
    """Write a plan."""
    return to_json(_plan(plan))


def render_outcome_json(outcome: Outcome, ending: Ending) -> str:
    """Write a plan, what became of it, and the checklist."""
    problem = outcome.problem
    ended = {"code": problem.code, "message": str(problem)} if problem is not None else None
    done = [_done(each) for each in (*outcome.done, *([ending.test] if ending.test is not None else []))]
    items = [{"item": each.name, "index": each.index, "state": each.state, "evidence": each.evidence} for each in ending.items]
    return to_json({**_plan(outcome.plan), "done": done, "problem": ended, "checklist": items})


def _plan(plan: Plan) -> dict[str, object]:
    return {
        "repository": plan.repository,
        "in_order": not (plan.differing or plan.unread or plan.unreachable),
        "steps": [_step(step) for step in plan.steps],
        "notes": plan.notes,
        "unreachable": plan.unreachable,
    }


def _step(step: Step) -> dict[str, object]:
    changes = [_change(each) for each in step.changes]
    return {"step": step.key, "party": step.party, "changes": changes, "power": step.power, "cannot": step.cannot}


def _change(change: Change) -> dict[str, str]:
    return {"sign": change.sign, "field": change.field, "before": change.before, "after": change.after}


def _done(done: Done) -> dict[str, object]:
    return {"step": done.step.key, "state": done.state, "left": [_change(each) for each in done.left], "note": done.note}
