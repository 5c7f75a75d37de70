"""A check's report for a person: findings with their lines, then what is known of the four rows, then what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.frames import calm, frame, shortened
from trustpub.cli.render.text import WIDTH, labelled, wrapped
from trustpub.domain.untold import lacked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustpub.usecases.report import Form, Repair, Report, Reported

    Style = Callable[[str, str], str]

COLOURS: dict[str, str] = {"blocker": "red", "high": "red", "medium": "yellow", "low": "cyan", "info": "blue"}
STATES: dict[str, str] = {"proven": "green", "stated": "cyan", "missing": "red", "unknown": "yellow"}
MOST_RELATED = 3
"""How many related places of a finding are drawn; of the others only the line is said."""
_FIELDS = ("workflow_filename", "workflow_filepath", "environment")


def render_text(report: Report, style: Style = lambda text, _: text, path: str = ".") -> str:
    """Write the report, ending with a line feed. `style` may colour a word by a colour's name; `path` is what was checked."""
    return "\n".join(_lines(report, style, path)) + "\n"


def _lines(report: Report, style: Style, path: str) -> Iterator[str]:
    for finding in report.findings:
        yield from _finding(finding, style, path)
        yield ""
    yield from _publishers(report)
    yield from _block("Who can publish", report.powers)
    yield from _block("Not read", [f"`{each.path}`: {each.why}" for each in report.not_read])
    yield from _block("Not told", not_told(report))
    yield from _block("Not reached", report.unreachable)
    yield "Acceptance"
    for row in report.acceptance:
        words = labelled(f"  {row.criterion:<12} {row.state:<8}", calm(row.evidence), 24)
        yield from _coloured_first(words, row.state, style)
    yield ""
    yield from labelled("", " ".join(standing(report)), 0)
    yield from labelled("Next:", next_step(report, path), 6)


def _finding(finding: Reported, style: Style, path: str) -> Iterator[str]:
    colour = COLOURS[finding.severity]
    head = calm(f"{finding.severity} {finding.rule} {finding.name}: ")
    for number, line in enumerate(wrapped(head + calm(finding.message), WIDTH)):
        yield style(head.rstrip(), colour) + line.removeprefix(head.rstrip()) if number == 0 else f"  {line}"
    drawn, others = finding.related[:MOST_RELATED], finding.related[MOST_RELATED:]
    places = [shortened(place) for place in (finding.place, *(hint.place for hint in drawn))]
    gutter = max(len(str(place.line + max(len(place.lines) - 1, 0))) for place in places)
    yield from frame(finding.place, style=lambda text: style(text, colour), gutter=gutter)
    for hint in drawn:
        yield from frame(hint.place, hint.message, style=lambda text: style(text, "blue"), gutter=gutter)
    if others:
        lines: dict[str, list[str]] = {}
        for hint in others:
            lines.setdefault(hint.place.path, []).append(str(hint.place.line))
        also = "; ".join(f"{calm(path)}:{', '.join(dict.fromkeys(numbers))}" for path, numbers in lines.items())
        yield from labelled(f"{' ' * gutter} = also:", also, gutter + 9)
    yield from labelled(f"{' ' * gutter} = help:", calm(finding.help), gutter + 9)
    if finding.fix is not None:
        yield from labelled(f"{' ' * gutter} = fix:", f"{calm(finding.fix.title)} ({fix_command(finding.fix, path)})", gutter + 8)


def fix_command(fix: Repair, path: str = ".") -> str:
    """Say how a fix is made."""
    return command("check --fix" if fix.safe else "check --fix --unsafe-fixes", path)


def command(words: str, path: str = ".") -> str:
    """Write a command with the path that was checked, where that is not the current folder."""
    if path in ("", "."):
        return f"trustpub {words}"
    from shlex import quote  # only where there is something to quote

    return f"trustpub {words} {calm(quote(path))}"


def _publishers(report: Report) -> Iterator[str]:
    if not report.publishers:
        return
    yield f"Publishers ({origin(report)})"
    for form in report.publishers:
        yield from labelled(f"  {calm(form.where) or 'an index that cannot be told'} ", calm(_form(form)), 12)
    yield ""


