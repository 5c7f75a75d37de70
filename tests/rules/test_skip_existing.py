"""Releases that pass over files which are there already."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, PUBLISH, one_job
from tests.rules.samples import facts, fixed, found, spanned
from trustpub.domain.package import Package

SKIPPING = PUBLISH + "\nwith:\n  skip-existing: true"


def test_a_forgotten_version_stays_unseen() -> None:
    """The value is pointed at; the fix takes it away."""
    seen = facts(one_job(BUILD, SKIPPING))
    (finding,) = found("skip_existing", seen)
    assert (
        "low",
        "the upload passes over files that pypi has, so a forgotten version stays unseen: `skip-existing: true`",
        "true",
    ) == (finding.severity, finding.message, spanned(seen, finding.span))
    assert one_job(BUILD, PUBLISH) == fixed(seen, finding)


@pytest.mark.parametrize(
    "text",
    [
        one_job(BUILD, PUBLISH),
        one_job(BUILD, SKIPPING.replace("true", "false")),
        one_job(BUILD, SKIPPING + "\n  repository-url: https://testpypi.example/"),
        one_job(BUILD, SKIPPING, on="{push: {branches: [main]}}"),
        one_job(BUILD, SKIPPING, on="{push: {tags: [v*]}, workflow_dispatch: {}}"),
        one_job('run: test "$GITHUB_REF_NAME" = "$(hatch version)"', BUILD, SKIPPING),
    ],
)
def test_silent(text: str) -> None:
    """Other indexes, runs that are no release or may finish one, and versions that are compared."""
    assert [] == found("skip_existing", facts(text))


def test_silent_when_the_version_comes_from_the_tag() -> None:
    """Nobody can forget what nobody writes."""
    assert [] == found("skip_existing", facts(one_job(BUILD, SKIPPING), (Package(".", "tool", None),)))
