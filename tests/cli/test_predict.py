"""`trustpub predict` as a person and as a program meet it: text, JSON, exit statuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.inside import ENVIRONMENT, inside

ROOT = Path(__file__).resolve().parents[2]
TRUSTPUB = Path(sys.executable).with_name("trustpub")
KEYS = [
    "workflow",
    "job",
    "step",
    "line",
    "column",
    "event",
    "ref",
    "ref_pattern",
    "project",
    "package",
    "matrix",
    "index",
    "profile",
    "credential",
    "verdict",
    "claims",
    "unknown",
    "alternatives",
    "publisher",
    "why",
]
WORKFLOW = """\
on: {{push: {{tags: ['v*']}}}}
jobs:
  publish:
    permissions: {{{permissions}}}
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""
PROJECT = '[project]\nname = "tool"\nversion = "1.0"\n'
DECLARATION = '[[publisher]]\nproject = "tool"\nowner = "octo"\nrepository = "tool"\nworkflow = "release.yml"\n'


def process(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a process in a home of its own."""
    environment = {**ENVIRONMENT, "HOME": str(home)}
    return subprocess.run(
        [str(TRUSTPUB), "predict", *words], env=environment, cwd=home, capture_output=True, text=True, check=False, timeout=60
    )


def predict(*words: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the command here: the same, and quicker."""
    return inside("predict", *words, home=home)


def project(root: Path, permissions: str = "id-token: write") -> Path:
    """Write a project of one workflow."""
    (root / ".github/workflows").mkdir(parents=True)
    (root / ".github/workflows/release.yml").write_text(WORKFLOW.format(permissions=permissions))
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "trustpub.toml").write_text(DECLARATION)
    return root


TEXT = """\
tool, in the root of octo/tool

.github/workflows/release.yml:6  job publish, step pypa/gh-action-pypi-publish
  publishes  to pypi, by a push of the tag v* (for example refs/tags/v1.0)
             - the job `publish` grants `id-token: write`
             - the publisher for pypi in `trustpub.toml` matches
  claims     repository        octo/tool
             job_workflow_ref  octo/tool/.github/workflows/release.yml@refs/tags/v1.0
             workflow_ref      octo/tool/.github/workflows/release.yml@refs/tags/v1.0
             ref               refs/tags/v1.0
             event_name        push
             aud               pypi
             iss               https://token.actions.githubusercontent.com
             sub               repo:octo/tool:ref:refs/tags/v1.0
               or              repo:octo@<repository_owner_id>/tool@<repository_id>:ref:refs/tags/v1.0
  not known  repository_owner_id, repository_id, runner_environment, and what only a run has: jti, sha,
             workflow_sha ...
  form       Project name      tool
             Owner             octo
             Repository name   tool
             Workflow name     release.yml
             Environment name  (leave empty)

Who can publish
  - pypi (`tool`): whoever can push a tag `v*` (write access), with no environment in between
  - whoever can push a branch or a tag can change `release.yml` there and run it: pypi asks for the name of
    this file only, so nothing but write access stands in between
"""


def test_the_text_report(tmp_path: Path) -> None:
    """The whole report, as it is printed."""
    done = process(str(project(tmp_path / "r")), home=tmp_path)
    assert (0, TEXT, "") == (done.returncode, done.stdout, done.stderr)


def test_the_json_report(tmp_path: Path) -> None:
    """The contract's keys, both legs of the example."""
    done = process(str(ROOT / "examples/orchay"), "--format", "json", home=tmp_path)
    found = json.loads(done.stdout)
    assert ["predictions"] == list(found)
    assert [KEYS] * 3 == [list(prediction) for prediction in found["predictions"]]
    told = [(p["index"], p["verdict"]) for p in found["predictions"]]
    assert [("testpypi", "publishes"), ("testpypi", "refused"), ("pypi", "publishes")] == told


def test_a_step_that_never_publishes_is_a_finding(tmp_path: Path) -> None:
    """Exit status 1, and the reason."""
    done = predict(str(project(tmp_path / "r", "contents: read")), home=tmp_path)
    assert (1, "") == (done.returncode, done.stderr)
    assert "  never      publishes to pypi, by a push of the tag v*" in done.stdout
    assert "without `id-token: write`" in done.stdout