def origin(report: Report) -> str:
    """Say where the publishers of a report come from."""
    if any(form.declared for form in report.publishers):
        return "declared in `trustpub.toml`"
    return "inferred from the workflows; nobody declared them"


def _form(form: Form) -> str:
    fields = dict(form.fields)
    owner = "/".join(filter(None, (fields.get("repository_owner"), fields.get("repository_name")))) or "an unknown repository"
    rest = [fields[name] for name in _FIELDS[:2] if fields.get(name)]
    environment = f"environment {fields['environment']}" if fields.get("environment") else "no environment"
    return f"{form.project or 'a project that the files do not name'}: {', '.join([owner, *rest, environment])}"


def _block(title: str, lines: tuple[str, ...] | list[str]) -> Iterator[str]:
    if not lines:
        return
    yield title
    for line in lines:
        yield from labelled("  -", calm(line), 4)
    yield ""


def not_told(report: Report) -> list[str]:
    """Say what the parties did not tell, what stayed untold for one reason in one line."""
    reasons: dict[tuple[str, str], dict[str, None]] = {}
    for each in report.unknown:
        reasons.setdefault((each.why, each.permission), {})[each.about] = None
    return [
        f"{', '.join(abouts)}: {why}{f'; it takes {lacked(permission)}' if permission else ''}"
        for (why, permission), abouts in reasons.items()
    ]


def _coloured_first(lines: Iterator[str], state: str, style: Style) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield line.replace(state, style(state, STATES[state]), 1) if number == 0 else line


def standing(report: Report) -> Iterator[str]:
    """Say how it stands: what was found where, and what stays unknown. A repository in which nothing uploads gets no verdict."""
    files = _count(report.files, "workflow file")
    where = f"{files} with {_count(report.uploads, 'upload')}"
    if report.findings:
        yield f"{_count(len(report.findings), 'finding')} ({_severities(report)}) in {where}."
    elif report.uploads:
        yield f"No finding in {where}."
    elif report.powers:
        yield f"No finding in {files}, and no upload of their own: what they call uploads, and was not read."
    else:
        yield f"Nothing to judge: no upload was found in {files}."
    if report.suppressed:
        yield f"{len(report.suppressed)} suppressed."
    unknown = [row.criterion for row in report.acceptance if row.state == "unknown"]
    if unknown and (report.uploads or report.powers):
        yield f"Not known{'' if report.asked else ' without asking'}: {', '.join(unknown)}."


def _severities(report: Report) -> str:
    found = [finding.severity for finding in report.findings]
    counts = {each: found.count(each) for each in dict.fromkeys(found)}
    if len(counts) == 1:
        return f"all {found[0]}" if len(found) > 1 else found[0]
    return ", ".join(f"{count} {each}" for each, count in counts.items())


def next_step(report: Report, path: str = ".") -> str:
    """Say what to do next, with the words to type."""
    if report.findings:
        fixes = [finding.fix for finding in report.findings if finding.fix is not None]
        safe = [fix for fix in fixes if fix.safe]
        many = f"{len(safe or fixes)} of {len(report.findings)}" if len(report.findings) > 1 else "it"
        repairs = f"`{fix_command((safe or fixes)[0], path)}` repairs {many}" if fixes else ""
        if report.findings[0].fix in (safe or fixes):
            return f"{repairs}; with `--diff` it only shows how."
        what = "the first one" if len(report.findings) > 1 else "it"
        return f"`trustpub rules {report.findings[0].rule}` explains {what}{'; ' if repairs else ''}{repairs}."
    if report.uploads and report.publishers:
        return f"`{command('rehearse', path)}` makes a whole release on this machine, with the real clients."
    if report.uploads:
        return f"`{command('predict', path)}` says what each upload presents to the index."
    if report.powers:
        return f"`{command('predict', path)}` says when the called workflows run."
    if report.not_read:
        return 'look at the files under "Not read": what publishes may be there.'
    elsewhere = "whatever is published from elsewhere was not judged"
    return f"{elsewhere}; to publish from here, `{command('setup', path)}` writes the workflow."


def sentence(finding: Reported) -> str:
    """Say a finding and what to do about it as running text."""
    return f"{finding.message.rstrip('.')}. {finding.help}"


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
