"""The report as JSON: the contract's keys and ours, in an order that stays."""

from __future__ import annotations

import json

from hypothesis import given, settings

from tests.cli.render.reports import BLOCKER, FOUND, MEDIUM, reports
from tests.conftest import Scale
from trustpub.cli.render.check_json import render_json
from trustpub.usecases.report import Report

PLACE = ["file", "line", "column", "end_line", "end_column"]
FINDING = ["rule", "severity", "message", *PLACE, "help", "name", "fingerprint", "related"]


def test_keys() -> None:
    """Exactly these keys, in this order."""
    found = json.loads(render_json(FOUND))
    with_fix, without = found["findings"]

    ours = ["suppressed", "publishers", "powers", "not_read", "asked", "unknown", "unreachable", "files", "uploads"]
    assert ["findings", "acceptance", *ours] == list(found)
    assert FINDING == list(without)
    assert [*FINDING[:9], "fix", *FINDING[9:]] == list(with_fix)
    assert ["title", "safe", "edits"] == list(with_fix["fix"])
    assert [[*PLACE, "text"]] == [list(edit) for edit in with_fix["fix"]["edits"]]
    assert [["message", *PLACE]] == [list(hint) for hint in with_fix["related"]]
    assert ["criterion", "state", "evidence"] == list(found["acceptance"][0])
    assert [*FINDING, "reason", "suppressed_by"] == list(found["suppressed"][0])
    assert ["path", "why"] == list(found["not_read"][0])


def test_values() -> None:
    """A finding's values are the report's, its place counts from one."""
    finding = json.loads(render_json(FOUND))["findings"][0]

    assert (BLOCKER.rule, BLOCKER.severity, BLOCKER.message, BLOCKER.help) == tuple(
        finding[key] for key in ("rule", "severity", "message", "help")
    )
    assert [BLOCKER.place.path, 31, 18, 31, 34] == [finding[key] for key in PLACE]
    assert ", id-token: write" == finding["fix"]["edits"][0]["text"]


def test_publishers_go_by_the_index_own_names() -> None:
    """A publisher has the index, the project, whether it was declared, and the fields by PyPI's row names."""
    (row,) = json.loads(render_json(FOUND))["publishers"]

    assert {
        "index": "pypi",
        "project": "tool",
        "declared": True,
        "repository_owner": "octo",
        "repository_name": "tool",
        "workflow_filename": "release.yml",
        "environment": "pypi",
    } == row


def test_letters_stay_letters() -> None:
    """Korean is written as Korean, and what could drive a terminal as an escape that reads back as it was."""
    text = render_json(FOUND._replace(findings=(MEDIUM._replace(message="배포 \x1b[31m \x9b \u202e \U000e0001"),)))

    assert r"배포 \u001b[31m \u009b \u202e \udb40\udc01" in text
    assert "배포 \x1b[31m \x9b \u202e \U000e0001" == json.loads(text)["findings"][0]["message"]


def test_any_report_reads_back(scale: Scale) -> None:
    """Whatever a report holds comes out as JSON with that in it, and with printable characters only."""

    @settings(max_examples=scale(20, 2_000), deadline=None)
    @given(report=reports())
    def law(report: Report) -> None:
        text = render_json(report)
        read = json.loads(text)

        assert text.replace("\n", "").isprintable()
        assert [each.message for each in report.findings] == [each["message"] for each in read["findings"]]
        assert [each.place.path for each in report.findings] == [each["file"] for each in read["findings"]]

    law()
