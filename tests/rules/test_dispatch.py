"""Releases started by hand from any branch."""

from __future__ import annotations

import pytest

from tests.rules.releases import two_jobs
from tests.rules.samples import facts, found, spanned

DISPATCH = two_jobs(on="{push: {tags: [v*]}, workflow_dispatch: {}}")
PUBLISHER = (
    '[[publisher]]\nproject = "tool"\nowner = "octo"\nrepository = "tool"\nworkflow = "release.yml"\nenvironment = "pypi"\n'
)


def test_every_branch_is_admitted() -> None:
    """The event is pointed at, the environment is a related place."""
    declared = PUBLISHER + '[environments.pypi]\nbranches = ["**"]\ntags = ["v*"]\n'
    seen = facts({"release.yml": DISPATCH, "trustpub.toml": declared})
    (finding,) = found("dispatch", seen)
    assert (
        "high",
        "`workflow_dispatch` publishes to pypi from any branch: `pypi` admits `**`",
        "workflow_dispatch",
        ["pypi"],
    ) == (
        finding.severity,
        finding.message,
        spanned(seen, finding.span),
        [spanned(seen, each.span) for each in finding.related],
    )


def test_an_environment_without_rules_admits_every_ref() -> None:
    """A declaration that only makes it wait does not choose who comes in."""
    seen = facts({"release.yml": DISPATCH, "trustpub.toml": PUBLISHER + "[environments.pypi]\nwait_minutes = 5\n"})
    (finding,) = found("dispatch", seen)
    assert "`workflow_dispatch` publishes to pypi from any branch: `pypi` admits every ref" == finding.message


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ('branches = ["main"]', DISPATCH),
        ('branches = ["**"]\nreviewers = ["ann"]', DISPATCH),
        ('tags = ["v*"]', DISPATCH),
        ('branches = ["**"]', two_jobs()),
    ],
)
def test_silent(rules: str, text: str) -> None:
    """Chosen branches or tags, reviewers, and no dispatch."""
    assert [] == found("dispatch", facts({"release.yml": text, "trustpub.toml": f"{PUBLISHER}[environments.pypi]\n{rules}\n"}))


def test_silent_when_nothing_is_declared() -> None:
    """What the environment's rules are is not known then."""
    assert [] == found("dispatch", facts(DISPATCH))
