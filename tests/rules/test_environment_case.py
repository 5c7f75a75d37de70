"""One environment in several spellings."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, fixed, found, spanned
from tests.workflows.samples import publishing

ROW = '[[publisher]]\nproject = "tool"\nowner = "octo"\nrepository = "tool"\nworkflow = "release.yml"\nenvironment = "pypi"\n'


def test_another_spelling_than_the_declared_one() -> None:
    """The declared one counts."""
    seen = facts({"release.yml": publishing("push", "environment: PyPI"), "trustpub.toml": ROW})
    (finding,) = found("environment_case", seen)
    assert "the environment `PyPI` of the job `publish` is written `pypi` elsewhere" == finding.message
    assert ("E07", "info", "PyPI") == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert [("trustpub.toml", "pypi")] == [(each.span.path, spanned(seen, each.span)) for each in finding.related]
    assert publishing("push", "environment: pypi") == fixed(seen, finding)


def test_two_jobs_of_different_spelling() -> None:
    """Without a declaration the first one counts."""
    seen = facts({"a.yml": publishing("push", "environment: PyPI"), "b.yml": publishing("push", "environment: pypi")})
    (finding,) = found("environment_case", seen)
    assert "the environment `pypi` of the job `publish` is written `PyPI` elsewhere" == finding.message


@pytest.mark.parametrize("environment", ["pypi", "${{ vars.ENV }}", "release", "''"])
def test_silence_where_they_agree(environment: str) -> None:
    """Other names are other environments."""
    seen = facts({"release.yml": publishing("push", f"environment: {environment}"), "trustpub.toml": ROW})
    assert [] == found("environment_case", seen)
