"""A comment that asks `check` to be silent about a rule that there is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.comments import Ignore, Word

RULE = Rule(
    code="S03",
    name="ignore-unknown",
    severity="low",
    title="A comment names a rule that does not exist",
    why="A misspelt code suppresses nothing, and nobody notices until the finding stops a release.",
    source="trustpub: suppression",
    help="Write the code of a rule, as `trustpub rules` lists them: `# trustpub: ignore[CODE] why`.",
)


def check(facts: Facts) -> Iterator[Finding]:  # noqa: ARG001 - as every rule's
    """Yield nothing: comments are read when every rule has spoken, see `unknown`."""
    yield from ()


def unknown(ignore: Ignore, code: Word | None, nearest: str) -> Finding:
    """Say that a code is unknown, and name the nearest; without any code, that one is missing."""
    if code is None:
        message = "the comment names no rule, so it suppresses nothing"
        span = Span(ignore.path, ignore.start, ignore.end)
    else:
        message = f"no rule has the code: `{code.text}`"
        span = Span(ignore.path, code.start, code.end)
    step = "Write the code of a rule in brackets, as `trustpub rules` lists them."
    if nearest:
        step = f"Write `{nearest}`, if that is the rule that is meant; `trustpub rules` lists them all."
    return Finding(rule=RULE.code, severity=RULE.severity, message=message, span=span, help=step)
