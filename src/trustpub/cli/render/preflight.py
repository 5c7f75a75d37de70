"""A preflight for a person, as JSON, as GitHub's annotations, and as the table of a job's summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.check_github import cell, words
from trustpub.cli.render.frames import calm
from trustpub.cli.render.json import to_json
from trustpub.cli.render.text import labelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.usecases.beside_records import Row
    from trustpub.usecases.preflight import Leg, Preflight

KINDS = {"accepted": "notice", "refused": "error", "unknown": "warning"}
NOTHING = "(none)"


def render_text(done: Preflight) -> str:
    """Write the legs with their fields side by side, ending with a line feed."""
    return "\n".join(_lines(done)) + "\n"


def _lines(done: Preflight) -> Iterator[str]:
    yield "This job: " + ", ".join(f"{name} {calm(value)}" for name, value in done.job.items())
    for leg in done.legs:
        yield ""
        yield f"{leg.index}: {leg.verdict}{_evidence(leg)}"
        yield from labelled("", f"  {headline(leg)}", 2)
        yield from _table(leg)
        for note in leg.notes:
            yield from labelled("  Note:", calm(note), 8)
        if leg.next_step:
            yield from labelled("  Next:", calm(leg.next_step), 8)


def headline(leg: Leg) -> str:
    """Say in one line what came out and for which projects."""
    about = f" (for {', '.join(f'`{project}`' for project in leg.projects)})" if leg.projects else ""
    code = f"{leg.code}: " if leg.code else ""
    return calm(f"{code}{leg.reason}{about}.")


def _evidence(leg: Leg) -> str:
    return "" if leg.evidence == "none" or leg.verdict == "unknown" else f" ({leg.evidence})"


def _table(leg: Leg) -> Iterator[str]:
    if not leg.rows:
        return
    rows = [("field", "this job presents", "the record says", ""), *(_cells(row) for row in leg.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "    " + "  ".join((*(f"{calm(text):<{width}}" for text, width in zip(row, widths, strict=False)), row[3])).rstrip()


def _cells(row: Row) -> tuple[str, str, str, str]:
    expected = "(not known)" if row.expected is None else row.expected or "(anything)"
    return row.field, row.got or NOTHING, expected, "" if row.same is None else "same" if row.same else "DIFFERS"


def render_json(done: Preflight) -> str:
    """Write the same as JSON: `job`, and `legs` with their claims."""
    return to_json({"ok": done.ok, "job": dict(done.job), "legs": [_leg_json(leg) for leg in done.legs]})


def _leg_json(leg: Leg) -> dict[str, object]:
    return {
        "index": leg.index,
        "projects": list(leg.projects),
        "verdict": leg.verdict,
        "evidence": leg.evidence,
        "code": leg.code,
        "reason": leg.reason,
        "claims": [{"field": row.field, "expected": row.expected, "got": row.got, "same": row.same} for row in leg.rows],
        "next": leg.next_step,
        "notes": list(leg.notes),
    }


def render_github(done: Preflight) -> str:
    """Write one annotation a leg, each harmless in a log."""
    lines = [f"::{KINDS[leg.verdict]} title=trustpub preflight::{words(_sentence(leg))}" for leg in done.legs]
    return "\n".join(lines) + "\n"


def _sentence(leg: Leg) -> str:
    return f"{leg.index}: {leg.verdict}. {headline(leg)} {leg.next_step}".strip()


def render_summary(done: Preflight) -> str:
    """Write the job's summary in Markdown: a table a leg."""
    return "\n".join(_summary(done)) + "\n"


def _summary(done: Preflight) -> Iterator[str]:
    yield "## trustpub preflight"
    for leg in done.legs:
        yield from ("", f"### {cell(leg.index)}: {leg.verdict}{_evidence(leg)}", "", cell(headline(leg)), "")
        if leg.rows:
            yield from ("| Field | This job presents | The record says | |", "| --- | --- | --- | --- |")
            yield from (f"| {' | '.join(cell(text) for text in _cells(row))} |" for row in leg.rows)
        yield from (f"\n{cell(note)}" for note in leg.notes)
        if leg.next_step:
            yield from ("", f"Next: {cell(leg.next_step)}")
