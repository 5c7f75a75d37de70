"""Releases that a later run cancels."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, fixed, found, spanned
from tests.workflows.samples import publishing

TAGS = "{push: {tags: ['v*']}}"


def concurrency(group: str, cancel: str = "true") -> str:
    """Further lines of a file or a job."""
    return f"concurrency:\n  group: {group}\n  cancel-in-progress: {cancel}"


@pytest.mark.parametrize(
    ("on", "group", "message"),
    [
        (TAGS, "release", "any other run of the group `release` cancels an upload under way: push"),
        (
            TAGS,
            "${{ github.workflow }}",
            "any other run of the group `${{ github.workflow }}` cancels an upload under way: push",
        ),
        (
            "{push: {branches: [main]}}",
            "ci-${{ github.ref }}",
            "another run on `main` of the group `ci-${{ github.ref }}` cancels an upload under way: push",
        ),
    ],
)
def test_a_group_that_runs_share(on: str, group: str, message: str) -> None:
    """The switch is pointed at, in the file or in the job, and turned off."""
    for text in (publishing(on, top=concurrency(group)), publishing(on, concurrency(group))):
        seen = facts(text)
        (finding,) = found("cancelled", seen)
        assert ("G05", "medium", message) == (finding.rule, finding.severity, finding.message)
        assert "true" == spanned(seen, finding.span)
        assert text.replace("in-progress: true", "in-progress: false") == fixed(seen, finding)


def test_a_second_dispatch_by_hand() -> None:
    """It is somebody's own doing."""
    (finding,) = found("cancelled", facts(publishing("workflow_dispatch", top=concurrency("'${{ github.ref }}'"))))
    assert "low" == finding.severity


def test_a_second_dispatch_of_one_commit() -> None:
    """Two runs by hand on one commit share a group that is named after it."""
    on = "{push: {tags: ['v*']}, workflow_dispatch: }"
    (finding,) = found("cancelled", facts(publishing(on, top=concurrency("'x-${{ github.sha }}'"))))
    assert ("low", "a second run on the same commit of") == (finding.severity, finding.message.partition(" the group")[0])


def test_what_only_pull_requests_have_is_left_out() -> None:
    """For a push the pull request's number is null, so the ref names the group."""
    group = "${{ github.event.pull_request.number || github.ref }}"
    assert ["medium"] == [
        each.severity for each in found("cancelled", facts(publishing("{push: {branches: [main]}}", top=concurrency(group))))
    ]
    assert [] == found("cancelled", facts(publishing(TAGS, top=concurrency(group))))
    assert [] == found(
        "cancelled", facts(publishing("{push: {branches: [main]}}", top=concurrency("${{ github.head_ref || github.run_id }}")))
    )


def test_a_condition_that_holds_for_the_release() -> None:
    """It is asked for the runs that upload."""
    top = concurrency("release", "${{ github.event_name != 'pull_request' }}")
    (finding,) = found("cancelled", facts(publishing(f"{TAGS[:-1]}, pull_request: }}", top=top)))
    assert finding.fix is None


@pytest.mark.parametrize(
    "top",
    [
        concurrency("${{ github.workflow }}-${{ github.ref }}"),
        concurrency("${{ github.head_ref || github.run_id }}"),
        concurrency("${{ github.workflow }}-${{ github.sha }}"),
        concurrency("${{ inputs.group }}"),
        concurrency("release", "false"),
        concurrency("release", "${{ github.event_name == 'pull_request' }}"),
        concurrency("release", "${{ vars.CANCEL }}"),
        "concurrency: release",
        "",
    ],
)
def test_silence_where_a_tag_has_a_group_of_its_own_or_nothing_is_cancelled(top: str) -> None:
    """A version tag is pushed once."""
    assert [] == found("cancelled", facts(publishing(TAGS, top=top)))


def test_silence_where_nothing_uploads() -> None:
    """Cancelling tests is fine."""
    assert [] == found("cancelled", facts(publishing("push", step="run: make test", top=concurrency("ci"))))


BOTH = "{push: {tags: ['v*'], branches: [main]}}"
ONLY_TAGS = "if: startsWith(github.ref, 'refs/tags/')"


@pytest.mark.parametrize("top", ["concurrency: ci", concurrency("ci", "false"), concurrency("'${{ github.workflow }}'", "false")])
def test_a_release_that_waits_beside_everyday_runs(top: str) -> None:
    """One run of a group may wait: the next push to a branch takes its place."""
    seen = facts(publishing(BOTH, ONLY_TAGS, top=top))
    (finding,) = found("cancelled", seen)
    name = spanned(seen, finding.span)
    assert f"a release that waits in the group `{name}` is cancelled by the next run of any branch" == finding.message
    assert "medium" == finding.severity


@pytest.mark.parametrize(
    ("on", "top"),
    [
        (TAGS, "concurrency: ci"),
        (BOTH, "concurrency: ci-${{ github.ref }}"),
        (BOTH, "concurrency: ci-${{ github.ref_type }}"),
        ("{release: {types: [published]}, pull_request: }", "concurrency: ci-${{ github.event_name }}"),
        (BOTH, "concurrency: {group: ci, queue: max}"),
        ("{push: {branches: [main]}, workflow_dispatch: }", "concurrency: ci"),
    ],
)
def test_silence_where_a_release_waits_among_releases_or_in_a_queue(on: str, top: str) -> None:
    """Or where it has a group of its own."""
    condition = ONLY_TAGS if on != "{push: {branches: [main]}, workflow_dispatch: }" else ""
    condition = "if: github.event_name == 'release'" if "release" in on else condition
    assert [] == found("cancelled", facts(publishing(on, condition, top=top)))
