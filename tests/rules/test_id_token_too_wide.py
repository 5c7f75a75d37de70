"""ID tokens for jobs that do not publish."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, found, spanned

BUILD = "  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: python -m build\n"
PUBLISH = "  publish:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: pypa/gh-action-pypi-publish@release/v1\n"


def workflow(permissions: str, *jobs: str) -> str:
    """A file with permissions for all its jobs."""
    return f"on: {{push: {{tags: ['v*']}}}}\npermissions: {permissions}\njobs:\n{''.join(jobs)}"


@pytest.mark.parametrize(
    ("permissions", "under"), [("{contents: read, id-token: write}", "id-token: write"), ("write-all", "write-all")]
)
def test_the_other_jobs_are_named(permissions: str, under: str) -> None:
    """The grant at the top is pointed at, and each job that has it for nothing."""
    seen = facts(workflow(permissions, BUILD, PUBLISH))
    (finding,) = found("id_token_too_wide", seen)
    assert "every job here may ask for an ID token, also those that do not publish: `build`" == finding.message
    assert ("W07", "low", under) == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert "Move `id-token: write` to the `permissions` of `publish`." == finding.help
    assert ["build"] == [spanned(seen, each.span) for each in finding.related]


@pytest.mark.parametrize(
    "text",
    [
        workflow("{id-token: write}", PUBLISH),
        workflow("{contents: read}", BUILD, PUBLISH + "    permissions: {id-token: write}\n"),
        workflow("{id-token: write}", BUILD + "    permissions: {contents: read}\n", PUBLISH),
        workflow("{id-token: write}", BUILD + "      - uses: actions/attest-build-provenance@v4\n", PUBLISH),
        workflow("{id-token: write}", BUILD),
    ],
    ids=["alone", "at the job", "narrowed", "attests", "nothing published"],
)
def test_silence_where_nobody_has_it_for_nothing(text: str) -> None:
    """Jobs that use ID tokens for something else keep them."""
    assert [] == found("id_token_too_wide", facts(text))


def test_a_job_that_has_it_already() -> None:
    """Then it only has to go from the top."""
    own = PUBLISH.replace("    steps:", "    permissions: {id-token: write}\n    steps:")
    (finding,) = found("id_token_too_wide", facts(workflow("{contents: read, id-token: write}", BUILD, own)))
    assert finding.help.startswith("Take `id-token: write` away from the top of the file")


@pytest.mark.parametrize(
    ("step", "count"),
    [
        ("run: pip install tool", 1),
        ("run: ./check.sh", 0),
        ("uses: other/action@v1", 0),
        ("run: curl $ACTIONS_ID_TOKEN_REQUEST_URL", 0),
    ],
)
def test_a_job_that_asks_for_it_by_itself(step: str, count: int) -> None:
    """Told only where nothing that it runs could need one."""
    check = f"  check:\n    runs-on: ubuntu-latest\n    permissions: {{id-token: write}}\n    steps:\n      - {step}\n"
    own = PUBLISH.replace("    steps:", "    permissions: {id-token: write}\n    steps:")
    seen = facts(workflow("{}", check, own))
    assert ["check"] * count == [spanned(seen, each.span) for each in found("id_token_too_wide", seen)]
