"""A check's report as the JSON that others rely on (see the contracts in the reference)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.json import to_json

if TYPE_CHECKING:
    from trustpub.usecases.report import Report, Reported


def render_json(report: Report) -> str:
    """Write the report, ending with a line feed."""
    return to_json(
        {
            "findings": [finding_json(finding) for finding in report.findings],
            "acceptance": [row._asdict() for row in report.acceptance],
        }
    )


def finding_json(finding: Reported) -> dict[str, object]:
    """Write one finding with the contract's keys."""
    place = finding.place
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.message,
        "file": place.path,
        "line": place.line,
        "column": place.column,
        "end_line": place.end_line,
        "end_column": place.end_column,
        "help": finding.help,
    }
