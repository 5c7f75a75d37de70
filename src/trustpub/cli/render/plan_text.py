"""The plan and the outcome of a setup for a person: by party, a sign for each field, who gains power, what cannot be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.frames import calm
from trustpub.cli.render.text import columns, labelled
from trustpub.usecases.setup.files import to_commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustpub.usecases.setup.planning import Ending
    from trustpub.usecases.setup.run import Outcome, Plan
    from trustpub.usecases.setup.step import Change, Done, Step

    Style = Callable[[str, str], str]

COLOURS = {"+": "green", "~": "yellow", "-": "red", "!": "magenta", "?": "magenta"}
STATES = {"proven": "green", "stated": "cyan", "differs": "red", "skipped": "yellow"}
CHECKED = {"proven": "green", "stated": "cyan", "missing": "red", "unknown": "yellow"}
PARTIES = {"files": "Files", "github": "GitHub", "pypi": "PyPI", "testpypi": "TestPyPI"}
AGAIN = "Run it again when that is settled: what is done is not done twice."


def _plain(text: str, _: str) -> str:
    return text


def render_plan(plan: Plan, style: Style = _plain) -> str:
    """Draw a plan, ending with a line feed. `style` may colour a word by a colour's name."""
    return "\n".join(_plan(plan, style)) + "\n"


def _plan(plan: Plan, style: Style) -> Iterator[str]:
    for party in dict.fromkeys(step.party for step in (*plan.differing, *plan.unread)):
        yield style(PARTIES.get(party, party), "blue")
        for step in plan.steps:
            if step.party == party and (step.changes or step.cannot):
                yield from _step(step, style)
        yield ""
    for note in plan.notes:
        yield from labelled("note:", calm(note), 6)
    for problem in plan.unreachable:
        yield from labelled("not reached:", calm(problem), 13)
    if plan.notes or plan.unreachable:
        yield ""
    yield summary(plan)


def _step(step: Step, style: Style) -> Iterator[str]:
    sign = _sign(step)
    yield f"  {style(sign, COLOURS[sign])} {calm(step.key)}"
    short = [each for each in step.changes if not _is_text(each)]
    rows = [(f"{each.sign} {calm(each.field)}", _values(each)) for each in short]
    for line, each in zip(columns("", rows, 6), short, strict=True):
        yield line.replace(f"      {each.sign} ", f"      {style(each.sign, COLOURS[each.sign])} ", 1)
    for each in step.changes:
        if _is_text(each):
            yield from _text(each, style)
    if step.power:
        yield from labelled("      who:", calm(step.power), 11)
    if step.cannot:
        first, *others = labelled("      not done:", calm(step.cannot), 16)
        yield first.replace("not done:", style("not done:", "magenta"), 1)
        yield from others


def _is_text(change: Change) -> bool:
    """Say whether a change is about lines of a file."""
    return change.field.startswith("line ") or "\n" in f"{change.before}{change.after}"


def _text(change: Change, style: Style) -> Iterator[str]:
    """Draw lines of a file as a diff does. A text that begins with a title and a colon is a whole file."""
    title, _, whole = change.after.partition(":\n")
    if not change.before and whole:
        yield f"      {style('+', COLOURS['+'])} {calm(change.field)}: {calm(title)}"
        yield from (f"          {style('+', COLOURS['+'])} {calm(line)}".rstrip() for line in whole.splitlines())
        return
    yield f"      {style(change.sign, COLOURS[change.sign])} {calm(change.field)}"
    for sign, text in (("-", change.before), ("+", change.after)):
        yield from (f"          {style(sign, COLOURS[sign])} {calm(line)}".rstrip() for line in text.splitlines())


def _sign(step: Step) -> str:
    if not step.changes:
        return "?"
    if step.apply is None:
        return "!"
    signs = {each.sign for each in step.changes}
    if step.changes[0].sign == "+" and signs <= {"+", "~"} and not step.changes[0].before:
        return "+"
    return signs.pop() if len(signs) == 1 else "~"


def _values(change: Change) -> str:
    before, after = calm(change.before), calm(change.after)
    if change.sign == "~":
        return f"{before or 'nothing'} -> {after or 'nothing'}"
    return after if change.sign == "+" else before


def summary(plan: Plan) -> str:
    """Say in one line what there is to do."""
    where = calm(plan.repository) or "this checkout"
    blocked = len(plan.differing) - len(plan.doable)
    parts = [
        f"{len(plan.doable)} to do" if plan.doable else "",
        f"{blocked} that cannot be done here" if blocked else "",
        f"{len(plan.unread)} that could not be compared" if plan.unread else "",
    ]
    said = ", ".join(part for part in parts if part)
    right = len(plan.steps) - len(plan.differing) - len(plan.unread)
    if not said:
        return f"{where}: nothing to do." if not plan.unreachable else f"{where}: nothing to do in what could be read."
    return f"{where}: {said}{f', {right} in order' if right else ''}."


def render_done(done: Done) -> str:
    """Say in a line what became of a step."""
    return f"{done.state:<8} {calm(done.step.key)}{f': {calm(done.note)}' if done.note else ''}"


def render_outcome(outcome: Outcome, ending: Ending, style: Style = _plain) -> str:
    """Draw what became of every step as a table, and the checklist, ending with a line feed."""
    return "\n".join((*_outcome(outcome, style), "", *_checklist(ending, style))) + "\n"


def _checklist(ending: Ending, style: Style) -> Iterator[str]:
    yield style("Checklist", "blue")
    names = [f"{each.name}{f' on {each.index}' if each.index else ''}" for each in ending.items]
    width = max(map(len, names), default=0)
    for name, each in zip(names, ending.items, strict=True):
        first, *others = labelled(f"  {name:<{width}}  {each.state:<8}", calm(each.evidence), width + 13)
        yield first.replace(each.state, style(each.state, CHECKED[each.state]), 1)
        yield from others
    if ending.test is not None and ending.test.note:
        yield ""
        yield from labelled("Test deployment:", calm(ending.test.note), 17)


def _outcome(outcome: Outcome, style: Style) -> Iterator[str]:
    rows = [(f"{each.state:<8}  {calm(each.step.key)}", "") for each in outcome.done]
    for each, (text, _) in zip(outcome.done, rows, strict=True):
        yield text.replace(each.state, style(each.state, STATES[each.state]), 1)
        for left in each.left if each.state == "differs" else ():
            yield f"            {left.sign} {calm(left.field)}{'' if _is_text(left) else f'  {_values(left)}'}"
    yield ""
    counts = {state: sum(each.state == state for each in outcome.done) for state in STATES}
    yield ", ".join(f"{count} {state}" for state, count in counts.items() if count) + "."
    if outcome.problem is not None:
        yield from labelled("Stopped:", f"{calm(str(outcome.problem)).rstrip('.')}. {AGAIN}", 9)
    elif counts["differs"] or counts["skipped"]:
        yield from labelled("Next:", f"what differs is above. {AGAIN}", 6)
    if files := to_commit(each.step for each in outcome.done if each.state == "proven"):
        names = ", ".join(f"`{calm(name)}`" for name in files)
        yield from labelled("Next:", f"commit and push {names}: GitHub runs what is pushed.", 6)
