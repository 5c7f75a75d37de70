"""A new publishing workflow: every combination passes our own check without a finding, and publishes what is declared."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Literal

import pytest

from trustpub.domain.declaration import Declaration, parse
from trustpub.errors import BadInput
from trustpub.parties.git import Checkout
from trustpub.parties.index.addresses import Addresses
from trustpub.usecases import check
from trustpub.usecases.asked import Options
from trustpub.usecases.predict import run
from trustpub.workflows.model import read
from trustpub.workflows.source import parse as parse_yaml
from trustpub.workflows.writing import (
    PINS,
    NewLeg,
    NewRelease,
    NewWorkflow,
    prefix_of,
    publishing_workflow,
    trigger_pattern,
)

OWN = NewLeg("own", "own", "https://own.example/legacy/")
PYPI, TESTPYPI = NewLeg("pypi", "pypi", page="https://pypi.example/p/tool"), NewLeg("testpypi", "testpypi")
LEGS = {
    "both": (TESTPYPI, PYPI),
    "pypi": (PYPI,),
    "testpypi": (TESTPYPI,),
    "own": (OWN,),
    "three": (PYPI, OWN, TESTPYPI),
}
NEWER = {action: (f"{number:040x}", "v9.9.9") for number, action in enumerate(PINS, 1)}


def layouts(legs: tuple[NewLeg, ...]) -> dict[str, tuple[NewRelease, ...]]:
    """One package at the root, one in a folder, one with its version from tags, two in folders with environments of their own."""
    each = {name: tuple(leg._replace(environment=f"{leg.environment}-{name}") for leg in legs) for name in ("alpha", "beta.x")}
    return {
        "root": (NewRelease("tool", legs),),
        "folder": (NewRelease("tool", legs, "packages/a tool"),),
        "compiled": (NewRelease("tool", legs, compiled=True),),
        "from-tags": (NewRelease("tool", legs, from_tags=True, tags=("[0-9]*", "v[0-9]+.*")),),
        "several": tuple(
            NewRelease(name, each[name], f"packages/{name}", (f"{name}-v*",), from_tags=name == "alpha") for name in each
        ),
    }


EVENTS: tuple[Literal["tag", "release"], ...] = ("tag", "release")
CASES = [
    pytest.param(
        NewWorkflow(layouts(LEGS[legs])[layout], event), pins, id=f"{layout}-{legs}-{event}-{'newer' if pins else 'known'}"
    )
    for layout, legs, event, pins in product(layouts(()), LEGS, EVENTS, (None, NEWER))
]


def declared(plan: NewWorkflow) -> str:
    """The `trustpub.toml` that goes with a workflow."""
    lines = ['[indexes.own]\nurl = "https://own.example/legacy/"\naudience = "own"\n']
    for release, leg in ((each, leg) for each in plan.releases for leg in each.legs):
        lines.append(
            f'[[publisher]]\nproject = "{release.name}"\nindex = "{leg.index}"\nowner = "octo"\nowner_id = "7"\n'
            f'repository = "tool"\nworkflow = "pypi.yml"\nenvironment = "{leg.environment}"\npath = "{release.path}"\n'
        )
        rules = 'branches = ["main"]\n' if leg.index == "testpypi" else "admins_bypass = false\n"
        lines.append(f'[environments."{leg.environment}"]\ntags = {[trigger_pattern(tag) for tag in release.tags]}\n{rules}')
    return "\n".join(lines)


def written(root: Path, plan: NewWorkflow, pins: dict[str, tuple[str, str]] | None) -> Checkout:
    """A checkout of octo/tool with the packages of a plan and the workflow that was written for it."""
    files = {
        ".git/config": '[remote "origin"]\nurl = https://github.com/octo/tool.git\n',
        ".git/HEAD": "ref: refs/heads/main\n",
        ".github/workflows/pypi.yml": publishing_workflow(plan, pins or {}),
        "trustpub.toml": declared(plan),
    }
    for release in plan.releases:
        version = 'dynamic = ["version"]' if release.from_tags else 'version = "1.2.3"'
        files[f"{release.path}/pyproject.toml"] = f'[project]\nname = "{release.name}"\n{version}\n'
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Checkout.open(root)


@pytest.mark.parametrize(("plan", "pins"), CASES)
def test_a_written_workflow_has_no_finding(plan: NewWorkflow, pins: dict[str, tuple[str, str]] | None, tmp_path: Path) -> None:
    """Not even one that is only good to know."""
    report = check.run(written(tmp_path, plan, pins), Addresses(tmp_path / "cache"))

    assert [] == [f"{each.rule}: {each.message}" for each in report.findings]


@pytest.mark.parametrize(("plan", "pins"), CASES)
def test_a_written_workflow_publishes_what_is_declared(
    plan: NewWorkflow, pins: dict[str, tuple[str, str]] | None, tmp_path: Path
) -> None:
    """Every declared publisher has a run that publishes, each package goes to its own, and no run is refused."""
    checkout = written(tmp_path, plan, pins)
    declaration = parse(declared(plan).encode(), "trustpub.toml")
    predictions = run(checkout, Options(), Addresses(tmp_path / "cache")).predictions

    assert wanted(declaration) == sorted(
        {(each.project, each.index, each.environment) for each in predictions if each.verdict == "publishes"}
    )
    assert [] == [each for each in predictions if each.verdict != "publishes"]


def wanted(declaration: Declaration) -> list[tuple[str | None, str | None, str]]:
    """Project, index and environment of every declared publisher."""
    return sorted((row.project, row.index, row.environment) for row in declaration.publishers)


@pytest.mark.parametrize(
    ("pattern", "trigger", "prefix"),
    [
        ("v*", "v*", "v"),
        ("*", "*", ""),
        ("tool-v*", "tool-v*", "tool-v"),
        ("v[0-9]+.*", "v*", "v"),
        ("v?.*", "*", ""),
        ("release/v*", "release/v*", "release/v"),
        ("v1", "v1", "v1"),
        ("*-v*", "*", ""),
    ],
)
def test_a_pattern_that_three_languages_read_alike(pattern: str, trigger: str, prefix: str) -> None:
    """Triggers, environments and tag rules agree on a prefix and a star, and on nothing else."""
    assert (trigger, prefix) == (trigger_pattern(pattern), prefix_of(pattern))


@pytest.mark.parametrize(
    "release",
    [
        NewRelease("tool", (PYPI,), "${{ github.head_ref }}"),
        NewRelease("tool", (NewLeg("pypi", "a\nb"),)),
        NewRelease("it's", (PYPI,)),
        NewRelease("tool", (PYPI,), tags=("v${{ x }}*",)),
    ],
)
def test_a_name_that_a_file_cannot_hold_is_refused(release: NewRelease) -> None:
    """What GitHub would evaluate, or what would end the line, is never written."""
    with pytest.raises(BadInput):
        publishing_workflow(NewWorkflow((release,)))


@pytest.mark.parametrize("name", ["pypi", "Live: PyPI", "on", "a #b", "it's", 'say "x"', "12", "- x", "ünï", "a:", "[x]", "&a"])
def test_names_are_read_as_they_were_given(name: str) -> None:
    """An environment is written so that YAML reads the very same text."""
    text = publishing_workflow(NewWorkflow((NewRelease("tool", (NewLeg("pypi", name),)),)))
    environment = read(parse_yaml(text.encode(), "x.yml")).jobs["publish-pypi"].environment

    assert environment is not None
    assert name == environment.name.value


def test_packages_whose_names_look_alike_have_jobs_of_their_own() -> None:
    """`a.b` and `a-b` are one word as the name of a job."""
    plan = NewWorkflow(tuple(NewRelease(name, (PYPI,), name, (f"{name}-v*",)) for name in ("a.b", "a-b")))
    jobs = read(parse_yaml(publishing_workflow(plan).encode(), "x.yml")).jobs

    assert ["build-a-b", "publish-pypi-a-b", "build-a-b-2", "publish-pypi-a-b-2"] == list(jobs)


def test_of_a_compiled_package_only_the_source_archive_is_built() -> None:
    """A wheel of the runner's own platform would be refused by PyPI, after the tag was pushed."""
    text = publishing_workflow(NewWorkflow((NewRelease("tool", (PYPI,), compiled=True),)))

    assert "python -m build --sdist --outdir dist\n" in text
    assert "cibuildwheel" in text


