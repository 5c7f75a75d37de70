"""A check's report as one page that stands alone."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from trustpub.cli.render.check_text import closing
from trustpub.cli.render.frames import frame
from trustpub.cli.render.page import page

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.usecases.report import Excerpt, Report, Reported

_STYLE = """
article{border:1px solid var(--line);border-left:.3rem solid var(--never);border-radius:.3rem}
article{padding:.2rem 1rem .8rem;margin:1rem 0}
article.blocker,article.high{border-left-color:var(--no)}
.blocker h3,.high h3{color:var(--no)}
.proven,.stated{color:var(--yes)}.missing{color:var(--no)}.unknown{color:var(--never)}
"""
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
        f'<p class="verdict {"no" if grave else "never"}">{escape(" ".join(closing(report)))}</p>',
        _acceptance(report),
        "<h2>Findings</h2>" if report.findings else "",
        *(_finding(finding) for finding in report.findings),
        _publishers(report),
        _list("Who can publish", report.powers),
        _list("Not read", [f"`{each.path}`: {each.why}" for each in report.not_read]),
        _list("Suppressed", [f"{each.finding.rule} `{each.finding.place.path}`: {each.reason}" for each in report.suppressed]),
    ]
    return page(f"Check of {name}", "".join(parts), _STYLE)


def _acceptance(report: Report) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(row.criterion)}</th><td class="{row.state}">{row.state}</td>'
        f"<td>{_words(row.evidence)}</td></tr>"
        for row in report.acceptance
    )
    return f"<h2>Acceptance</h2>{_table(('Row', 'State', 'Evidence'), rows)}"


def _finding(finding: Reported) -> str:
    related = "".join(f"<p>{_words(hint.message)}</p>{_frame(hint.place)}" for hint in finding.related)
    fix = ""
    if finding.fix is not None:
        kind = "safe" if finding.fix.safe else "unsafe"
        fix = f"<p><b>Fix</b> ({kind}): {_words(finding.fix.title)}</p>"
    head = f"{finding.severity}: {finding.rule} {finding.name}"
    return (
        f'<article class="{finding.severity}"><h3>{escape(head)}</h3><p>{_words(finding.message)}</p>{_frame(finding.place)}'
        f"{related}<p><b>What to do</b>: {_words(finding.help)}</p>{fix}</article>"
    )


def _frame(place: Excerpt) -> str:
    return f'<pre tabindex="0">{escape(chr(10).join(frame(place)))}</pre>'


def _publishers(report: Report) -> str:
    if not report.publishers:
        return ""
    rows = ""
    for form in report.publishers:
        values = {"where": form.where, "project": form.project, **dict(form.fields)}
        rows += "<tr>" + "".join(f"<td>{escape(values.get(name, '') or '')}</td>" for name, _ in _FIELDS) + "</tr>"
    declared = any(form.declared for form in report.publishers)
    how = "Declared in trustpub.toml." if declared else "Inferred from the workflows: nobody declared them."
    return f"<h2>Publishers</h2><p>{how}</p>{_table(tuple(label for _, label in _FIELDS), rows)}"


def _table(heads: tuple[str, ...], rows: str) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    return f'<div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _list(title: str, lines: Iterable[str]) -> str:
    items = "".join(f"<li>{_words(line)}</li>" for line in lines)
    return f"<h2>{escape(title)}</h2><ul>{items}</ul>" if items else ""


def _words(text: str) -> str:
    """Escape a sentence, and set what stands between backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))
