"""Checkouts that leave a GitHub token behind."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, CHECKOUT, DOWNLOAD, PIN, PUBLISH, UPLOAD, one_job, two_jobs
from tests.rules.samples import facts, fixed, found, spanned

PLAIN = f"uses: actions/checkout@{PIN} # v7"
MAY_WRITE = "permissions: {contents: write, id-token: write}"
WHOLE = "uses: actions/upload-artifact@v4\nwith: {path: ., include-hidden-files: true}"


def test_a_build_that_may_write() -> None:
    """The checkout is pointed at, and the fix is safe where no step talks to the repository."""
    seen = facts(one_job(PLAIN, BUILD, PUBLISH, job=MAY_WRITE))
    (finding,) = found("checkout_credentials", seen)
    assert (
        "low",
        "the job `publish` may write to the repository, and keeps that token for every later step",
        f"actions/checkout@{PIN}",
    ) == (finding.severity, finding.message.partition(": ")[0], spanned(seen, finding.span))
    assert finding.fix is not None
    assert True is finding.fix.safe
    after = fixed(seen, finding)
    assert "with:\n          persist-credentials: false\n" in after
    assert [] == found("checkout_credentials", facts(after))


def test_the_fix_is_not_safe_where_a_script_may_need_the_token() -> None:
    """What `make` does is not known."""
    (finding,) = found("checkout_credentials", facts(one_job(PLAIN, BUILD, "run: make release", PUBLISH, job=MAY_WRITE)))
    assert False is (finding.fix is None or finding.fix.safe)


def test_a_token_in_an_artifact() -> None:
    """Before version 6 the token lies in the folder that is handed on."""
    build = ("uses: actions/checkout@v4\nwith:\n  persist-credentials: true", BUILD, WHOLE)
    seen = facts(two_jobs(build=build, publish=("uses: actions/download-artifact@v4", PUBLISH)))
    (finding,) = found("checkout_credentials", seen)
    assert (
        "medium",
        "the job `build` puts its GitHub token into the artifact: no `persist-credentials: false`",
        "true",
    ) == (finding.severity, finding.message, spanned(seen, finding.span))
    assert "persist-credentials: false" in fixed(seen, finding)


@pytest.mark.parametrize(
    "text",
    [
        one_job(PLAIN, BUILD, PUBLISH),
        one_job(CHECKOUT, BUILD, PUBLISH, job=MAY_WRITE),
        one_job(PLAIN, BUILD, "run: git push --tags", PUBLISH, job=MAY_WRITE),
        one_job(PLAIN, BUILD, f"uses: stefanzweifel/git-auto-commit-action@{PIN}", PUBLISH, job=MAY_WRITE),
        one_job(PLAIN, BUILD, "uses: ./.github/actions/release", PUBLISH, job=MAY_WRITE),
        two_jobs(build=("uses: actions/checkout@v4", BUILD, UPLOAD)),
        two_jobs(build=(PLAIN, BUILD, WHOLE), publish=("uses: actions/download-artifact@v4", PUBLISH)),
        two_jobs(
            build=("uses: actions/checkout@v4", BUILD, "uses: actions/upload-artifact@v4\nwith: {path: .}"),
            publish=("uses: actions/download-artifact@v4", PUBLISH),
        ),
    ],
)
def test_silent(text: str) -> None:
    """Tokens that may only read, that a later step needs, or that no artifact takes along."""
    assert [] == found("checkout_credentials", facts(text))


def test_all_jobs_of_a_file_are_one_finding() -> None:
    """The others are related places, and the fix changes all of them."""
    may = "permissions: {contents: write}"
    publish = (PLAIN, DOWNLOAD, PUBLISH)
    seen = facts(two_jobs(build=(PLAIN, BUILD, UPLOAD), build_job=may, publish=publish, publish_job=MAY_WRITE))
    (finding,) = found("checkout_credentials", seen)
    assert ("2 jobs may write to the repository, and keep that token for every later step", ["in the job `build`"]) == (
        finding.message.partition(": ")[0],
        [each.message for each in finding.related],
    )
    assert [] == found("checkout_credentials", facts(fixed(seen, finding)))
