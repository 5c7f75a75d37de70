"""Publishing without an environment."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, fixed, found, spanned
from tests.workflows.samples import publishing

TEST = "uses: pypa/gh-action-pypi-publish@release/v1\nwith: {repository-url: 'https://testpypi.example/'}"


@pytest.mark.parametrize(
    ("step", "index", "severity", "name"),
    [("", "pypi", "high", "pypi"), (TEST, "testpypi", "low", "testpypi"), ("run: uv publish --index own", "own", "high", "pypi")],
)
def test_the_job_is_named(step: str, index: str, severity: str, name: str) -> None:
    """On TestPyPI there is little to protect."""
    seen = facts(publishing("push", step=step))
    (finding,) = found("environment_missing", seen)
    assert f"the job `publish` publishes to {index} without an environment" == finding.message
    assert ("E01", severity, "publish") == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert f"Write `environment: {name}` at the job" in finding.help
    assert publishing("push", f"environment: {name}", step).count("environment") == fixed(seen, finding).count("environment")
    assert [] == found("environment_missing", facts(fixed(seen, finding)))


def test_two_indexes_of_one_job_are_told_once() -> None:
    """One environment is missing, not two."""
    text = publishing("push", step=TEST) + "      - uses: pypa/gh-action-pypi-publish@release/v1\n"
    (finding,) = found("environment_missing", facts(text))
    assert ("high", "the job `publish` publishes to pypi, testpypi without an environment") == (finding.severity, finding.message)
    assert (None, "Upload to testpypi in a job of its own") == (finding.fix, finding.help.partition(",")[0])


@pytest.mark.parametrize(
    ("on", "allowed"),
    [
        ("{push: {tags: ['v*']}}", "allow only your release tags and"),
        ("{release: {types: [published]}}", "allow only your release tags and"),
        ("{push: {branches: [main]}}", "allow only the branch `main` and"),
        ("{push: {tags: ['v*']}, workflow_dispatch: }", "allow only the branches and tags that you release from and"),
    ],
)
def test_what_to_allow_fits_the_runs(on: str, allowed: str) -> None:
    """Rules for tags alone would refuse the run of a branch."""
    (finding,) = found("environment_missing", facts(publishing(on)))
    assert allowed in finding.help


@pytest.mark.parametrize(
    ("job", "step"),
    [
        ("environment: pypi", ""),
        ("environment: {name: pypi}", ""),
        ("environment: ${{ vars.ENV }}", ""),
        ("if: github.event_name == 'release'", ""),
        ("", "uses: pypa/gh-action-pypi-publish@release/v1\nwith: {password: '${{ secrets.T }}'}"),
    ],
)
def test_silence_where_there_is_one_or_none_would_help(job: str, step: str) -> None:
    """An expression may give one; a stored token does not ask for any."""
    assert [] == found("environment_missing", facts(publishing("push", job, step)))


def test_an_action_of_the_repository_uploads() -> None:
    """The environment is the job's all the same, and the fix goes into the workflow."""
    action = "name: Up\nruns:\n  using: composite\n  steps:\n    - uses: pypa/gh-action-pypi-publish@release/v1\n"
    text = publishing("push", step="uses: ./.github/actions/up")
    seen = facts({"release.yml": text, ".github/actions/up/action.yml": action})
    (finding,) = found("environment_missing", seen)
    assert publishing("push", "environment: pypi", "uses: ./.github/actions/up").count("\n") == fixed(seen, finding).count("\n")
    assert "    environment: pypi\n" in fixed(seen, finding)
