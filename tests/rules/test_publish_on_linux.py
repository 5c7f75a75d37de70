"""The publish action on runners where it cannot run."""

from __future__ import annotations

import pytest

from tests.rules.releases import PUBLISH, one_job
from tests.rules.samples import facts, found, spanned

MATRIX = "permissions: {id-token: write}\nstrategy: {matrix: {os: [ubuntu-latest, windows-2025]}}"


@pytest.mark.parametrize("runner", ["windows-latest", "macos-15", "[macos-14]"])
def test_a_container_needs_linux(runner: str) -> None:
    """The action is pointed at, and the runner is a related place."""
    seen = facts(one_job(PUBLISH, runner=runner))
    (finding,) = found("publish_on_linux", seen)
    label = runner.strip("[]")
    assert ("blocker", f"the publish action cannot run on `{label}`", [label]) == (
        finding.severity,
        finding.message,
        [spanned(seen, each.span) for each in finding.related],
    )


def test_one_leg_of_a_matrix() -> None:
    """A plain list of runners is read."""
    (finding,) = found("publish_on_linux", facts(one_job(PUBLISH, job=MATRIX, runner="${{ matrix.os }}")))
    assert "the publish action cannot run on `windows-2025`" == finding.message


@pytest.mark.parametrize(
    ("step", "runner", "job"),
    [
        (PUBLISH, "ubuntu-24.04", "permissions: {id-token: write}"),
        (PUBLISH, "self-hosted", "permissions: {id-token: write}"),
        (PUBLISH, "${{ inputs.runner }}", "permissions: {id-token: write}"),
        ("run: twine upload dist/*", "windows-latest", "permissions: {id-token: write}"),
        (PUBLISH + "\nif: runner.os == 'Linux'", "${{ matrix.os }}", MATRIX),
    ],
)
def test_silent(step: str, runner: str, job: str) -> None:
    """Linux, unknown runners, other tools, and a step that chooses its leg."""
    assert [] == found("publish_on_linux", facts(one_job(step, runner=runner, job=job)))
