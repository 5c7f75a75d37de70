"""Uploads from `pull_request_target`."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, found, spanned
from tests.workflows.samples import publishing


@pytest.mark.parametrize(("on", "severity"), [("pull_request_target", "blocker"), ("[push, pull_request_target]", "medium")])
def test_pypi_refuses_them(on: str, severity: str) -> None:
    """A blocker where nothing else gets to the upload."""
    seen = facts(publishing(on))
    (finding,) = found("pull_request_target", seen)
    assert "pypi refuses the uploads of runs that `pull_request_target` starts" == finding.message
    assert ("M11", severity, "pull_request_target") == (finding.rule, finding.severity, spanned(seen, finding.span))


@pytest.mark.parametrize(
    ("on", "job", "step"),
    [
        ("pull_request", "", ""),
        ("[push, pull_request_target]", "if: github.event_name == 'push'", ""),
        ("pull_request_target", "", "run: uv publish --publish-url https://own.example/"),
        ("pull_request_target", "", "uses: pypa/gh-action-pypi-publish@release/v1\nwith: {password: '${{ secrets.T }}'}"),
    ],
)
def test_silence_elsewhere(on: str, job: str, step: str) -> None:
    """Other events, runs that do not get there, other indexes, stored tokens."""
    assert [] == found("pull_request_target", facts(publishing(on, job, step)))
