"""A check's report as GitHub shows it: annotations at the lines, and a summary of the job.

GitHub draws at most ten annotations of a kind for a step, so the gravest come first and the summary holds them all.
Source: GitHub's "workflow commands for GitHub Actions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.usecases.report import Report, Reported

KINDS = {"blocker": "error", "high": "error", "medium": "warning", "low": "notice", "info": "notice"}
MOST = 10
"""How many annotations of one kind GitHub shows for a step."""


def render_github(report: Report) -> str:
    """Write the annotations, one a line, and a last line that counts; every line is harmless in a log."""
    shown: dict[str, int] = {}
    lines: list[str] = []
    for finding in report.findings:
        kind = KINDS[finding.severity]
        shown[kind] = shown.get(kind, 0) + 1
        if shown[kind] <= MOST:
            lines.append(annotation(finding))
    more = sum(max(count - MOST, 0) for count in shown.values())
    lines.append(f"trustpub: {len(report.findings)} findings" + (f", {more} of them only in the summary" if more else ""))
    return "\n".join(lines) + "\n"


def annotation(finding: Reported) -> str:
    """Write one finding as a workflow command."""
    place = finding.place
    where = {"file": place.path, "line": place.line, "endLine": place.end_line}
    if place.line == place.end_line:  # GitHub refuses columns for several lines
        where |= {"col": place.column, "endColumn": max(place.end_column - 1, place.column)}
    where["title"] = f"{finding.rule} {finding.name}"
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in where.items())
    return f"::{KINDS[finding.severity]} {properties}::{_words(f'{finding.message}. {finding.help}')}"


def _words(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _words(text).replace(":", "%3A").replace(",", "%2C")


def render_summary(report: Report) -> str:
    """Write the job's summary in Markdown."""
    return "\n".join(_summary(report)) + "\n"


def _summary(report: Report) -> Iterator[str]:
    yield "## trustpub check"
    yield ""
    if report.findings:
        yield from _table(("Severity", "Rule", "Where", "What", "What to do"), [_row(finding) for finding in report.findings])
    else:
        yield f"No finding in {report.files} workflow files with {report.uploads} uploads."
    yield ""
    yield "### Acceptance"
    yield ""
    yield from _table(("Row", "State", "Evidence"), [tuple(row) for row in report.acceptance])
    unread = tuple(f"{each.path}: {each.why}" for each in report.not_read)
    for title, lines in (("Who can publish", report.powers), ("Not read", unread)):
        if lines:
            yield from ("", f"### {title}", "", *(f"- {cell(line)}" for line in lines))


def _row(finding: Reported) -> tuple[str, ...]:
    where = f"{finding.place.path}:{finding.place.line}"
    return finding.severity, f"{finding.rule} {finding.name}", where, finding.message, finding.help


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell(each) for each in row)} |"


def cell(text: str) -> str:
    """Make a text stand in one cell: no markup of its own but code between backticks, no line feeds, no pipes."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(plain.split()).replace("\\", "\\\\").replace("|", "\\|").replace("[", "\\[").replace("]", "\\]")
