"""What `check` reports: findings at places, with what to do about them.

A rule says once what it is (`Rule`); each time it speaks it gives a `Finding`. Places are spans in a file's text, in code points
after the byte order mark; whoever draws them turns them into lines and columns.
"""

from __future__ import annotations

from typing import Literal

from trustpub.record import NamedTuple

Severity = Literal["blocker", "high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("blocker", "high", "medium", "low", "info")
"""From what stops a release to what is merely good to know."""


def rank(severity: Severity) -> int:
    """Say how grave a severity is: 0 is the gravest."""
    return SEVERITIES.index(severity)


class Span(NamedTuple):
    """A piece of a file: its path below the root of the checkout, and the indexes of its first and after its last code point."""

    path: str
    start: int
    end: int


class Related(NamedTuple):
    """Another place that explains the finding, with a few words on what stands there."""

    span: Span
    message: str


class Edit(NamedTuple):
    """Replace the text between two indexes of a file; an insertion has `start == end`."""

    path: str
    start: int
    end: int
    text: str


class Fix(NamedTuple):
    """A change that makes the finding go away. A `safe` one cannot change what the workflow does apart from that."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool


class Finding(NamedTuple):
    """One thing that is wrong at one place. `message` is one sentence that names the value, `help` says what to do next."""

    rule: str
    severity: Severity
    message: str
    span: Span
    help: str
    related: tuple[Related, ...] = ()
    fix: Fix | None = None


class Rule(NamedTuple):
    """What a rule is. `severity` is the gravest that it gives, `why` what happens to whoever ignores it, `source` who says so."""

    code: str
    name: str
    severity: Severity
    title: str
    why: str
    source: str
    help: str
