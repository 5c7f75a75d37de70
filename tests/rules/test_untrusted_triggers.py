"""Strangers' code near an upload."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, PIN, PUBLISH, UPLOAD, one_job, two_jobs
from tests.rules.samples import facts, found, spanned

THEIRS = f"uses: actions/checkout@{PIN}\nwith:\n  ref: ${{{{ github.event.pull_request.head.sha }}}}"
CACHED = f"uses: actions/cache@{PIN}\nwith: {{path: x, key: y}}"
RELEASE = two_jobs(build=(CACHED, BUILD, UPLOAD))


def test_on_the_way_itself() -> None:
    """The checkout is pointed at; the event is a related place."""
    seen = facts(one_job(THEIRS, BUILD, PUBLISH, on="pull_request_target"))
    (finding,) = found("untrusted_triggers", seen)
    assert (
        "high",
        "the job `publish` runs a stranger's code on `pull_request_target`, and is on the way to an upload",
        "${{ github.event.pull_request.head.sha }}",
        ["pull_request_target"],
    ) == (
        finding.severity,
        finding.message.partition(": ")[0],
        spanned(seen, finding.span),
        [spanned(seen, each.span) for each in finding.related],
    )


def test_beside_the_cache() -> None:
    """Another workflow can write the cache that the release restores."""
    other = one_job(THEIRS, "run: make test", on="pull_request_target", job="")
    seen = facts({"release.yml": RELEASE, "labeler.yml": other})
    (finding,) = found("untrusted_triggers", seen)
    assert (".github/workflows/labeler.yml", "can write the cache that an upload restores") == (
        finding.span.path,
        finding.message.partition(", and ")[2].partition(":")[0],
    )


def test_a_workflow_run_after_a_pull_request() -> None:
    """Only when pull requests start what it follows."""
    on = "{workflow_run: {workflows: [CI], types: [completed]}}"
    text = one_job(THEIRS.replace("pull_request.head.sha", "workflow_run.head_sha"), BUILD, PUBLISH, on=on)
    ci = "name: CI\non: {}\njobs: {{}}\n"
    assert (1, 0) == (
        len(found("untrusted_triggers", facts({"release.yml": text, "ci.yml": ci.format("pull_request")}))),
        len(found("untrusted_triggers", facts({"release.yml": text, "ci.yml": ci.format("push")}))),
    )


@pytest.mark.parametrize(
    "other",
    [
        one_job(THEIRS, "run: make test", on="pull_request", job=""),
        one_job(f"uses: actions/checkout@{PIN}", "run: make test", on="pull_request_target", job=""),
        one_job(THEIRS, f"uses: actions/labeler@{PIN}", on="pull_request_target", job=""),
        one_job(THEIRS, "run: make", on="pull_request_target", job="if: contains(github.event.label.name, 'safe')"),
        one_job(THEIRS, "run: make", on="pull_request_target", job="environment: approved"),
    ],
)
def test_silent(other: str) -> None:
    """Runs without rights, one's own code, code that is not run, and runs that somebody has to let through."""
    assert [] == found("untrusted_triggers", facts({"release.yml": RELEASE, "other.yml": other}))


def test_silent_without_a_cache() -> None:
    """A stranger's run with nothing between it and the release is zizmor's matter."""
    other = one_job(THEIRS, "run: make test", on="pull_request_target", job="")
    assert [] == found("untrusted_triggers", facts({"release.yml": two_jobs(), "other.yml": other}))
