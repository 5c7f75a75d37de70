"""A check's report for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.usecases.report import Report


def render_text(report: Report) -> str:
    """Write the report, ending with a line feed."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    for finding in report.findings:
        place = finding.place
        yield f"{place.path}:{place.line}:{place.column}: {finding.severity} {finding.rule}: {finding.message}"
        yield f"    {finding.help}"
    for row in report.acceptance:
        yield f"{row.criterion}: {row.state}: {row.evidence}"
