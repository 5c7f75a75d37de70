"""The GitHub Action in the root, and the pre-commit hook: what they say of themselves, and what their shell does when it runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.docs.markdown import ROOT
from trustpub.cli import check
from trustpub.cli.options import Option
from trustpub.workflows.actions import Action, read_action
from trustpub.workflows.source import parse

PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}")
STEP_WITH_TOKEN = """\
on: {push: {tags: [v*]}}
permissions: {}
jobs:
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


def action() -> Action:
    """The action, by our own reader."""
    found = read_action(parse((ROOT / "action.yml").read_bytes(), "action.yml"))
    assert found is not None
    return found


def options() -> dict[str, Option]:
    """The options of check by their flag."""
    return {option.flag: option for option in check.TABLE.options}


def test_read_without_problems() -> None:
    """It is a composite action without a mistake, and none of its inputs is required."""
    found = action()

    assert ("composite", ()) == (found.using, found.problems)
    assert [] == [name for name, each in found.inputs.items() if each.required or each.default is None]
    assert ["command", "path", "fail-on", "offline", "token", "format", "output", "args", "python"] == list(found.inputs)


@pytest.mark.parametrize("flag", ["--fail-on", "--format"])
def test_inputs_are_options(flag: str) -> None:
    """An input that is an option names its values in its description, and its default is one of them."""
    option = options()[flag]
    loaded = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["inputs"][flag.removeprefix("--")]

    assert [] == [value for value in option.choices if value not in loaded["description"]]
    assert loaded["default"] in option.choices
    assert "--format" == flag or option.default == loaded["default"]


def test_no_expression_reaches_a_script() -> None:
    """Scripts hold no expression: what comes in goes through the environment. What is used is pinned."""
    for step in action().steps:
        assert "${{" not in (step.run.value if step.run is not None else "")
        assert step.uses is None or PINNED.fullmatch(step.uses.value)


def test_installs_what_the_project_needs() -> None:
    """The pinned requirements are those of the project, with what builds it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {*project["project"]["dependencies"], *project["build-system"]["requires"]}
    lines = (ROOT / "requirements" / "action.in").read_text(encoding="utf-8").splitlines()
    pinned = (ROOT / "requirements" / "action.txt").read_text(encoding="utf-8")

    assert wanted == {line for line in lines if line and not line.startswith("#")}
    assert [] == [line for line in wanted if f"\n{re.split('[>=]', line)[0].lower()}==" not in f"\n{pinned}"]


class Runner:
    """Enough of a runner for the one step: an empty workspace, a folder for temporary files, a Python that records."""

    def __init__(self, folder: Path) -> None:
        self.workspace, self.temp, self.summary = folder / "workspace", folder / "temp", folder / "summary.md"
        self.log = folder / "python.log"
        for each in (self.workspace, self.temp):
            each.mkdir()
        self.python = folder / "python"
        self.python.write_text(
            f'#!/bin/sh\necho "$@" >> "{self.log}"\n'
            'case "$*" in\n'
            '*"-m venv"*) for last; do :; done; mkdir -p "$last/bin"; cp "$0" "$last/bin/python" ;;\n'
            '*"-m pip"*) echo "pip talks" ;;\n'
            f'*) exec "{sys.executable}" "$@" ;;\n'
            "esac\n",
            encoding="utf-8",
        )
        self.python.chmod(0o755)

    def run(self, **inputs: str) -> subprocess.CompletedProcess[str]:
        """Run the step as the runner would: in the workspace, with the inputs in the environment."""
        found = action()
        (step,) = found.steps
        assert step.run is not None
        given = {name: each.default.value for name, each in found.inputs.items() if each.default is not None}
        given |= {
            "python": str(self.python),
            "offline": "true",
            "token": "",
            **{name.replace("_", "-"): value for name, value in inputs.items()},
        }
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.temp),
            "XDG_CACHE_HOME": str(self.temp),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "TRUSTPUB_SOURCE": str(ROOT),
            **{f"TRUSTPUB_{name.upper().replace('-', '_')}": value for name, value in given.items()},
        }
        command = ["bash", "--noprofile", "--norc", "-euo", "pipefail", "-c", step.run.value]
        return subprocess.run(command, cwd=self.workspace, env=environment, capture_output=True, text=True, check=False)

    def place(self, workflow: str, folder: str = ".") -> None:
        """Put a checkout with one workflow into the workspace."""
        path = self.workspace / folder / ".github" / "workflows" / "release.yml"
        path.parent.mkdir(parents=True)
        path.write_text(workflow, encoding="utf-8")
        (self.workspace / folder / "pyproject.toml").write_text('[project]\nname = "tool"\nversion = "1"\n', encoding="utf-8")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner that has just started a job."""
    return Runner(tmp_path)


def test_the_environment_names_what_the_shell_reads() -> None:
    """Every variable of the script is set by the step, from the input of its name, the source from the action's own folder."""
    (step,) = action().steps
    assert step.run is not None
    loaded = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"][0]["env"]
    names = {f"TRUSTPUB_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}" for name in action().inputs}

    assert names | {"TRUSTPUB_SOURCE": "${{ github.action_path }}"} == loaded
    assert set(loaded) == set(re.findall(r"TRUSTPUB_[A-Z_]+", step.run.value))


