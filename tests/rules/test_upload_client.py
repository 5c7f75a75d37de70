"""Uploads that do not use the ID token that their job may ask for."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, PIN, PUBLISH, one_job
from tests.rules.samples import facts, fixed, found, spanned

WITH = PUBLISH + "\nwith:\n  password: ${{ secrets.PYPI_TOKEN }}"


def test_a_password_hides_the_id_token() -> None:
    """Both places are named: the secret and the right."""
    seen = facts(one_job(BUILD, WITH, job="permissions:\n  id-token: write"))
    (finding,) = found("upload_client", seen)
    assert (
        "high",
        "the job `publish` may ask for an ID token, but uploads to pypi with the stored secret `PYPI_TOKEN`",
        "${{ secrets.PYPI_TOKEN }}",
        ["write"],
    ) == (
        finding.severity,
        finding.message,
        spanned(seen, finding.span),
        [spanned(seen, each.span) for each in finding.related],
    )


def test_the_fix_takes_the_password_away() -> None:
    """The map of inputs goes with its only key."""
    seen = facts(one_job(BUILD, WITH))
    (finding,) = found("upload_client", seen)
    assert one_job(BUILD, PUBLISH) == fixed(seen, finding)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("uses: pypa/gh-action-pypi-publish@v1.6.4", "pypa/gh-action-pypi-publish@v1.6.4"),
        (f"uses: pypa/gh-action-pypi-publish@{PIN} # v1.5.0", f"pypa/gh-action-pypi-publish@{PIN}"),
        ("run: poetry publish --build", "poetry publish --build"),
        ("run: |\n  pip install twine==5.1.1\n  twine upload dist/*", "twine upload dist/*"),
    ],
)
def test_a_client_that_cannot_exchange_blocks(step: str, words: str) -> None:
    """Old versions, and tools that never learnt it."""
    seen = facts(one_job(step))
    (finding,) = found("upload_client", seen)
    assert ("blocker", words) == (finding.severity, spanned(seen, finding.span))


def test_the_version_is_named() -> None:
    """The message says which version it is."""
    (finding,) = found("upload_client", facts(one_job("uses: pypa/gh-action-pypi-publish@v1.6.4")))
    assert "this version of the publish action cannot exchange ID tokens: `v1.6.4`" == finding.message


@pytest.mark.parametrize(
    "step",
    [
        PUBLISH,
        "uses: pypa/gh-action-pypi-publish@release/v1",
        "uses: pypa/gh-action-pypi-publish@v1",
        "uses: pypa/gh-action-pypi-publish@master",
        f"uses: pypa/gh-action-pypi-publish@{PIN}",
        "run: uv publish",
        "run: |\n  pip install twine\n  twine upload dist/*",
        "run: |\n  source ./login.sh && export TOKEN_FILE=$HOME/.pypirc\n  poetry publish",
        "uses: JRubics/poetry-publish@v2\nwith: {pypi_token: '${{ steps.mint.outputs.api-token }}'}",
        "run: uv publish --token ${{ secrets.X }} --publish-url https://internal.example/",
    ],
)
def test_silent(step: str) -> None:
    """Versions that can, or may, exchange; passwords that may come from elsewhere; other indexes."""
    assert [] == found("upload_client", facts(one_job(step)))


def test_silent_without_the_right() -> None:
    """Without `id-token: write` another rule speaks."""
    assert [] == found("upload_client", facts(one_job("run: poetry publish", job="permissions: {}")))