def test_a_called_workflow_is_no_step(tmp_path: Path) -> None:
    """It is named without the commit that it is called at, and what it may do is a sentence."""
    root = project(tmp_path / "r")
    called = "OpenAstronomy/github-actions-workflows/.github/workflows/publish.yml"
    text = f"on: {{push: {{tags: ['v*']}}}}\njobs:\n  publish:\n    uses: {called}@{'a' * 40}\n"
    (root / ".github/workflows/release.yml").write_text(text)
    done = predict(str(root), home=tmp_path)
    assert (
        f".github/workflows/release.yml:4  job publish, calling {called}\n  depends    may publish to pypi, by a push"
        in done.stdout
    )


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({".github/workflows/release.yml": None}, "no workflow"),
        ({"pyproject.toml": None}, "neither pyproject.toml nor setup.py"),
        ({".github/workflows/release.yml": "on: push\njobs: [\n"}, ".github/workflows/release.yml:3:1"),
        ({".github/workflows/release.yml": "on: push\njobs: {}\n"}, "no publishing job"),
        ({"trustpub.toml": "[[publishers]]\n"}, "Did you mean `publisher`?"),
    ],
)
def test_bad_input_is_one_clear_line(tmp_path: Path, change: dict[str, str | None], line: str) -> None:
    """Exit status 2, nothing on standard output, and no traceback."""
    root = project(tmp_path / "r")
    for name, text in change.items():
        if text is None:
            (root / name).unlink()
        else:
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text)
    done = predict(str(root), home=tmp_path)
    assert (2, "") == (done.returncode, done.stdout)
    assert line in done.stderr.splitlines()[0]
    assert "Traceback" not in done.stderr


def test_a_broken_line_is_shown_with_a_caret(tmp_path: Path) -> None:
    """The line itself, below the error."""
    root = project(tmp_path / "r")
    (root / ".github/workflows/release.yml").write_text("on: push\njobs: {a: [}\n")
    first, shown, caret = process(str(root), home=tmp_path).stderr.splitlines()
    assert first.startswith("trustpub: .github/workflows/release.yml:2:")
    assert ("    jobs: {a: [}", "}") == (shown, shown[caret.index("^")])


@pytest.mark.parametrize("option", ["--index", "--workflow", "--job", "--event", "--package"])
def test_an_unknown_choice_says_what_there_is(tmp_path: Path, option: str) -> None:
    """Exit status 2."""
    done = predict(str(project(tmp_path / "r")), option, "nothing", home=tmp_path)
    assert 2 == done.returncode
    assert f"{option} `nothing`" in done.stderr
    assert "`" in done.stderr.split("nothing`", 1)[1]


def test_nothing_heavy_is_loaded(tmp_path: Path) -> None:
    """Prediction is pure: no server, no network client, no cryptography, no address book's source."""
    heavy = ["rich", "httpx2", "sqlalchemy", "starlette", "uvicorn", "cryptography", "distlib", "pydantic", "asyncio"]
    code = (
        "import sys\nfrom trustpub.main.console import command_line\n"
        f"status = command_line(['predict', {str(project(tmp_path / 'r'))!r}])\n"
        f"sys.exit(status or ','.join(m for m in {heavy!r} if m in sys.modules) or None)\n"
    )
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)


SEVERAL = """\
on: {push: {tags: ['v*']}}
jobs:
  publish:
    permissions: {id-token: write}
    steps:
      - run: python -m build a -o dist && python -m build b -o dist
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


def test_several_packages_in_one_upload_are_told_once(tmp_path: Path) -> None:
    """One verdict, the names of all in its form; a file that cannot be read and publishes nothing is named."""
    root = project(tmp_path / "r")
    (root / "pyproject.toml").unlink()
    (root / "trustpub.toml").unlink()
    for name in ("a", "b"):
        (root / name).mkdir()
        (root / name / "pyproject.toml").write_text(PROJECT.replace("tool", f"tool-{name}"))
    (root / ".github/workflows/release.yml").write_text(SEVERAL)
    (root / ".github/workflows/lint.yml").write_text("on: [\n")
    done = predict(str(root), home=tmp_path)
    assert (0, "") == (done.returncode, done.stderr)
    lines = done.stdout.splitlines()
    assert "2 packages of a repository that is not known here; uploaded: tool-a, tool-b" == lines[0]
    assert 1 == sum(line.startswith("  depends") for line in lines)
    assert ["  form       Project name      tool-a", "               and             tool-b"] == [
        line for line in lines if line.endswith(("  tool-a", "  tool-b"))
    ]
    assert lines[-1].startswith("Not read     .github/workflows/lint.yml:2:1: ")
    one = predict(str(root), "--package", "b", home=tmp_path)
    assert "tool-b, in `b` of a repository that is not known here" == one.stdout.splitlines()[0]
    assert "tool-a" not in one.stdout.replace("`tool-a`, `tool-b`", "")
