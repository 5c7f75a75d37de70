"""A check's report for a person: findings with their lines, then what is known of the four rows, then what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.frames import frame
from trustpub.cli.render.text import labelled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustpub.usecases.report import Form, Report, Reported

    Style = Callable[[str, str], str]

COLOURS = {"blocker": "red", "high": "red", "medium": "yellow", "low": "cyan", "info": "blue"}
STATES = {"proven": "green", "stated": "cyan", "missing": "red", "unknown": "yellow"}
_FIELDS = ("workflow_filename", "workflow_filepath", "environment")


def render_text(report: Report, style: Style = lambda text, _: text) -> str:
    """Write the report, ending with a line feed. `style` may colour a word by a colour's name."""
    return "\n".join(_lines(report, style)) + "\n"


def _lines(report: Report, style: Style) -> Iterator[str]:
    for finding in report.findings:
        yield from _finding(finding, style)
        yield ""
    yield from _publishers(report)
    yield from _block("Who can publish", report.powers)
    yield from _block("Not read", [f"`{each.path}`: {each.why}" for each in report.not_read])
    yield "Acceptance"
    for row in report.acceptance:
        yield from _coloured_first(labelled(f"  {row.criterion:<12} {row.state:<8}", row.evidence, 24), row.state, style)
    yield ""
    yield from labelled("", " ".join(closing(report)), 0)


def _finding(finding: Reported, style: Style) -> Iterator[str]:
    colour = COLOURS[finding.severity]
    head = f"{finding.severity} {finding.rule} {finding.name}: "
    for number, line in enumerate(labelled("", head + finding.message, 0)):
        yield style(head.rstrip(), colour) + line.removeprefix(head.rstrip()) if number == 0 else f"  {line}"
    places = [finding.place, *(hint.place for hint in finding.related)]
    gutter = max(len(str(place.line + len(place.lines))) for place in places)
    yield from frame(finding.place, style=lambda text: style(text, colour), gutter=gutter)
    for hint in finding.related:
        yield from frame(hint.place, hint.message, style=lambda text: style(text, "blue"), gutter=gutter)
    yield from labelled(f"{' ' * gutter} = help:", finding.help, gutter + 9)
    if finding.fix is not None:
        how = "--fix" if finding.fix.safe else "--fix --unsafe-fixes"
        yield from labelled(f"{' ' * gutter} = fix:", f"{finding.fix.title} (trustpub check {how})", gutter + 9)


def _publishers(report: Report) -> Iterator[str]:
    if not report.publishers:
        return
    declared = any(form.declared for form in report.publishers)
    how = "declared in `trustpub.toml`" if declared else "inferred from the workflows; nobody declared them"
    yield f"Publishers ({how})"
    for form in report.publishers:
        yield from labelled(f"  {form.where or 'an index that cannot be told'}", _form(form), 12)
    yield ""


def _form(form: Form) -> str:
    fields = dict(form.fields)
    owner = "/".join(filter(None, (fields.get("repository_owner"), fields.get("repository_name")))) or "an unknown repository"
    rest = [fields[name] for name in _FIELDS[:2] if fields.get(name)]
    environment = f"environment {fields['environment']}" if fields.get("environment") else "no environment"
    return f"{form.project or 'a project whose name only a build can tell'}: {', '.join([owner, *rest, environment])}"


def _block(title: str, lines: tuple[str, ...] | list[str]) -> Iterator[str]:
    if not lines:
        return
    yield title
    for line in lines:
        yield from labelled("  ", line, 2)
    yield ""


def _coloured_first(lines: Iterator[str], state: str, style: Style) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield line.replace(state, style(state, STATES[state]), 1) if number == 0 else line


def closing(report: Report) -> Iterator[str]:
    """Say how it stands, and what to do next. Nothing found is said together with what was looked at, and what is not known."""
    yield f"{_found(report)}."
    if report.suppressed:
        yield f"{len(report.suppressed)} suppressed."
    unknown = [row.criterion for row in report.acceptance if row.state == "unknown"]
    if not report.uploads:
        yield "Nothing here publishes in a way that could be read."
    elif unknown:
        yield f"Not known without asking: {', '.join(unknown)}."
    fixes = [finding.fix for finding in report.findings if finding.fix is not None]
    if fixes:
        how = "--fix" if any(fix.safe for fix in fixes) else "--fix --unsafe-fixes"
        yield f"Next: trustpub check {how} repairs {sum(fix.safe for fix in fixes) or len(fixes)} of them (--diff shows how)."
    elif report.findings:
        yield f"Next: trustpub rules {report.findings[0].rule} explains the first one."
    elif report.uploads:
        yield "Next: trustpub rehearse proves the rest of it on this machine."


def _found(report: Report) -> str:
    where = f"{_count(report.files, 'workflow file')} with {_count(report.uploads, 'upload')}"
    if not report.findings:
        return f"No finding in {where}"
    severities = [finding.severity for finding in report.findings]
    return f"{', '.join(f'{severities.count(each)} {each}' for each in dict.fromkeys(severities))} in {where}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
