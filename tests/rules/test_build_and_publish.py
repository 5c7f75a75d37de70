"""Jobs that build beside the ID token."""

from __future__ import annotations

import pytest

from tests.rules.releases import BUILD, CHECKOUT, DOWNLOAD, PIN, PUBLISH, one_job, two_jobs
from tests.rules.samples import facts, found, spanned


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (BUILD, "python -m build"),
        ("run: uv build --sdist", "uv build"),
        ("run: |\n  pip install hatch\n  hatch build", "hatch build"),
        ("run: pipx run build --sdist", "pipx run build"),
        ("run: uv run --with build python -m build", "uv run --with build python -m build"),
        ("run: uv run -m build", "uv run -m build"),
        ("run: uv run --frozen --with 'build[uv]' -m build", "uv run --frozen --with 'build[uv]' -m build"),
        ("run: python setup.py sdist bdist_wheel", "python setup.py sdist"),
        ("run: cd pkg && poetry build", "poetry build"),
        (f"uses: pypa/cibuildwheel@{PIN}", f"pypa/cibuildwheel@{PIN}"),
    ],
)
def test_the_build_is_pointed_at(step: str, words: str) -> None:
    """The span is the command or the action that builds."""
    seen = facts(one_job(CHECKOUT, step, PUBLISH))
    assert [words] == [spanned(seen, each.span) for each in found("build_and_publish", seen)]


@pytest.mark.parametrize(
    ("step", "file", "text"),
    [
        ("run: make dist", "Makefile", "dist: clean ## all\n\t@echo x\n\tpython -m build\n\nclean:\n\trm -rf dist\n"),
        ("run: make release", "Makefile", "release: sdist\n\techo done\nsdist:\n\tuv build\n"),
        (
            f"uses: python-semantic-release/python-semantic-release@{PIN}",
            "pyproject.toml",
            '[tool.semantic_release]\nbuild_command = "pip install poetry && poetry build"\n',
        ),
        (f"uses: jupyter-server/jupyter_releaser/.github/actions/populate-release@{PIN}", "x", ""),
    ],
)
def test_what_builds_by_a_file_of_the_checkout(step: str, file: str, text: str) -> None:
    """A makefile's recipe, and the releasers that build, each by its own words."""
    seen = facts({"release.yml": one_job(CHECKOUT, step, PUBLISH), file: text})
    assert [step.partition(": ")[2]] == [spanned(seen, each.span) for each in found("build_and_publish", seen)]


@pytest.mark.parametrize(
    ("step", "file", "text"),
    [
        ("run: make notes", "Makefile", "notes:\n\techo x\ndist:\n\tpython -m build\n"),
        ("run: make dist", "Makefile", "dist: dist\n\techo uv build\n"),
        (f"uses: python-semantic-release/python-semantic-release@{PIN}", "pyproject.toml", 'build_command = ""\n'),
        (
            f"uses: python-semantic-release/python-semantic-release@{PIN}\nwith: {{build: false}}",
            "pyproject.toml",
            'build_command = "uv build"\n',
        ),
    ],
)
def test_what_does_not_build_by_a_file(step: str, file: str, text: str) -> None:
    """Other recipes, a releaser that is not told how to build, or told not to."""
    assert [] == found("build_and_publish", facts({"release.yml": one_job(CHECKOUT, step, PUBLISH), file: text}))


def test_the_message() -> None:
    """It names job and command; the job itself is a related place."""
    seen = facts(one_job(CHECKOUT, BUILD, PUBLISH))
    (finding,) = found("build_and_publish", seen)
    assert ("medium", "the job `publish` builds what it publishes: `python -m build`", ["publish"]) == (
        finding.severity,
        finding.message,
        [spanned(seen, each.span) for each in finding.related],
    )


@pytest.mark.parametrize(
    "text",
    [
        two_jobs(),
        one_job(DOWNLOAD, "run: ls build && echo python -m build", PUBLISH),
        one_job(DOWNLOAD, "run: pip install build", PUBLISH),
        one_job(BUILD, PUBLISH + "\nwith: {password: '${{ secrets.X }}'}", job="permissions: {}"),
        one_job(f"uses: PyO3/maturin-action@{PIN}\nwith: {{command: upload, args: dist/*}}"),
        one_job(BUILD, PUBLISH, job="permissions: {id-token: write}\nif: false"),
    ],
)
def test_silent(text: str) -> None:
    """Separate jobs, words that only look like a build, uploads without an ID token, and jobs that never run."""
    assert [] == found("build_and_publish", facts(text))
