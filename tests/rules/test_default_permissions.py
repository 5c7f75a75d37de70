"""Jobs on the way with rights that nobody wrote down."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, CHECKOUT, PUBLISH, one_job, two_jobs
from tests.rules.samples import facts, fixed, found, spanned


def test_a_build_without_permissions() -> None:
    """The job is pointed at; the fix says it once for the file."""
    seen = facts(two_jobs(top=""))
    (finding,) = found("default_permissions", seen)
    assert (
        "low",
        "the job `build` feeds the upload with whatever rights the repository's settings give, for want of `permissions`",
        "build",
    ) == (finding.severity, finding.message, spanned(seen, finding.span))
    after = fixed(seen, finding)
    assert "permissions:\n  contents: read\njobs:" in after
    assert [] == found("default_permissions", facts(after))


def test_write_all() -> None:
    """Rights that somebody wrote down, but all of them."""
    seen = facts(one_job(CHECKOUT, BUILD, PUBLISH, job="", top="permissions: write-all"))
    (finding,) = found("default_permissions", seen)
    assert (
        "medium",
        "the job `publish` is on the way to an upload and may do everything: `permissions: write-all`",
        "write-all",
    ) == (finding.severity, finding.message, spanned(seen, finding.span))


@pytest.mark.parametrize(
    "text",
    [
        two_jobs(),
        two_jobs(top="", build_job="permissions: {contents: read}"),
        one_job(BUILD, PUBLISH),
        two_jobs() + "  test:\n    runs-on: ubuntu-latest\n    steps: [{run: make}]\n",
        two_jobs(top="permissions: read-all"),
    ],
)
def test_silent(text: str) -> None:
    """Permissions of the file or of the job, and jobs that hand nothing to the upload."""
    assert [] == found("default_permissions", facts(text))


def test_no_fix_where_a_job_may_live_from_those_rights() -> None:
    """A job that writes with the GitHub token, and has no permissions of its own, would be stopped: it is named instead."""
    other = "  notes:\n    needs: publish\n    runs-on: ubuntu-latest\n    steps: [{run: gh release create x}]\n"
    (finding,) = found("default_permissions", facts(two_jobs(top="") + other))
    assert (None, True) == (finding.fix, finding.help.startswith("Give `notes` `permissions` of its own first"))
