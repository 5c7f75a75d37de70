"""A publishing job that may not ask for an ID token."""

from __future__ import annotations

import pytest

from tests.rules.samples import RELEASE, facts, fixed, found, spanned

ON = "on: {push: {tags: ['v*']}}\n"
STEPS = "    steps:\n      - uses: pypa/gh-action-pypi-publish@release/v1\n"
CALLED = f"on: workflow_call\njobs:\n  upload:\n    runs-on: ubuntu-latest\n{STEPS}"


def workflow(job: str = "", top: str = "", steps: str = STEPS) -> str:
    """A file with one publishing job; further lines of the file and of the job."""
    return f"{ON}{top}jobs:\n  publish:\n    runs-on: ubuntu-latest\n{job}{steps}"


@pytest.mark.parametrize(
    ("job", "top", "why", "under"),
    [
        ("", "", "nothing grants `id-token: write`, and a repository's default never does", "publish"),
        (
            "    permissions: {contents: read}\n",
            "",
            "the job `publish` has `permissions` without `id-token: write`, which sets it to none",
            "{contents: read}",
        ),
        (
            "",
            "permissions:\n  contents: read\n  issues: write\n",
            "the workflow has `permissions` without `id-token: write`, which sets it to none",
            "contents: read",
        ),
        ("    permissions: {id-token: none}\n", "", "the job `publish` sets `id-token` to `none`", "none"),
        (
            "    permissions: read-all\n",
            "permissions: {id-token: write}\n",
            "the job `publish` grants no `id-token: write` (`permissions: read-all`)",
            "read-all",
        ),
    ],
)
def test_what_is_missing_is_named_where_it_is_decided(job: str, top: str, why: str, under: str) -> None:
    """The job's own permissions decide, else the workflow's."""
    seen = facts(workflow(job, top))
    (finding,) = found("id_token", seen)
    assert f"the job `publish` uploads, but {why}" == finding.message
    assert ("M02", "blocker", under) == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert "Add `id-token: write` to the `permissions` of the job `publish`." == finding.help


@pytest.mark.parametrize(
    ("job", "top", "steps"),
    [
        ("    permissions: {id-token: write}\n", "", STEPS),
        ("", "permissions: {id-token: write}\n", STEPS),
        ("    permissions: write-all\n", "permissions: {}\n", STEPS),
        ("", "", STEPS + "        with: {password: '${{ secrets.TOKEN }}'}\n"),
        ("    if: github.event_name == 'schedule'\n", "", STEPS),
        ("", "", "    steps:\n      - run: make\n"),
    ],
)
def test_silence_where_it_is_granted_or_not_needed(job: str, top: str, steps: str) -> None:
    """A granted permission, a stored token, a job that no run gets to, and a job that uploads nothing."""
    assert [] == found("id_token", facts(workflow(job, top, steps)))


@pytest.mark.parametrize(
    ("job", "top", "safe", "after"),
    [
        ("    permissions:\n      contents: read\n", "", True, "    permissions:\n      contents: read\n      id-token: write\n"),
        ("    permissions:\n      id-token: none\n", "", True, "    permissions:\n      id-token: write\n"),
        (
            "",
            "permissions:\n  contents: read\n",
            True,
            "    permissions:\n      contents: read\n      id-token: write\n",
        ),
        ("", "", False, "    permissions:\n      id-token: write\n"),
    ],
)
def test_the_fix_keeps_the_other_permissions(job: str, top: str, safe: bool, after: str) -> None:
    """A job that had the workflow's map gets a copy of it; where only the default counted, the fix is not safe."""
    seen = facts(workflow(job, top))
    (finding,) = found("id_token", seen)
    assert finding.fix is not None
    assert safe is finding.fix.safe
    assert workflow(after, top) == fixed(seen, finding)
    assert [] == found("id_token", facts(fixed(seen, finding)))


def test_a_job_that_checks_out_may_go_on_reading() -> None:
    """What a map does not list is none: `contents: read` is listed for `actions/checkout`."""
    steps = STEPS.replace("steps:\n", "steps:\n      - uses: actions/checkout@v6\n")
    seen = facts(workflow(steps=steps))
    (finding,) = found("id_token", seen)
    assert workflow("    permissions:\n      contents: read\n      id-token: write\n", steps=steps) == fixed(seen, finding)


def test_a_word_for_all_scopes_is_not_rewritten() -> None:
    """What `read-all` gives cannot be listed for sure."""
    (finding,) = found("id_token", facts(workflow("    permissions: read-all\n")))
    assert finding.fix is None


def test_the_caller_decides_where_the_called_file_says_nothing() -> None:
    """The finding stands in the calling file."""
    caller = f"{ON}permissions: {{contents: read}}\njobs:\n  out:\n    uses: ./.github/workflows/called.yml\n"
    seen = facts({"release.yml": caller, "called.yml": CALLED})
    (finding,) = found("id_token", seen)
    why = "the workflow has `permissions` without `id-token: write`, which sets it to none"
    assert f"the job `out` calls `called.yml`, which uploads, but {why}" == finding.message
    assert (RELEASE, "{contents: read}") == (finding.span.path, spanned(seen, finding.span))
    assert ["pypa/gh-action-pypi-publish@release/v1"] == [spanned(seen, each.span) for each in finding.related]
