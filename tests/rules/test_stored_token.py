"""Uploads to PyPI and TestPyPI with a stored secret."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, PUBLISH, one_job
from tests.rules.samples import facts, fixed, found, spanned

TOKEN = "permissions: {contents: read}"
WITH = PUBLISH + "\nwith:\n  user: __token__\n  password: ${{ secrets.PYPI_TOKEN }}"


def test_the_secret_is_named_at_its_place() -> None:
    """The message names job, index and secret; the span is the expression."""
    seen = facts(one_job(BUILD, WITH, job=TOKEN))
    (finding,) = found("stored_token", seen)
    assert (
        "high",
        "the job `publish` uploads to pypi with the stored secret `PYPI_TOKEN`",
        "${{ secrets.PYPI_TOKEN }}",
    ) == (finding.severity, finding.message, spanned(seen, finding.span))
    assert "delete the secret `PYPI_TOKEN`" in finding.help
    assert "give the job `environment: pypi` and `id-token: write` below `permissions`" in finding.help


@pytest.mark.parametrize(
    "step",
    [
        "run: twine upload dist/*\nenv:\n  TWINE_PASSWORD: ${{ secrets.PYPI_TOKEN }}",
        "run: uv publish --token ${{ secrets.PYPI_TOKEN }}",
        "run: poetry publish\nenv: {POETRY_PYPI_TOKEN_PYPI: '${{ secrets.PYPI_TOKEN }}'}",
    ],
)
def test_commands_are_found_too(step: str) -> None:
    """A variable and an option are places of a secret."""
    seen = facts(one_job(BUILD, step, job=TOKEN))
    (finding,) = found("stored_token", seen)
    assert "${{ secrets.PYPI_TOKEN }}" == spanned(seen, finding.span)


@pytest.mark.parametrize(
    "steps",
    [
        ("run: uv publish -p ${{ env.PASSWORD }}\nenv: {PASSWORD: '${{ secrets.PYPI_TOKEN }}'}",),
        (
            "run: echo 'PASSWORD=${{ secrets.PYPI_TOKEN }}' >> $GITHUB_ENV",
            PUBLISH + "\nwith: {password: '${{ env.PASSWORD }}'}",
        ),
    ],
)
def test_a_secret_that_goes_through_the_environment(steps: tuple[str, ...]) -> None:
    """Its name is looked up where the variable is set."""
    (finding,) = found("stored_token", facts(one_job(*steps, job=TOKEN)))
    assert "the job `publish` uploads to pypi with the stored secret `PYPI_TOKEN`" == finding.message


def test_a_tool_that_cannot_exchange_is_replaced() -> None:
    """For poetry the help says what to upload with."""
    step = "run: poetry publish\nenv: {POETRY_PYPI_TOKEN_PYPI: '${{ secrets.PYPI_TOKEN }}'}"
    (finding,) = found("stored_token", facts(one_job(step, job=TOKEN)))
    assert "upload with `pypa/gh-action-pypi-publish` without a password" in finding.help


def test_one_secret_in_several_jobs_is_one_cause() -> None:
    """The other upload is a related place."""
    text = one_job(WITH, job=TOKEN)
    text += text.partition("jobs:\n")[2].replace("  publish:", "  again:")
    (finding,) = found("stored_token", facts(text))
    assert ["the job `again` uploads with it too"] == [each.message for each in finding.related]


def test_the_fix_takes_the_password_away_and_grants_the_right() -> None:
    """Afterwards the job uploads by trusted publishing."""
    seen = facts(one_job(BUILD, WITH + "\n  verbose: true", job="permissions:\n  contents: read"))
    (finding,) = found("stored_token", seen)
    after = fixed(seen, finding)
    assert (False, True, False) == ("secrets" in after, "id-token: write" in after, finding.fix is None or finding.fix.safe)
    assert "    environment: pypi\n" in after
    assert [] == found("stored_token", facts(after))


def test_the_fix_keeps_the_rights_of_the_workflow() -> None:
    """A job's own permissions take the workflow's away, so they are written down with the new one."""
    seen = facts(one_job(BUILD, WITH, top="permissions:\n  contents: write", job=""))
    (finding,) = found("stored_token", seen)
    after = fixed(seen, finding)
    assert "    permissions:\n      contents: write\n      id-token: write\n" in after


@pytest.mark.parametrize("ref", ["master", "v1.4.2", "0123456789012345678901234567890123456789"])
def test_no_fix_for_versions_that_may_not_exchange(ref: str) -> None:
    """Without the password such an upload could fail."""
    step = WITH.replace(PUBLISH, f"uses: pypa/gh-action-pypi-publish@{ref}")
    (finding,) = found("stored_token", facts(one_job(step, job=TOKEN)))
    assert finding.fix is None


@pytest.mark.parametrize(
    ("on", "step", "job"),
    [
        ("push", PUBLISH, "permissions: {id-token: write}"),
        ("push", WITH + "\n  repository-url: https://internal.example/", TOKEN),
        ("push", PUBLISH + "\nwith: {password: '${{ steps.mint.outputs.token }}'}", TOKEN),
        ("push", PUBLISH + "\nwith: {password: '${{ env.MINTED }}'}", TOKEN),
        ("workflow_call", WITH, TOKEN),
        ("push", WITH, "permissions: {id-token: write}"),
        ("push", WITH, TOKEN + "\nif: false"),
    ],
)
def test_silent(on: str, step: str, job: str) -> None:
    """Trusted uploads, other indexes, files for other repositories, shadowed ID tokens and unreached jobs are not told."""
    assert [] == found("stored_token", facts(one_job(step, on=on, job=job)))


def test_silent_on_other_hosts() -> None:
    """GitHub Enterprise Server has no trusted publishing on PyPI."""
    assert [] == found("stored_token", facts(one_job(WITH, job=TOKEN), host="git.corp.example"))


def test_no_fix_for_both_indexes_in_one_job() -> None:
    """One environment for both is wrong too."""
    test = PUBLISH + "\nwith:\n  password: ${{ secrets.TEST_TOKEN }}\n  repository-url: https://testpypi.example/"
    findings = found("stored_token", facts(one_job(test, WITH, job="permissions:\n  contents: read")))
    assert [("testpypi", None), ("pypi", None)] == [(each.message.split()[5], each.fix) for each in findings]


@pytest.mark.parametrize(("secret", "count"), [("pypi_token: '${{ secrets.MINE }}'", 1), ("other: '${{ secrets.MINE }}'", 0)])
def test_a_token_that_is_handed_over(secret: str, count: int) -> None:
    """A workflow of another repository uploads with it; the secret is pointed at."""
    call = "OpenAstronomy/github-actions-workflows/.github/workflows/publish.yml@v2"
    text = f"on: {{push: {{tags: ['v*']}}}}\njobs:\n  release:\n    uses: {call}\n    secrets: {{{secret}}}\n"
    findings = found("stored_token", facts(text))
    message = "the job `release` hands the stored secret `MINE` to a workflow that uploads with it"
    assert [("low", message)] * count == [(each.severity, each.message) for each in findings]
