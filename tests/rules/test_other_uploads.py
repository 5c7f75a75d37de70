"""Recipes that upload by hand."""

from __future__ import annotations

import pytest

from tests.rules.releases import PUBLISH, one_job, two_jobs
from tests.rules.samples import facts, found, spanned


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("Makefile", "release:\n\ttwine upload dist/*\n", "twine upload"),
        ("tox.ini", "[testenv:release]\ncommands =\n    python -m twine upload dist/*\n", "python -m twine upload"),
        ("noxfile.py", 'def release(session):\n    session.run("twine", "upload", "dist/*")\n', 'twine", "upload'),
        ("scripts/publish.sh", "uv publish --token $TOKEN\n", "uv publish"),
        ("scripts/publish.sh", "${PREFIX}twine upload dist/*\n", "${PREFIX}twine upload"),
        ("justfile", "release:\n    poetry publish --build\n", "poetry publish"),
    ],
)
def test_a_recipe_is_pointed_at(path: str, text: str, words: str) -> None:
    """The words that upload, wherever maintainers keep them."""
    seen = facts({"release.yml": two_jobs(), path: text})
    (finding,) = found("other_uploads", seen)
    assert ("low", words) == (finding.severity, spanned(seen, finding.span))
    assert finding.message.startswith(
        f"`{path}` uploads to pypi by hand, beside the workflow that does it by trusted publishing: `"
    )


def test_all_recipes_are_one_finding() -> None:
    """The others are related places."""
    text = "release:\n\ttwine upload dist/*\n\nagain:\n\tuv publish\n"
    (finding,) = found("other_uploads", facts({"release.yml": two_jobs(), "Makefile": text}))
    assert ["uploads by hand too"] == [each.message for each in finding.related]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Makefile", "release:\n\ttwine upload -r testpypi dist/*\n"),
        ("Makefile", "publish-test:\n\ttwine upload dist/*\n"),
        ("Makefile", "# twine upload dist/*\n"),
        ("Makefile", "release:\n\ttwine upload --repository internal dist/*\n"),
        ("Makefile", "help:\n\t@echo setup.py\n\nother:\n\tupload now\n"),
        ("docs/release.md", "twine upload dist/*\n"),
    ],
)
def test_silent(path: str, text: str) -> None:
    """Tests, comments, other indexes, and what only tells how."""
    assert [] == found("other_uploads", facts({"release.yml": two_jobs(), path: text}))


def test_silent_without_a_trusted_upload() -> None:
    """Where the workflow has a token too, another rule speaks."""
    text = one_job(PUBLISH + "\nwith: {password: '${{ secrets.X }}'}", job="")
    assert [] == found("other_uploads", facts({"release.yml": text, "Makefile": "release:\n\ttwine upload dist/*\n"}))


def test_silent_when_the_workflow_runs_the_recipe() -> None:
    """Then it is the workflow's own upload."""
    files = {"release.yml": one_job("run: make release"), "Makefile": "release:\n\ttwine upload dist/*\n"}
    assert [] == found("other_uploads", facts(files))
