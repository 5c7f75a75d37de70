"""Actions on the way that are named by a tag or a branch."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, CHECKOUT, DOWNLOAD, PIN, PUBLISH, UPLOAD, two_jobs
from tests.rules.samples import facts, found, spanned


def test_beside_the_token() -> None:
    """A stranger's action in the publishing job is the gravest; the span is the reference."""
    seen = facts(two_jobs(publish=(DOWNLOAD, "uses: softprops/action-gh-release@v2", PUBLISH)))
    (finding,) = found("unpinned_actions", seen)
    assert (
        "high",
        "the job `publish` publishes, and runs an action named by a tag or branch: `softprops/action-gh-release@v2`",
        "softprops/action-gh-release@v2",
    ) == (finding.severity, finding.message, spanned(seen, finding.span))


def test_in_a_job_that_feeds_the_upload() -> None:
    """There it can change what is published, but takes no token."""
    seen = facts(two_jobs(build=(CHECKOUT, "uses: astral-sh/setup-uv@v7", BUILD, UPLOAD)))
    (finding,) = found("unpinned_actions", seen)
    assert (
        "medium",
        "the job `build` feeds the upload, and runs an action named by a tag or branch: `astral-sh/setup-uv@v7`",
    ) == (
        finding.severity,
        finding.message,
    )


@pytest.mark.parametrize(
    ("action", "severity"),
    [
        ("pypa/gh-action-pypi-publish@release/v1", "low"),
        ("octo/own-action@main", "low"),
        ("docker://ghcr.io/pypa/gh-action-pypi-publish:release-v1", "low"),
        ("docker://alpine:3", "high"),
        ("other/action@v1.2.3", "high"),
        ("other/action@1234567", "high"),
    ],
)
def test_who_can_move_it(action: str, severity: str) -> None:
    """PyPA's and one's own are low, the rest is high."""
    (finding,) = found("unpinned_actions", facts(two_jobs(publish=(f"uses: {action}", PUBLISH))))
    assert severity == finding.severity


def test_all_jobs_that_feed_are_one_finding() -> None:
    """The gravest comes first, the others are related, each once."""
    loose = ("uses: one/setup@v1", "uses: pypa/cibuildwheel@v3.1", "uses: one/setup@v1", UPLOAD)
    (finding,) = found("unpinned_actions", facts(two_jobs(build=loose)))
    assert ("medium", ["`pypa/cibuildwheel@v3.1` in the job `build` (low)"], "Name each by") == (
        finding.severity,
        [each.message for each in finding.related],
        finding.help[:12],
    )


def test_every_job_is_pointed_at() -> None:
    """The same reference in two jobs that publish is shown in both."""
    text = two_jobs(publish=(DOWNLOAD, "uses: pypa/gh-action-pypi-publish@v1.14.0"))
    test = text.partition("  publish:")[2].replace("environment: pypi", "environment: testpypi")
    (finding,) = found("unpinned_actions", facts(f"{text}  test:{test}"))
    assert ("2 jobs publish, and run", ["`pypa/gh-action-pypi-publish@v1.14.0` in the job `test`"]) == (
        finding.message[:23],
        [each.message for each in finding.related],
    )


def test_a_workflow_of_this_repository_by_a_ref() -> None:
    """It is a workflow, no action, and the way to name it is without a ref."""
    call = "  build:\n    uses: octo/tool/.github/workflows/build.yml@main\n"
    text = two_jobs()
    text = text[: text.index("  build:")] + call + text[text.index("  publish:") :]
    seen = facts(text)
    (finding,) = found("unpinned_actions", seen)
    expected = (
        "low",
        "octo/tool/.github/workflows/build.yml@main",
        "the job `build` feeds the upload with a workflow of this repository by a tag or branch",
        True,
    )
    advised = "`uses: ./.github/workflows/build.yml`" in finding.help
    assert expected == (finding.severity, spanned(seen, finding.span), finding.message.partition(":")[0], advised)


def test_inside_an_action_of_the_checkout() -> None:
    """What a composite action uses runs in the job that uses it; the span is in the action's file."""
    action = "name: x\nruns:\n  using: composite\n  steps:\n    - uses: one/setup@v1\n"
    release = two_jobs(publish=(DOWNLOAD, "uses: ./.github/actions/setup", PUBLISH))
    seen = facts({"release.yml": release, ".github/actions/setup/action.yml": action})
    (finding,) = found("unpinned_actions", seen)
    assert ("high", ".github/actions/setup/action.yml", "one/setup@v1") == (
        finding.severity,
        finding.span.path,
        spanned(seen, finding.span),
    )


@pytest.mark.parametrize(
    "text",
    [
        two_jobs(),
        two_jobs(publish=(f"uses: other/action@{PIN}", DOWNLOAD, PUBLISH)),
        two_jobs(publish=(f"uses: docker://alpine@sha256:{PIN}", PUBLISH)),
        two_jobs(publish=("uses: ./.github/actions/notes", PUBLISH)),
        two_jobs(publish=("uses: $/.github/actions/notes", PUBLISH)),
        two_jobs(build=("uses: actions/checkout@v6", BUILD, UPLOAD)),
        two_jobs(publish=("uses: actions/setup-python@v6", PUBLISH)),
        two_jobs(build=("uses: one/coverage@v1", UPLOAD.replace("name: dist", "name: coverage"))),
        two_jobs() + "  notes:\n    needs: publish\n    runs-on: ubuntu-latest\n    steps: [{uses: one/notes@v1}]\n",
    ],
)
def test_silent(text: str) -> None:
    """Pinned ones, the repository's own files, GitHub's, and jobs that hand nothing to the upload."""
    assert [] == found("unpinned_actions", facts(text))
