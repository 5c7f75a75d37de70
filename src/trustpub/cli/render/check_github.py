"""A check's report as GitHub shows it: annotations at the lines, and a summary of the job.

GitHub draws at most ten annotations of a kind for a step, so the gravest come first and the summary holds them all.
Source: GitHub's "workflow commands for GitHub Actions".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.check_text import next_step, not_told, origin, sentence, standing
from trustpub.cli.render.frames import calm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.usecases.report import Form, Report, Reported

KINDS = {"blocker": "error", "high": "error", "medium": "warning", "low": "notice", "info": "notice"}
MOST = 10
"""How many annotations of one kind GitHub shows for a step."""
MOST_ROWS = 500
"""How many findings the summary lists: GitHub refuses a summary of more than 1 MiB."""


def render_github(report: Report) -> str:
    """Write the annotations, one a line, and last how it stands; every line is harmless in a log."""
    shown: dict[str, int] = {}
    lines: list[str] = []
    for finding in report.findings:
        kind = KINDS[finding.severity]
        shown[kind] = shown.get(kind, 0) + 1
        if shown[kind] <= MOST:
            lines.append(annotation(finding))
    more = sum(max(count - MOST, 0) for count in shown.values())
    hidden = [f"{more} of them stand only in the summary."] if more else []
    lines.append(" ".join(("trustpub check:", *standing(report), *hidden)))
    lines.append(f"trustpub check: next: {next_step(report)}")
    return "\n".join(lines) + "\n"


def annotation(finding: Reported) -> str:
    """Write one finding as a workflow command."""
    place = finding.place
    where = {"file": place.path, "line": place.line, "endLine": place.end_line}
    if place.line == place.end_line:  # GitHub refuses columns for several lines
        where |= {"col": place.column, "endColumn": max(place.end_column - 1, place.column)}
    where["title"] = f"{finding.rule} {finding.name}"
    properties = ",".join(f"{name}={_property(str(value))}" for name, value in where.items())
    return f"::{KINDS[finding.severity]} {properties}::{words(sentence(finding))}"


def words(text: str) -> str:
    """Escape a message. Line feeds are GitHub's to draw; whatever else could drive a terminal is taken out."""
    lines = [calm(line) for line in text.replace("\r\n", "\n").split("\n")]
    return "%0A".join(line.replace("%", "%25") for line in lines)


def _property(text: str) -> str:
    return words(text).replace(":", "%3A").replace(",", "%2C")


def render_summary(report: Report) -> str:
    """Write the job's summary in Markdown."""
    return "\n".join(_summary(report)) + "\n"


def _summary(report: Report) -> Iterator[str]:
    yield from ("## trustpub check", "", cell(" ".join(standing(report))), "", f"Next: {cell(next_step(report))}", "")
    if report.findings:
        rows = [_row(finding) for finding in report.findings[:MOST_ROWS]]
        yield from _table(("Severity", "Rule", "Where", "What", "What to do"), rows)
        more = len(report.findings) - len(rows)
        yield from ("", f"{more} more are in the report.", "") if more else ("",)
    yield from ("### Acceptance", "")
    yield from _table(("Row", "State", "Evidence"), [tuple(row) for row in report.acceptance])
    if report.publishers:
        yield from ("", f"### Publishers, {cell(origin(report))}", "")
        yield from _table(_FORM, [_form(form) for form in report.publishers])
    unread = tuple(f"`{each.path}`: {each.why}" for each in report.not_read)
    untold = (("Not told", tuple(not_told(report))), ("Not reached", report.unreachable))
    for title, lines in (("Who can publish", report.powers), ("Not read", unread), *untold):
        if lines:
            yield from ("", f"### {title}", "", *(f"- {cell(line)}" for line in lines))


_FORM = ("Index", "Project", "Owner", "Repository name", "Workflow name", "Environment name")
_FIELDS = ("repository_owner", "repository_name", "workflow_filename", "environment")


def _form(form: Form) -> tuple[str, ...]:
    fields = dict(form.fields)
    return (form.where, form.project, *(fields.get(name, "") for name in _FIELDS))


def _row(finding: Reported) -> tuple[str, ...]:
    where = f"`{finding.place.path}:{finding.place.line}`"
    return finding.severity, f"{finding.rule} {finding.name}", where, finding.message, finding.help


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{' --- |' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell(each) for each in row)} |"


def cell(text: str) -> str:
    """Make a text stand in one cell or one item: what is between backticks becomes code, and no other markup gets through."""
    parts = calm(" ".join(text.split())).split("`")
    if len(parts) % 2 == 0:
        parts[-2:] = [f"{parts[-2]}`{parts[-1]}"]
    marked = (_plain(part) if number % 2 == 0 else f"<code>{_plain(part)}</code>" for number, part in enumerate(parts))
    return "".join(marked)


def _plain(text: str) -> str:
    """Write every sign that could be markup, a mention, an address or an emoji's name as a number."""
    import re

    return re.sub(r":(?! |$)|[^\w .,;:()'/-]|_", lambda sign: f"&#{ord(sign[0])};", text)
