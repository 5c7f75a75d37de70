"""The order of findings: the gravest first, then what decides most about the release."""

from __future__ import annotations

from trustpub.domain.findings import Finding, Severity, Span
from trustpub.usecases.check import placed
from trustpub.workflows.source import Source

PATH = "release.yml"


def test_the_release_comes_before_its_surroundings() -> None:
    """Within one severity a stored token stands before an action that is not pinned, wherever the lines are."""
    rows: tuple[tuple[str, Severity], ...] = (
        ("C03", "high"),
        ("W01", "high"),
        ("V01", "medium"),
        ("A01", "high"),
        ("E01", "high"),
        ("T01", "high"),
        ("M02", "high"),
    )
    found = [
        Finding(code, severity, "what", Span(PATH, number, number + 1), "help") for number, (code, severity) in enumerate(rows)
    ]
    sources = {PATH: Source(PATH, "0123456789\n")}
    expected = ["M02", "T01", "E01", "A01", "C03", "W01", "V01"]
    assert expected == [each.rule for each in placed(found, sources)]
    assert expected == [each.rule for each in placed(reversed(found), sources)]
