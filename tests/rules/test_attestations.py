"""Uploads without attestations, or with too many."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, PIN, PUBLISH, one_job
from tests.rules.samples import facts, fixed, found, spanned

TEST_PUBLISH = PUBLISH + "\nwith: {repository-url: 'https://testpypi.example/'}"


def test_switched_off() -> None:
    """The span is the value, and the fix takes the input away."""
    seen = facts(one_job(BUILD, PUBLISH + "\nwith:\n  attestations: false"))
    (finding,) = found("attestations", seen)
    assert (
        "low",
        "the step `pypa/gh-action-pypi-publish` uploads to pypi without attestations: `attestations: false`",
        "false",
    ) == (
        finding.severity,
        finding.message,
        spanned(seen, finding.span),
    )
    assert one_job(BUILD, PUBLISH) == fixed(seen, finding)


def test_an_old_action_makes_none() -> None:
    """From the tag, or from the comment behind a commit id."""
    seen = facts(one_job(f"uses: pypa/gh-action-pypi-publish@{PIN} # v1.10.3"))
    (finding,) = found("attestations", seen)
    assert ("low", "this version of the publish action makes no attestations: `1.10.3`") == (finding.severity, finding.message)


def test_a_client_makes_none() -> None:
    """Good to know, no more."""
    seen = facts(one_job(BUILD, "run: uv publish"))
    (finding,) = found("attestations", seen)
    assert ("info", "the upload to pypi carries no attestations: `uv` makes none", "uv publish") == (
        finding.severity,
        finding.message,
        spanned(seen, finding.span),
    )


def test_two_uploads_of_one_folder() -> None:
    """The second one fails; the first is a related place."""
    seen = facts(one_job(BUILD, TEST_PUBLISH, PUBLISH))
    (finding,) = found("attestations", seen)
    assert ("high", "the second upload of `dist` in one job fails: its files are attested already") == (
        finding.severity,
        finding.message,
    )
    assert ["the attestations are made here first"] == [each.message for each in finding.related]
    assert seen.workflows[finding.span.path].source.place(finding.span.start).line == 10


@pytest.mark.parametrize(
    "steps",
    [
        (PUBLISH,),
        ("uses: pypa/gh-action-pypi-publish@release/v1",),
        (PUBLISH + "\nwith: {password: '${{ secrets.X }}'}",),
        (TEST_PUBLISH + "\nif: github.ref_type == 'branch'", PUBLISH + "\nif: github.ref_type == 'tag'"),
        (PUBLISH + "\nwith: {repository-url: 'https://testpypi.example/', attestations: false}", PUBLISH),
        (TEST_PUBLISH, PUBLISH + "\nwith: {attestations: '${{ vars.SIGN }}'}"),
        (TEST_PUBLISH.replace("{", "{packages-dir: other, "), PUBLISH),
        (f"uses: astral-sh/attest-action@{PIN}", "run: uv publish"),
    ],
)
def test_silent(steps: tuple[str, ...]) -> None:
    """Defaults, tokens, steps of different runs, separate folders, and attestations made by another step."""
    assert [] == found("attestations", facts(one_job(*steps)))


@pytest.mark.parametrize(("condition", "expected"), [("", 1), ("\n      if: inputs.test", 0)])
def test_two_uploads_in_an_action_of_the_repository(condition: str, expected: int) -> None:
    """The conditions of the action's own steps count, and the step of the workflow is pointed at."""
    action = (
        "name: Upload\ninputs: {test: {}}\nruns:\n  using: composite\n  steps:\n"
        f"    - uses: pypa/gh-action-pypi-publish@{PIN}{condition}\n      with: {{repository-url: 'https://testpypi.example/'}}\n"
        f"    - uses: pypa/gh-action-pypi-publish@{PIN}\n"
    )
    seen = facts({"release.yml": one_job(BUILD, "uses: ./.github/actions/up"), ".github/actions/up/action.yml": action})
    spoken = found("attestations", seen)
    assert expected == len(spoken)
    assert {"./.github/actions/up"} >= {spanned(seen, each.span) for each in spoken}


def test_silent_in_a_called_workflow() -> None:
    """PyPI takes no attestations from a called workflow, so switching them off there is right."""
    called = one_job(PUBLISH + "\nwith: {attestations: false}", on="workflow_call")
    caller = "on: push\njobs:\n  call:\n    permissions: {id-token: write}\n    uses: ./.github/workflows/called.yml\n"
    assert [] == found("attestations", facts({"release.yml": caller, "called.yml": called}))
