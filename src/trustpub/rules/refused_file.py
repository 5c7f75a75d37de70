"""A workflow file that GitHub refuses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule, Span
from trustpub.pattern import lazy_pattern
from trustpub.workflows.calls import call_problems
from trustpub.workflows.refusals import refusals
from trustpub.workflows.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Severity
    from trustpub.errors import BrokenFile
    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Problem, Workflow

RULE = Rule(
    code="F01",
    name="refused-file",
    severity="blocker",
    title="GitHub refuses this workflow file",
    why=(
        "GitHub runs no job of a file that it cannot read. A pushed tag then starts nothing, or a run that fails at once without "
        "a job, and nothing more is checked here."
    ),
    source="GitHub's workflow syntax",
    help="Correct the file.",
)

_PUBLISHES = lazy_pattern(
    r"pypi|twine|uv publish|poetry publish|hatch publish|flit publish|maturin (?:publish|upload)", re.IGNORECASE
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the first problem of each place: a blocker where the file publishes, or looks as if it did."""
    for path, problem in facts.broken.items():
        yield _broken(facts, path, problem)
    publishing = {
        each.path for site, _ in facts.sites() for each in (site.root, *(c.workflow for c in site.calls), site.workflow)
    }
    for workflow in facts.workflows.values():
        problems = refusals(workflow) if workflow.path in publishing else workflow.problems
        for each in {each.start: each for each in reversed(problems)}.values():
            yield _refused(workflow, each, publishes=workflow.path in publishing)
    yield from dict.fromkeys(_of_calls(facts))


def _of_calls(facts: Facts) -> Iterator[Finding]:
    """Yield what does not fit between the files on the way to an upload: inputs and secrets of a call."""
    for site, _ in facts.sites():
        called = [*(call.workflow for call in site.calls[1:]), site.workflow]
        for call, target in zip(site.calls, called, strict=False):
            yield from (_refused(call.workflow, each, publishes=True) for each in call_problems(call.job, target))


def _severity(text: str) -> Severity:
    return "blocker" if _PUBLISHES.search(text) else "info"


def _broken(facts: Facts, path: str, problem: BrokenFile) -> Finding:
    source = Source(path, (facts.files.read(path) or b"").decode("utf-8", "replace"))
    start = _index(source, problem.line, problem.column)
    return Finding(
        rule=RULE.code,
        severity=_severity(source.text),
        message=f"GitHub cannot read this file: {problem.why}",
        span=Span(path, start, _line_end(source.text, start)),
        help=problem.next_step or RULE.help,
    )


def _index(source: Source, line: int, column: int) -> int:
    start = 0
    for _ in range(line - 1):
        start = source.text.find("\n", start) + 1
    return min(start + max(column - 1, 0), len(source.text))


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return max(start, start + len(text[start : len(text) if end < 0 else end].rstrip()))


def _refused(workflow: Workflow, problem: Problem, *, publishes: bool) -> Finding:
    text = workflow.source.text
    return Finding(
        rule=RULE.code,
        severity="blocker" if publishes else _severity(text),
        message=f"GitHub refuses this file: {problem.why}",
        span=Span(workflow.path, problem.start, _line_end(text, problem.start)),
        help=RULE.help,
    )
