"""Workflow files that GitHub refuses."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, found, spanned
from tests.workflows.samples import publishing


@pytest.mark.parametrize(("step", "severity"), [("", "blocker"), ("run: make", "info"), ("run: hatch publish", "blocker")])
def test_a_file_that_is_no_yaml(step: str, severity: str) -> None:
    """It is grave where the file's words look like an upload: nothing else is known of it."""
    seen = facts({"release.yml": "name: it's\n" + publishing("push", step=step) + "    - [\n", "other.yml": publishing("push")})
    (finding,) = found("refused_file", seen)
    assert ("F01", severity, ".github/workflows/release.yml") == (finding.rule, finding.severity, finding.span.path)
    assert finding.message.startswith("GitHub cannot read this file: ")


def test_the_place_is_that_of_the_problem() -> None:
    """A second document is pointed at where it begins."""
    seen = facts(publishing("push") + "---\nmore: 1\n")
    (finding,) = found("refused_file", seen)
    assert "GitHub cannot read this file: a second YAML document starts here, GitHub reads one" == finding.message
    assert "---" == spanned(seen, finding.span)


def test_a_key_that_stands_twice() -> None:
    """A problem of its own place, in a file that can be read."""
    seen = facts(publishing("push") + "on: release\n")
    (finding,) = found("refused_file", seen)
    assert "GitHub refuses this file: the key `on` stands twice (first in line 1)" == finding.message
    assert ("blocker", "on: release") == (finding.severity, spanned(seen, finding.span))


def test_an_empty_file_is_told_once() -> None:
    """Everything is missing at one place."""
    (finding,) = found("refused_file", facts(""))
    assert "info" == finding.severity


def test_silence_where_github_reads_the_file() -> None:
    """An ordinary workflow."""
    assert [] == found("refused_file", facts(publishing("push")))


def test_whatever_github_refuses_is_told_of_a_file_that_publishes() -> None:
    """A scope that does not exist stops the release, and is seen only by a second look."""
    seen = facts(publishing("push").replace("id-token: write", "id-token: write, no-such-scope: read"))
    (finding,) = found("refused_file", seen)
    assert "blocker" == finding.severity
    assert "no-such-scope" in finding.message


def test_a_file_that_publishes_by_other_words() -> None:
    """It uploads by way of a Makefile, so nothing in it looks like an upload: it is as grave."""
    workflow = publishing("push", step="run: make -C tools release").replace("pypi", "live") + "    bogus: 1\n"
    seen = facts({"release.yml": workflow, "tools/Makefile": "release:\n\tuv publish\n"})
    (finding,) = found("refused_file", seen)
    assert ("blocker", "bogus: 1") == (finding.severity, spanned(seen, finding.span))


def test_an_input_that_the_called_file_demands() -> None:
    """GitHub does not start a run whose call lacks it."""
    called = publishing("{workflow_call: {inputs: {tag: {type: string, required: true}}}}")
    calling = "on: push\njobs:\n  publish:\n    uses: ./.github/workflows/called.yml\n    permissions: {id-token: write}\n"
    seen = facts({"release.yml": calling, "called.yml": called})
    (finding,) = found("refused_file", seen)
    assert ".github/workflows/release.yml" == finding.span.path
    assert "tag" in finding.message
