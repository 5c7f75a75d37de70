"""Upload tools in the newest version."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, DOWNLOAD, two_jobs
from tests.rules.samples import facts, found, spanned

UPLOADS = "run: twine upload dist/*"


@pytest.mark.parametrize(
    ("script", "words", "names"),
    [
        ("pip install twine", "pip install twine", "`twine`"),
        (
            "python -m pip install -U pip twine setuptools",
            "python -m pip install -U pip twine setuptools",
            "`twine`, `setuptools`",
        ),
        ("uv pip install 'twine'", "uv pip install 'twine'", "`twine`"),
        ('pip install -U "twine>=6.1.0"', 'pip install -U "twine>=6.1.0"', "`twine`"),
    ],
)
def test_no_version(script: str, words: str, names: str) -> None:
    """The command is pointed at."""
    seen = facts(two_jobs(publish=(DOWNLOAD, f"run: {script}", UPLOADS)))
    (finding,) = found("unpinned_tools", seen)
    assert ("low", f"the job `publish` publishes with the newest version of {names}", words) == (
        finding.severity,
        finding.message,
        spanned(seen, finding.span),
    )


@pytest.mark.parametrize(
    "steps",
    [
        (DOWNLOAD, "run: pip install twine==7.0.0", UPLOADS),
        (DOWNLOAD, "run: pip install 'twine>=6,<7'", UPLOADS),
        (DOWNLOAD, "run: pip install -r requirements/release.txt twine", UPLOADS),
        (DOWNLOAD, "run: pip install -c constraints.txt twine", UPLOADS),
        (DOWNLOAD, "run: pip install --require-hashes --requirement=x.txt twine", UPLOADS),
        (DOWNLOAD, "run: pip install numpy", UPLOADS),
        (DOWNLOAD, "run: echo pip install twine", UPLOADS),
        ("run: pip install build twine", BUILD, UPLOADS),
    ],
)
def test_silent(steps: tuple[str, ...]) -> None:
    """Versions, files of versions, other packages, and jobs that build anyway."""
    assert [] == found("unpinned_tools", facts(two_jobs(publish=steps)))


def test_silent_in_a_build() -> None:
    """A build installs the newest build backend in any case."""
    assert [] == found("unpinned_tools", facts(two_jobs(build=("run: pip install build", BUILD))))
