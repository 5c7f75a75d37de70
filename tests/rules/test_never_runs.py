"""Uploads that no event gets to."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, found, spanned
from tests.workflows.samples import publishing


def test_a_condition_that_no_trigger_meets() -> None:
    """The condition is pointed at, and what it keeps from running."""
    seen = facts(publishing("{push: {branches: [main]}}", "if: startsWith(github.ref, 'refs/tags/v')"))
    (finding,) = found("never_runs", seen)
    why = "the job `publish` is skipped: `if: startsWith(github.ref, 'refs/tags/v')` is false"
    assert f"no event gets to this upload: {why}" == finding.message
    assert ("M10", "high", "startsWith(github.ref, 'refs/tags/v')") == (
        finding.rule,
        finding.severity,
        spanned(seen, finding.span),
    )
    assert ["pypa/gh-action-pypi-publish@release/v1"] == [spanned(seen, each.span) for each in finding.related]


def test_a_needed_job_that_is_skipped() -> None:
    """Its condition is what stops the upload."""
    text = publishing("{push: {tags: ['v*']}}", "needs: build")
    seen = facts(text + "  build:\n    if: github.event_name == 'release'\n    runs-on: ubuntu-latest\n    steps: []\n")
    (finding,) = found("never_runs", seen)
    assert "github.event_name == 'release'" == spanned(seen, finding.span)
    assert "the job `build` is skipped" in finding.message


def test_a_needed_job_that_does_not_exist() -> None:
    """Where no condition is to blame the upload itself is pointed at."""
    seen = facts(publishing("{push: {tags: ['v*']}}", "needs: build\nif: github.event_name == 'push'"))
    (finding,) = found("never_runs", seen)
    assert "no event gets to this upload: the needed job `build` does not exist" == finding.message
    assert "pypa/gh-action-pypi-publish@release/v1" == spanned(seen, finding.span)
    assert () == finding.related


def test_the_condition_of_the_step() -> None:
    """The job's own holds."""
    step = "uses: pypa/gh-action-pypi-publish@release/v1\nif: github.event_name == 'release'"
    seen = facts(publishing("{push: {tags: ['v*']}}", "if: github.event_name == 'push'", step))
    (finding,) = found("never_runs", seen)
    assert "github.event_name == 'release'" == spanned(seen, finding.span)


@pytest.mark.parametrize(
    ("on", "job"),
    [
        ("{push: {tags: ['v*']}}", "if: startsWith(github.ref, 'refs/tags/v')"),
        ("{push: {tags: ['v*']}, pull_request: }", "if: github.event_name == 'push'"),
        ("release", "if: github.event.action == 'released'"),
        ("{repository_dispatch: {types: [a, b]}}", "if: github.event.action == 'b'"),
        ("workflow_dispatch", "if: github.ref == 'refs/heads/stable'"),
        ("issue_comment", "if: github.event.issue.pull_request && github.event.comment.body == '/release'"),
        ("push", "if: vars.PUBLISH == 'yes'"),
    ],
)
def test_silence_where_some_run_may_get_there(on: str, job: str) -> None:
    """Also where that hangs on something that only the run knows."""
    assert [] == found("never_runs", facts(publishing(on, job)))


def test_silence_where_the_condition_itself_is_the_finding() -> None:
    """A comparison that never holds is told once, with its own words."""
    seen = facts(publishing("{push: {tags: ['v*']}}", "if: startsWith(github.ref, 'v')"))
    assert [] == found("never_runs", seen)
    assert 1 == len(found("condition", seen))


def test_a_leftover_beside_another_upload_counts_less() -> None:
    """The releases go out another way; the same reason for several events is told once."""
    dead = publishing("{push: {branches: [main]}, pull_request: }", "if: startsWith(github.ref, 'refs/tags/')")
    (finding,) = found("never_runs", facts({"old.yml": dead, "release.yml": publishing("{push: {tags: ['v*']}}")}))
    assert "medium" == finding.severity
    assert 1 == finding.message.count("is skipped")
