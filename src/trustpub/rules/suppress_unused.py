"""A comment that asks `check` to be silent where it has nothing to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Edit, Finding, Fix, Rule, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.comments import Ignore, Word
    from trustpub.workflows.source import Source

RULE = Rule(
    code="S01",
    name="ignore-unused",
    severity="low",
    title="A comment suppresses nothing",
    why=(
        "What the comment speaks of is gone. If it stays, it hides the same finding the day it comes back, with a reason that "
        "was written for something else."
    ),
    source="trustpub: suppression",
    help="Remove the comment, or the code in it that is not needed any more; `--fix` does it.",
)


def check(facts: Facts) -> Iterator[Finding]:  # noqa: ARG001 - as every rule's
    """Yield nothing: what is unused is known only when every rule has spoken, see `unused`."""
    yield from ()


def unused(source: Source, ignore: Ignore, code: Word) -> Finding:
    """Say that one code of a comment suppresses nothing, and take it out."""
    only = len(ignore.codes) == 1
    edit = _without_comment(source, ignore) if only else _without_code(ignore, code)
    title = "remove the comment" if only else f"remove `{code.text}` from the comment"
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"the comment suppresses nothing: `{code.text}` has no finding in line {ignore.line}",
        span=Span(ignore.path, code.start, code.end),
        help="Remove the comment." if only else f"Remove `{code.text}` from the comment.",
        fix=Fix(title, (edit,), safe=ignore.inside is None),
    )


def _without_comment(source: Source, ignore: Ignore) -> Edit:
    """Take a comment out: its whole line when it stands alone, else with the space before it."""
    text = source.text
    start, end = ignore.start, ignore.end
    if ignore.alone and not text[end : _line_end(text, end)].strip():
        return Edit(ignore.path, text.rfind("\n", 0, start) + 1, _line_end(text, end), "")
    while start and text[start - 1] in " \t":
        start -= 1
    return Edit(ignore.path, start, end, "")


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    return end + 1 if end >= 0 else len(text)


def _without_code(ignore: Ignore, code: Word) -> Edit:
    """Take one of several codes out, with the comma at its side."""
    position = ignore.codes.index(code)
    if position:
        return Edit(ignore.path, ignore.codes[position - 1].end, code.end, "")
    return Edit(ignore.path, code.start, ignore.codes[1].start, "")
