"""Uploads inside reusable workflows."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, found, spanned

UPLOAD = "pypa/gh-action-pypi-publish@release/v1"
CALLER = """\
on: {push: {tags: ['v*']}}
jobs:
  out:
    uses: ./.github/workflows/called.yml
    permissions: {id-token: write}
"""


def called(step: str = f"uses: {UPLOAD}", on: str = "workflow_call") -> str:
    """A file with one upload."""
    job = "    runs-on: ubuntu-latest\n    permissions: {id-token: write}\n    steps:\n"
    return f"on: {on}\njobs:\n  upload:\n{job}      - {step}\n"


@pytest.mark.parametrize("uses", [UPLOAD, f"pypa/gh-action-pypi-publish@{'a' * 40} # v1.13.0"])
def test_attestations_of_a_called_file_are_refused(uses: str) -> None:
    """They are signed for the caller: the finding says so, and both ways out."""
    seen = facts({"release.yml": CALLER, "called.yml": called(f"uses: {uses}")})
    (finding,) = found("reusable", seen)
    why = "PyPI refuses it, because its attestations are signed for the caller"
    assert f"this upload runs in `called.yml`, which `release.yml` calls: {why}" == finding.message
    assert ("M04", "high", uses.partition(" ")[0]) == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert "`attestations: false`" in finding.help
    assert ["./.github/workflows/called.yml"] == [spanned(seen, each.span) for each in finding.related]


@pytest.mark.parametrize(
    "step",
    [
        f"uses: {UPLOAD}\n        with: {{attestations: false}}",
        "run: uv publish",
        "uses: pypa/gh-action-pypi-publish@v1.8.14",
        f"uses: pypa/gh-action-pypi-publish@{'a' * 40}",
    ],
)
def test_without_attestations_the_called_file_has_to_be_registered(step: str) -> None:
    """Also where it is not sure that the upload makes any."""
    (finding,) = found("reusable", facts({"release.yml": CALLER, "called.yml": called(step)}))
    why = "a publisher for it has to name `called.yml`"
    assert ("low", f"this upload runs in `called.yml`, which `release.yml` calls: {why}") == (finding.severity, finding.message)


def test_a_workflow_of_another_repository_may_upload() -> None:
    """Nobody can read it here, so the finding says if."""
    uses = "other/flows/.github/workflows/publish-pypi.yml@v1"
    seen = facts(CALLER.replace("./.github/workflows/called.yml", uses))
    (finding,) = found("reusable", seen)
    assert f"the job `out` calls `{uses}`: if that uploads with its ID token, PyPI refuses it" == finding.message
    assert ("medium", uses) == (finding.severity, spanned(seen, finding.span))


@pytest.mark.parametrize(
    "files",
    [
        {"release.yml": called(on="push")},
        {"release.yml": called(on="workflow_call")},
        {"release.yml": CALLER, "called.yml": called(f"uses: {UPLOAD}\n        with: {{password: '${{{{ secrets.T }}}}'}}")},
        {"release.yml": CALLER, "called.yml": called("run: uv publish --publish-url https://own.example/")},
        {"release.yml": CALLER.replace("./.github/workflows/called.yml", "other/flows/.github/workflows/build.yml@v1")},
    ],
    ids=["not called", "nobody calls", "stored token", "own index", "builds elsewhere"],
)
def test_silence_where_no_id_token_of_a_called_file_goes_to_pypi(files: dict[str, str]) -> None:
    """Uploads in the workflow itself, with a stored token, or to an index of one's own."""
    assert [] == found("reusable", facts(files))


@pytest.mark.parametrize("secrets", ["inherit", "{pypi_token: '${{ secrets.T }}'}"])
def test_silence_where_a_call_elsewhere_brings_a_token(secrets: str) -> None:
    """Then the ID token may be for something else."""
    uses = "other/flows/.github/workflows/publish-pypi.yml@v1"
    text = CALLER.replace("./.github/workflows/called.yml", uses) + f"    secrets: {secrets}\n"
    assert [] == found("reusable", facts(text))


def test_a_known_workflow_of_another_repository() -> None:
    """It is known what it uploads with, so there is no if."""
    uses = "OpenAstronomy/github-actions-workflows/.github/workflows/publish.yml@v2"
    (finding,) = found("reusable", facts(CALLER.replace("./.github/workflows/called.yml", uses)))
    assert ("blocker", f"the job `out` calls `{uses}`: it uploads with its ID token, which PyPI refuses") == (
        finding.severity,
        finding.message,
    )


def test_an_action_of_the_repository_in_a_called_file() -> None:
    """What the action brings counts, the step that uses it is pointed at."""
    action = "name: Up\nruns:\n  using: composite\n  steps:\n    - uses: pypa/gh-action-pypi-publish@release/v1\n"
    files = {"release.yml": CALLER, "called.yml": called("uses: ./.github/actions/up"), ".github/actions/up/action.yml": action}
    seen = facts(files)
    (finding,) = found("reusable", seen)
    assert ("high", "./.github/actions/up") == (finding.severity, spanned(seen, finding.span))


def test_a_call_that_uploads_by_an_odd_dispatch_only() -> None:
    """The caller only builds, unless somebody dispatches it on a tag."""
    own = called(on="{push: {tags: ['v*']}, workflow_call: }")
    own = own.replace("    steps:", "    if: startsWith(github.ref, 'refs/tags/')\n    steps:")
    by_hand = CALLER.replace("{push: {tags: ['v*']}}", "workflow_dispatch")
    (finding,) = found("reusable", facts({"release.yml": by_hand, "called.yml": own}))
    assert "low" == finding.severity
    (finding,) = found("reusable", facts({"a.yml": by_hand, "called.yml": own, "release.yml": CALLER}))
    assert "high" == finding.severity
