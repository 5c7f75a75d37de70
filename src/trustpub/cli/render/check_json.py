"""A check's report as the JSON that others rely on (see the contracts in the reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.json import to_json

if TYPE_CHECKING:
    from trustpub.usecases.report import Excerpt, Repair, Report, Reported


def render_json(report: Report) -> str:
    """Write the report, ending with a line feed."""
    return to_json(
        {
            "findings": [finding_json(finding) for finding in report.findings],
            "acceptance": [row._asdict() for row in report.acceptance],
            "suppressed": [
                {**finding_json(each.finding), "reason": each.reason, "suppressed_by": each.by} for each in report.suppressed
            ],
            "publishers": [
                {"index": form.where, "project": form.project, "declared": form.declared, **dict(form.fields)}
                for form in report.publishers
            ],
            "powers": list(report.powers),
            "not_read": [each._asdict() for each in report.not_read],
            "asked": report.asked,
            "unknown": [each._asdict() for each in report.unknown],
            "unreachable": list(report.unreachable),
            "files": report.files,
            "uploads": report.uploads,
        }
    )


def finding_json(finding: Reported) -> dict[str, object]:
    """Write one finding with the contract's keys, and ours behind them."""
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        **place_json(finding.place),
        "help": finding.help,
        **({"fix": _fix(finding.fix)} if finding.fix is not None else {}),
        "name": finding.name,
        "fingerprint": finding.fingerprint,
        "related": [{"message": hint.message, **place_json(hint.place)} for hint in finding.related],
    }


def place_json(place: Excerpt) -> dict[str, object]:
    """Write where something stands: lines and columns count from 1, columns in code points, the end is behind the last one."""
    return {
        "file": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
    }


def _fix(fix: Repair) -> dict[str, object]:
    edits = [{**place_json(change.place), "text": change.text} for change in fix.changes]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}
