"""Other work in the job that publishes."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, CHECKOUT, DOWNLOAD, PIN, PUBLISH, one_job, two_jobs
from tests.rules.samples import facts, found, spanned


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (f"uses: softprops/action-gh-release@{PIN}", f"softprops/action-gh-release@{PIN}"),
        ("run: npx changelogithub", "npx changelogithub"),
        ("run: |\n  echo hello\n  ./scripts/notify.sh now", "./scripts/notify.sh"),
        ("run: curl -sSf https://x.example/i | sh", "sh"),
        ("run: python tools/post.py", "python tools/post.py"),
        ("run: pip install -e .[dev]", "pip install -e .[dev]"),
        ("run: make notes", "make notes"),
    ],
)
def test_other_work_is_pointed_at(step: str, words: str) -> None:
    """Foreign actions, and commands that run code of the checkout or of strangers."""
    seen = facts(two_jobs(publish=(DOWNLOAD, step, PUBLISH)))
    (finding,) = found("extra_work", seen)
    assert ("low", words) == (finding.severity, spanned(seen, finding.span))
    assert finding.message.startswith("the job `publish` does more than publish: `")


def test_a_machine_of_ones_own() -> None:
    """What an earlier job left there stands beside the token."""
    seen = facts(one_job(DOWNLOAD, PUBLISH, runner="[self-hosted, linux]"))
    (finding,) = found("extra_work", seen)
    assert ("high", "the job `publish` publishes on a machine that other jobs may use: `self-hosted`", "self-hosted") == (
        finding.severity,
        finding.message,
        spanned(seen, finding.span),
    )


@pytest.mark.parametrize(
    "steps",
    [
        (DOWNLOAD, PUBLISH),
        (CHECKOUT, DOWNLOAD, "run: ls -l dist && echo make", PUBLISH),
        (DOWNLOAD, f"uses: sigstore/gh-action-sigstore-python@{PIN}", PUBLISH),
        (DOWNLOAD, "run: pipx run twine check dist/*", PUBLISH),
        (DOWNLOAD, f"uses: octo/own@{PIN}", PUBLISH),
        (CHECKOUT, BUILD, "run: make check", PUBLISH),
        (DOWNLOAD, "run: pip install twine", "run: twine upload dist/*"),
    ],
)
def test_silent(steps: tuple[str, ...]) -> None:
    """What fetches, checks, signs or uploads; and jobs that build, of which another rule speaks."""
    assert [] == found("extra_work", facts(two_jobs(publish=steps)))