@pytest.mark.parametrize(
    ("tag", "files", "passes"),
    [
        ("v1.2.3", ["tool-1.2.3.tar.gz"], True),
        ("v1.2.3", ["my-tool-1.2.3.tar.gz", "my_tool-1.2.3-py3-none-any.whl"], True),
        ("v1.2.4", ["tool-1.2.3.tar.gz"], False),
        ("1.2.3", ["tool-1.2.3.tar.gz"], False),
        ("v1.2.3", ["tool-1.2.3.tar.gz", "other-1.2.4.tar.gz"], False),
        ("v1.2.3", [], False),
    ],
)
def test_the_comparison_of_tag_and_version_works(tag: str, files: list[str], passes: bool, tmp_path: Path) -> None:
    """The script is run as it stands in the file."""
    text = publishing_workflow(NewWorkflow((NewRelease("tool", (PYPI,)),)))
    steps = read(parse_yaml(text.encode(), "x.yml")).jobs["build"].steps
    script = next(step.run.value for step in steps if step.run is not None and "TAG" in step.run.value)
    (tmp_path / "dist").mkdir()
    for name in files:
        (tmp_path / "dist" / name).touch()
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, env={"TAG": tag}, capture_output=True, text=True, check=False
    )

    assert passes == (done.returncode == 0), done.stderr
    assert passes != ("::error::The tag is" in done.stderr)
