"""The causes of a failed release for people."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trustpub.domain.failures import Evidence, Found

WIDTH = 100
_COLOURS = {"certain": "red", "likely": "yellow", "possible": None}


def render_text(causes: Sequence[Found], paint: Callable[[str, str | None], str] = lambda text, _: text) -> str:
    """Draw the causes, most likely first. Without any it says so, and what a person can do."""
    if not causes:
        return (
            "Nothing in this log is a failure of publishing that trustpub knows.\n"
            "Give it the whole log of the failed job, or the run itself with `--run`; `trustpub check` looks at the workflow.\n"
        )
    return "\n".join(_cause(cause, paint) for cause in causes)


def _cause(cause: Found, paint: Callable[[str, str | None], str]) -> str:
    heading = f"{paint(cause.code, _COLOURS[cause.confidence])} ({cause.confidence})"
    lines = _wrapped("", cause.title)
    if cause.field:
        values = (
            f": the publisher has {_value(cause.expected)}, the token {_value(cause.got)}" if cause.expected or cause.got else ""
        )
        lines += _wrapped("field  ", cause.field + values)
    for each in cause.evidence:
        lines.append(f"  {_place(each)}{each.text}")
    lines += _wrapped("fix    ", cause.fix)
    return "\n".join([heading, *map(_printable, lines)]) + "\n"


def _value(value: str) -> str:
    return f"`{value}`" if value else "none"


def _wrapped(label: str, text: str) -> list[str]:
    indent = " " * (2 + len(label))
    return textwrap.wrap(
        text, WIDTH, initial_indent=f"  {label}", subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


def _place(evidence: Evidence) -> str:
    job = f"{evidence.job}, " if evidence.job else ""
    return f"{job}line {evidence.line}: " if evidence.line else f"{job or 'beside the log, '}"[:-2] + ": "


def _printable(line: str) -> str:
    """Blank what has no shape: neither a log nor the name of a job may drive a terminal."""
    return "".join(char if char.isprintable() else " " for char in line)
