"""TestPyPI and PyPI through one environment."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, found, spanned

UPLOAD = "      - uses: pypa/gh-action-pypi-publish@release/v1\n"
TEST = f"{UPLOAD}        with: {{repository-url: 'https://testpypi.example/'}}\n"


def job(name: str, environment: str, steps: str) -> str:
    """One publishing job."""
    own = f"    environment: {environment}\n    permissions: {{id-token: write}}\n"
    return f"  {name}:\n    runs-on: ubuntu-latest\n{own}    steps:\n{steps}"


def workflow(*jobs: str) -> str:
    """A workflow with these jobs."""
    return f"on: {{push: {{tags: ['v*']}}}}\njobs:\n{''.join(jobs)}"


def test_two_jobs() -> None:
    """The test leg is the one to change."""
    seen = facts(workflow(job("real", "pypi", UPLOAD), job("test", "PyPI", TEST)))
    (finding,) = found("testpypi_leg", seen)
    assert "the jobs `test` and `real` upload to TestPyPI and PyPI through one environment: `PyPI`" == finding.message
    assert ("M05", "medium", "PyPI") == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert "Give TestPyPI an environment of its own: `environment: testpypi`" in finding.help


def test_one_job() -> None:
    """It needs a job of its own first."""
    (finding,) = found("testpypi_leg", facts(workflow(job("out", "pypi", TEST + UPLOAD))))
    assert "the job `out` uploads to TestPyPI and PyPI through one environment: `pypi`" == finding.message
    assert "Give TestPyPI a job and an environment of its own" in finding.help


@pytest.mark.parametrize(
    "text",
    [
        workflow(job("real", "pypi", UPLOAD), job("test", "testpypi", TEST)),
        workflow(job("test", "pypi", TEST)),
        workflow(job("real", "pypi", UPLOAD), job("test", "${{ vars.ENV }}", TEST)),
        workflow(job("real", "pypi", UPLOAD), job("test", "pypi", TEST.replace("{", "{password: '${{ secrets.T }}', "))),
        workflow(job("real", "", UPLOAD), job("test", "", TEST)),
    ],
    ids=["two", "only the test", "unknown", "stored token", "none at all"],
)
def test_silence_where_they_are_apart(text: str) -> None:
    """Or where it is not known."""
    assert [] == found("testpypi_leg", facts(text))
