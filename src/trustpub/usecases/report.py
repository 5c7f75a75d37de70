"""What `check` found, as plain values: findings with their lines, ready to be drawn, stored and compared.

Nothing here needs a parsed file any more, so a report that was stored can be drawn as if it had just been made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from trustpub.domain.findings import Severity

MOST_LINES = 6
"""How many lines of a place are kept for drawing."""

State = Literal["proven", "stated", "missing", "unknown"]


class Excerpt(NamedTuple):
    """A place in a file: line and column from 1, in code points, the end after the last one; `lines` is the text from `line` on.

    At most `MOST_LINES` lines are kept, with everything taken out that could drive a terminal. `start` and `end` are the indexes
    in the file's text.
    """

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    lines: tuple[str, ...]
    start: int
    end: int


class Hint(NamedTuple):
    """Another place that explains a finding."""

    place: Excerpt
    message: str


class Change(NamedTuple):
    """One replacement of a fix: where, and the new text. An insertion has an empty place."""

    place: Excerpt
    text: str


class Repair(NamedTuple):
    """A fix that can be made by `--fix`; unsafe ones only when they are asked for."""

    title: str
    safe: bool
    changes: tuple[Change, ...]


class Reported(NamedTuple):
    """One finding. `fingerprint` stays the same when lines are added elsewhere in the file."""

    rule: str
    name: str
    severity: Severity
    message: str
    place: Excerpt
    help: str
    fingerprint: str
    related: tuple[Hint, ...] = ()
    fix: Repair | None = None


class Suppressed(NamedTuple):
    """A finding that somebody decided to live with, and why; `by` is the comment's place or the baseline's path."""

    finding: Reported
    reason: str
    by: str


class Criterion(NamedTuple):
    """One row of acceptance: "account", "project", "publisher" or "environment", its state, and what that rests on."""

    criterion: str
    state: State
    evidence: str


class NotRead(NamedTuple):
    """A file that may publish and was not read, with why."""

    path: str
    why: str


class NotKnown(NamedTuple):
    """Something that a party did not tell: what, why, and the permission that would answer (empty: it is not that)."""

    about: str
    why: str
    permission: str


class Form(NamedTuple):
    """A publisher to register, or registered. `where` names the index, `fields` go by PyPI's row names."""

    where: str
    project: str
    fields: tuple[tuple[str, str], ...]
    declared: bool


class Report(NamedTuple):
    """Everything that one `check` says. `powers` are sentences on who can publish; `uploads` counts the steps that upload.

    `asked` says whether GitHub and the indexes were asked; `unreachable` are sentences on those of them that did not answer.
    """

    repository: str
    findings: tuple[Reported, ...]
    suppressed: tuple[Suppressed, ...]
    acceptance: tuple[Criterion, ...]
    publishers: tuple[Form, ...]
    powers: tuple[str, ...]
    not_read: tuple[NotRead, ...]
    files: int
    uploads: int
    asked: bool = False
    unknown: tuple[NotKnown, ...] = ()
    unreachable: tuple[str, ...] = ()
