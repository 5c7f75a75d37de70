"""Strangers' texts in scripts on the way to an upload."""

from __future__ import annotations

import pytest

from tests.rules.releases import DOWNLOAD, PIN, PUBLISH, TAGS, one_job, two_jobs
from tests.rules.samples import facts, fixed, found, spanned

COMMENT = 'run: |\n  date\n  echo "${{ github.event.comment.body }}" | grep release'


def test_a_comment_becomes_code() -> None:
    """The very expression is pointed at."""
    seen = facts(one_job(COMMENT, PUBLISH, on="issue_comment"))
    (finding,) = found("untrusted_expressions", seen)
    assert (
        "high",
        "the step `date` puts a stranger's text into its script: `github.event.comment.body`",
        "${{ github.event.comment.body }}",
        'Put `COMMENT_BODY: ${{ github.event.comment.body }}` below `env` of the step, and write `"$COMMENT_BODY"` here.',
    ) == (finding.severity, finding.message, spanned(seen, finding.span), finding.help)


def test_a_commit_message() -> None:
    """Whoever wrote a commit wrote its message: less grave, because somebody merged it."""
    step = "run: echo ${{ github.event.head_commit.message }}"
    (finding,) = found("untrusted_expressions", facts(one_job(step, PUBLISH, on="{push: {branches: [main]}}")))
    assert "medium" == finding.severity


def test_the_fix_moves_the_text() -> None:
    """Afterwards the script reads a variable."""
    seen = facts(one_job(COMMENT, PUBLISH, on="issue_comment"))
    (finding,) = found("untrusted_expressions", seen)
    after = fixed(seen, finding)
    assert ('echo "${COMMENT_BODY}" | grep', True) == (
        after[after.index("echo") : after.index(" release")].removesuffix(" release"),
        "COMMENT_BODY: ${{ github.event.comment.body }}" in after,
    )
    assert [] == found("untrusted_expressions", facts(after))


@pytest.mark.parametrize(
    ("on", "step"),
    [
        (TAGS, "run: echo ${{ github.ref_name }}"),
        (TAGS, "run: echo ${{ github.event.comment.body }}"),
        ("{workflow_dispatch: {inputs: {x: {type: string}}}}", "run: echo ${{ inputs.x }}"),
        ("pull_request", "run: echo ${{ github.event.pull_request.title }}"),
        ("issue_comment", "run: echo ${{ github.event.comment.id }}"),
        ("issue_comment", "run: echo ${{ contains(github.event.comment.body, 'x') }}"),
        ("issue_comment", 'run: echo "$BODY"\nenv:\n  BODY: ${{ github.event.comment.body }}'),
        ("issue_comment", f"uses: other/action@{PIN}\nwith: {{text: '${{{{ github.event.comment.body }}}}'}}"),
    ],
)
def test_silent(on: str, step: str) -> None:
    """Texts that only people with rights write, events that cannot bring any, runs without rights, and variables."""
    assert [] == found("untrusted_expressions", facts(one_job(step, PUBLISH, on=on)))


def test_inside_an_action_of_the_checkout() -> None:
    """A composite action's script runs in the job that uses it; the span is in the action's file."""
    action = "name: x\nruns:\n  using: composite\n  steps:\n    - shell: bash\n      run: echo ${{ github.event.comment.body }}\n"
    release = two_jobs(publish=(DOWNLOAD, "uses: ./.github/actions/say", PUBLISH), on="{issue_comment: }")
    (finding,) = found("untrusted_expressions", facts({"release.yml": release, ".github/actions/say/action.yml": action}))
    assert ("high", ".github/actions/say/action.yml") == (finding.severity, finding.span.path)
