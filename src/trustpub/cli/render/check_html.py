"""A check's report as one page that stands alone."""

from __future__ import annotations

import re
from html import escape as escaped
from typing import TYPE_CHECKING

from trustpub.cli.render.check_text import fix_command, next_step, not_told, origin, standing
from trustpub.cli.render.frames import calm, cut, shortened
from trustpub.cli.render.page import page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.usecases.report import Excerpt, Report, Reported

_STYLE = """
article{border:1px solid var(--line);border-left:.3rem solid var(--never);border-radius:.3rem}
article{padding:.7rem 1rem .9rem;margin:1rem 0}
article.blocker,article.high{border-left-color:var(--no)}article.medium{border-left-color:var(--warn)}
article h3{margin:0 0 .4rem}article p{margin:.5rem 0}article p:last-child{margin-bottom:0}
.severity{font-weight:600;color:var(--never)}
.blocker .severity,.high .severity{color:var(--no)}.medium .severity{color:var(--warn)}
.place{font-family:ui-monospace,monospace;font-size:.85rem;margin:.7rem 0 .2rem!important;overflow-wrap:anywhere}
pre{margin:.2rem 0 .6rem;line-height:1.6}.number{color:var(--soft);user-select:none;-webkit-user-select:none}
mark{color:inherit;background:var(--mark);border-bottom:.14em solid var(--no);padding-bottom:.1em}
mark.point{border-bottom:0;border-left:.15em solid var(--no)}
.related mark{background:none;border-color:var(--link)}
tbody th,td.proven,td.stated,td.missing,td.unknown{white-space:nowrap}
.proven,.stated{color:var(--yes)}.missing{color:var(--no)}.unknown{color:var(--warn)}
li{margin:.3rem 0}p code,li code,td code{background:var(--panel);padding:.05em .2em;border-radius:.2em}
"""
MOST_OPEN = 2
"""How many related places of a finding are shown without being asked for."""
_FIELDS = (
    ("where", "Index"), ("project", "Project"), ("repository_owner", "Owner"), ("repository_name", "Repository name"),
    ("workflow_filename", "Workflow name"), ("environment", "Environment name"),
)  # fmt: skip


def render_html(report: Report) -> str:
    """Write the page."""
    name = report.repository or "this repository"
    grave = any(finding.severity in ("blocker", "high") for finding in report.findings)
    parts = [
        f"<h1>Check of {escape(name)}</h1>",
        f'<p class="verdict {"no" if grave else "never"}">{_words(" ".join(standing(report)))}</p>',
        f"<p><b>Next</b>: {_words(next_step(report))}</p>",
        _acceptance(report),
        "<h2>Findings</h2>" if report.findings else "",
        *(_finding(finding) for finding in report.findings),
        _publishers(report),
        _list("Who can publish", report.powers),
        _list("Not read", [f"`{each.path}`: {each.why}" for each in report.not_read]),
        _list("Not told", not_told(report)),
        _list("Not reached", list(report.unreachable)),
        _list("Suppressed", _suppressed(report)),
    ]
    return page(f"Check of {calm(name)}", "".join(parts), _STYLE)


def escape(text: str) -> str:
    """Make a stranger's text stand in a page as it is, without anything that is not drawn."""
    return escaped(calm(text))


def _acceptance(report: Report) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(row.criterion)}</th><td class="{escape(row.state)}">{escape(row.state)}</td>'
        f"<td>{_words(row.evidence)}</td></tr>"
        for row in report.acceptance
    )
    return f"<h2>Acceptance</h2>{_table(('Row', 'State', 'Evidence'), rows)}"


def _finding(finding: Reported) -> str:
    related = "".join(
        f'<div class="related"><p>{_words(hint.message)}:</p>{_frame(hint.place)}</div>' for hint in finding.related
    )
    if len(finding.related) > MOST_OPEN:
        related = f"<details><summary>{len(finding.related)} further places</summary>{related}</details>"
    fix = ""
    if finding.fix is not None:
        fix = f"<p><b>Fix</b>: {_words(finding.fix.title)} (<code>{escape(fix_command(finding.fix))}</code>)</p>"
    severity = escape(finding.severity)
    head = f'<span class="severity">{severity}</span> {escape(f"{finding.rule} {finding.name}")}'
    return (
        f'<article class="{severity}"><h3>{head}</h3><p>{_words(finding.message)}</p>{_frame(finding.place)}'
        f"{related}<p><b>What to do</b>: {_words(finding.help)}</p>{fix}</article>"
    )


def _frame(place: Excerpt) -> str:
    """Show a place with its lines, the value underlined."""
    place = shortened(place)
    where = f'<p class="place">{escape(f"{place.path}:{place.line}:{place.column}")}</p>'
    if not place.lines:
        return where
    return f'{where}<pre tabindex="0">{chr(10).join(_lines(place))}</pre>'


def _lines(place: Excerpt) -> Iterator[str]:
    last = place.line + len(place.lines) - 1
    for number, line in enumerate(place.lines, place.line):
        indent = len(line) - len(line.lstrip())
        start = place.column if number == place.line else indent + 1
        end = place.end_column if number == place.end_line else len(line) + 1
        empty = number == place.end_line == place.line and place.column == place.end_column
        text, start, end = cut(line, start, end)
        marked = '<mark class="point"></mark>' if empty else f"<mark>{escape(text[start - 1 : end - 1])}</mark>"
        rest = text[start - 1 :] if empty else text[end - 1 :]
        yield f'<span class="number">{number:>{len(str(last))}}  </span>{escape(text[: start - 1])}{marked}{escape(rest)}'
    if last < place.end_line:
        yield f'<span class="number">{"..." if len(str(last)) > 2 else ".."}</span>'


def _publishers(report: Report) -> str:
    if not report.publishers:
        return ""
    rows = ""
    for form in report.publishers:
        values = {"where": form.where, "project": form.project, **dict(form.fields)}
        rows += "<tr>" + "".join(f"<td>{escape(values.get(name, '') or '')}</td>" for name, _ in _FIELDS) + "</tr>"
    how = _words(origin(report))
    return f"<h2>Publishers</h2><p>These are {how}.</p>{_table(tuple(label for _, label in _FIELDS), rows)}"


def _suppressed(report: Report) -> list[str]:
    return [
        f"{each.finding.rule} {each.finding.name} at `{each.finding.place.path}:{each.finding.place.line}`: {each.reason}"
        for each in report.suppressed
    ]


def _table(heads: tuple[str, ...], rows: str) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _list(title: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li>{_words(line)}</li>" for line in lines)
    return f"<h2>{escape(title)}</h2><ul>{items}</ul>" if items else ""


def _words(text: str) -> str:
    """Escape a sentence, and set what stands between backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))