def test_annotations_and_summary(runner: Runner) -> None:
    """A blocker fails the step, is annotated with its place, and stands in the summary; nothing is left in the workspace."""
    runner.place(STEP_WITH_TOKEN)
    before = sorted(runner.workspace.rglob("*"))
    done = runner.run()

    assert 1 == done.returncode, done.stderr
    assert (
        "::error file=.github/workflows/release.yml,line=2,endLine=2,col=14,endColumn=15,title=M02 id-token-missing::"
        in done.stdout
    )
    assert "pip talks" not in done.stdout
    assert "| blocker | M02 id-token-missing |" in runner.summary.read_text(encoding="utf-8")
    assert before == sorted(runner.workspace.rglob("*"))


def test_the_worked_example_passes(runner: Runner) -> None:
    """On the worked example it ends well, with the summary written."""
    shutil.copytree(ROOT / "examples" / "orchay", runner.workspace, dirs_exist_ok=True)
    done = runner.run()

    assert 0 == done.returncode, done.stdout + done.stderr
    assert "::error" not in done.stdout
    assert "## trustpub check" in runner.summary.read_text(encoding="utf-8")


def test_a_checkout_elsewhere(runner: Runner) -> None:
    """The checkout may lie in a folder of the workspace whose name has a space and begins with a dash."""
    runner.place(STEP_WITH_TOKEN, "-my checkout")
    done = runner.run(path="-my checkout", fail_on="high", format="text")

    assert 1 == done.returncode, done.stderr
    assert "blocker M02 id-token-missing: " in done.stdout


def test_installed_once_for_a_job(runner: Runner) -> None:
    """The environment is made outside the workspace, from the action's own folder and its hashes, once for each source."""
    runner.place(STEP_WITH_TOKEN)
    runner.run()
    runner.run()
    lines = runner.log.read_text(encoding="utf-8").splitlines()
    pip = "-I -m pip --disable-pip-version-check install --quiet"

    assert [
        f"-I -m venv --clear {runner.temp}/trustpub-venv",
        f"{pip} --require-hashes --requirement {ROOT}/requirements/action.txt",
        f"{pip} --no-deps --no-build-isolation {ROOT}",
    ] == [line for line in lines if " check " not in line]
    assert 2 == sum(" check " in line for line in lines)


def test_output_and_further_options(runner: Runner) -> None:
    """The report goes to a file when one is named, and further options are words in which no sign means anything."""
    runner.place(STEP_WITH_TOKEN)
    done = runner.run(format="sarif", output="report.sarif", args="--no-cache\n --baseline=$(touch${IFS}x)*")
    kept = runner.run(format="sarif", output="report.sarif", args="--no-cache")

    assert (2, "") == (done.returncode, done.stdout)
    assert "$(touch${IFS}x)*" in done.stderr
    assert not (runner.workspace / "x").exists()
    assert 1 == kept.returncode, kept.stderr
    assert '"version": "2.1.0"' in (runner.workspace / "report.sarif").read_text(encoding="utf-8")


def test_a_preflight_by_the_action(runner: Runner) -> None:
    """The other command runs by the same step; outside of a job it says so."""
    runner.place(STEP_WITH_TOKEN)
    done, other = runner.run(command="preflight", format="text"), runner.run(command="serve")

    assert (2, 2) == (done.returncode, other.returncode)
    assert "this is no job of GitHub Actions or GitLab CI" in done.stderr
    assert "::error title=trustpub::" in other.stdout


def test_a_runner_without_python(runner: Runner, tmp_path: Path) -> None:
    """Without a Python that is new enough it says what to do."""
    old = tmp_path / "old"
    old.mkdir()
    for name in ("python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"):
        (old / name).write_text("#!/bin/sh\nexit 1\n", encoding="utf-8")
        (old / name).chmod(0o755)
    (step,) = action().steps
    assert step.run is not None
    environment = {"PATH": f"{old}:{os.environ['PATH']}", "TRUSTPUB_PYTHON": "", "RUNNER_TEMP": str(runner.temp)}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", step.run.value], env=environment, capture_output=True, text=True, check=False
    )

    assert 2 == done.returncode
    assert done.stdout.startswith("::error title=trustpub::No Python 3.11 or newer on this runner.")


def test_the_hook() -> None:
    """The pre-commit hook calls check, without file names, when a file changes that check reads."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))

    assert ("trustpub-check", "trustpub check --offline", "python", False) == tuple(
        hook[key] for key in ("id", "entry", "language", "pass_filenames")
    )
    for path in (".github/workflows/x.yml", ".github/actions/y/action.yml", "trustpub.toml", "pyproject.toml"):
        assert re.search(hook["files"], path)
    for path in ("src/x.py", "docs/trustpub.toml.md", "a/pyproject.toml"):
        assert not re.search(hook["files"], path)
