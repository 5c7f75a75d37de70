"""A check's report as SARIF 2.1.0, for GitHub's code scanning and every other viewer of that format.

Paths are relative to `SRCROOT`, columns count code points, fingerprints stay when lines move, and what somebody suppressed is
there, marked as such. Source: OASIS SARIF 2.1.0; GitHub's "SARIF support for code scanning".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.cli.render.check_text import not_told, sentence
from trustpub.cli.render.json import to_json
from trustpub.rules import MODULES, load
from trustpub.version import __version__

if TYPE_CHECKING:
    from trustpub.domain.findings import Severity
    from trustpub.usecases.report import Excerpt, Repair, Report, Reported, Suppressed

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS: dict[Severity, str] = {"blocker": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
SECURITY: dict[Severity, str] = {"blocker": "9.0", "high": "8.0", "medium": "5.0", "low": "3.0", "info": "1.0"}
"""The numbers by which GitHub sorts: from 9 critical, from 7 high, from 4 medium."""


def render_sarif(report: Report) -> str:
    """Write the report, ending with a line feed."""
    findings = [*report.findings, *(each.finding for each in report.suppressed)]
    codes = sorted({finding.rule for finding in findings})
    results = [_result(finding, codes) for finding in report.findings]
    results += [{**_result(each.finding, codes), "suppressions": [_suppression(each)]} for each in report.suppressed]
    driver = {"name": "trustpub", "semanticVersion": __version__, "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "invocations": [_invocation(report)],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"SRCROOT": {"description": {"text": "The root of the checkout"}}},
        "results": results,
    }
    return to_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _invocation(report: Report) -> dict[str, object]:
    """Say that the run came to its end, and what it did not read."""
    notes = [
        {
            "level": "warning",
            "message": {"text": each.why},
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(each.path)}}],
        }
        for each in report.not_read
    ]
    told = [*not_told(report), *(f"Not reached: {each}" for each in report.unreachable)]
    notes += [{"level": "warning", "message": {"text": text}} for text in told]
    return {"executionSuccessful": True, "toolExecutionNotifications": notes}


def _rule(code: str) -> dict[str, object]:
    """Describe a rule. Of one that this version no longer has (the report was stored) only the code is known."""
    if code not in MODULES:
        return {"id": code}
    rule = load(code).RULE
    markdown = f"**{rule.title}.** {rule.why}\n\n{rule.help}\n\nSource: {rule.source}"
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.why},
        "help": {"text": f"{rule.help} Source: {rule.source}", "markdown": markdown},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {"security-severity": SECURITY[rule.severity], "tags": ["security", "trusted-publishing"]},
    }


def _result(finding: Reported, codes: list[str]) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.rule,
        "ruleIndex": codes.index(finding.rule),
        "level": LEVELS[finding.severity],
        "message": {"text": sentence(finding)},
        "locations": [_location(finding.place)],
        "partialFingerprints": {"trustpub/v1": finding.fingerprint},
        "properties": {"severity": finding.severity},
    }
    if finding.related:
        related = enumerate(finding.related)
        result["relatedLocations"] = [{"id": n, "message": {"text": h.message}, **_location(h.place)} for n, h in related]
    if finding.fix is not None and finding.fix.changes:
        result["fixes"] = [_fix(finding.fix)]
    return result


def _location(place: Excerpt) -> dict[str, object]:
    return {"physicalLocation": {"artifactLocation": _artifact(place.path), "region": _region(place)}}


def _artifact(path: str) -> dict[str, object]:
    from urllib.parse import quote

    return {"uri": quote(path.encode("utf-8", "surrogateescape")), "uriBaseId": "SRCROOT"}


def _region(place: Excerpt) -> dict[str, object]:
    return {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    }


def _fix(fix: Repair) -> dict[str, object]:
    files = dict.fromkeys(change.place.path for change in fix.changes)
    changes = [
        {
            "artifactLocation": _artifact(path),
            "replacements": [
                {"deletedRegion": _region(change.place), "insertedContent": {"text": change.text}}
                for change in fix.changes
                if change.place.path == path
            ],
        }
        for path in files
    ]
    return {"description": {"text": fix.title}, "artifactChanges": changes}


def _suppression(each: Suppressed) -> dict[str, object]:
    kind = "inSource" if each.by.rpartition(":")[2].isdecimal() else "external"  # a comment's place, or a baseline's path
    return {"kind": kind, "justification": each.reason}
