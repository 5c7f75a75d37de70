"""A comment that asks `check` to be silent and does not say why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.comments import Ignore

RULE = Rule(
    code="S02",
    name="ignore-without-reason",
    severity="low",
    title="A comment suppresses a finding without a reason",
    why=(
        "Whoever reads the file next cannot tell a decision from a shortcut, so a comment without a reason suppresses "
        "nothing: the finding is still reported."
    ),
    source="trustpub: suppression",
    help="Write the reason behind the code: `# trustpub: ignore[CODE] why`.",
)


def check(facts: Facts) -> Iterator[Finding]:  # noqa: ARG001 - as every rule's
    """Yield nothing: whether a comment would suppress something is known only when every rule has spoken, see `unexplained`."""
    yield from ()


def unexplained(ignore: Ignore) -> Finding:
    """Say that a comment lacks its reason."""
    codes = ", ".join(code.text for code in ignore.codes)
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"the comment gives no reason, so it does not suppress `{codes}`",
        span=Span(ignore.path, ignore.start, ignore.end),
        help=f"Write the reason behind it: `# trustpub: ignore[{codes}] why`.",
    )
