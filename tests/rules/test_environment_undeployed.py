"""Environments without a deployment."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, found, spanned
from tests.workflows.samples import publishing


def test_deployment_false() -> None:
    """What then holds of the rules is not documented, and the finding says no more."""
    seen = facts(publishing("push", "environment: {name: pypi, deployment: false}"))
    (finding,) = found("environment_undeployed", seen)
    message = "the job `publish` has `deployment: false`: whether its environment's branch and tag rules hold is not known"
    assert message == finding.message
    assert ("E05", "info", "deployment: false") == (finding.rule, finding.severity, spanned(seen, finding.span))


@pytest.mark.parametrize(
    "job",
    [
        "environment: {name: pypi, deployment: true}",
        "environment: {name: pypi, deployment: 'false'}",
        "environment: {name: pypi, deployment: '${{ inputs.real }}'}",
        "environment: {name: pypi}",
        "environment: pypi",
        "",
    ],
)
def test_silence_where_it_is_deployed(job: str) -> None:
    """Or where only the run knows."""
    assert [] == found("environment_undeployed", facts(publishing("push", job)))
