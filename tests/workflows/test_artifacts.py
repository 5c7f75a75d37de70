"""What one job takes from another, and with that the way to an upload."""

from __future__ import annotations

import pytest

from tests.workflows.samples import workflow
from trustpub.workflows.artifacts import takes_from, wants
from trustpub.workflows.release_path import release_path
from trustpub.workflows.sites import Site, sites

JOBS = """on: push
jobs:
  early:
    runs-on: x
    outputs: {{version: '1'}}
    steps:
{early}
  late:
    needs: early
    runs-on: x
    if: needs.early.outputs.version
    steps:
{late}
"""


def taken(early: str, late: str) -> bool:
    """Ask whether `late` takes something from `early`."""
    read = workflow(JOBS.format(early=f"      - {early}", late=f"      - {late}"))
    return takes_from(wants(read, read.jobs["late"], {}), read.jobs["early"], {})


@pytest.mark.parametrize(
    ("early", "late", "expected"),
    [
        (
            "{uses: actions/upload-artifact@v4, with: {name: dist}}",
            "{uses: actions/download-artifact@v4, with: {name: dist}}",
            True,
        ),
        (
            "{uses: actions/upload-artifact@v4, with: {name: cov}}",
            "{uses: actions/download-artifact@v4, with: {name: dist}}",
            False,
        ),
        ("{uses: actions/upload-artifact@v4, with: {name: cov}}", "{uses: actions/download-artifact@v4}", True),
        ("{uses: actions/upload-artifact@v4}", "{uses: actions/download-artifact@v4, with: {name: artifact}}", True),
        (
            "{uses: actions/upload-artifact@v4, with: {name: 'wheels-${{ matrix.os }}'}}",
            "{uses: actions/download-artifact@v4, with: {pattern: 'wheels-*'}}",
            True,
        ),
        (
            "{uses: actions/upload-artifact@v4, with: {name: 'coverage-${{ matrix.os }}'}}",
            "{uses: actions/download-artifact@v4, with: {pattern: 'wheels-*'}}",
            False,
        ),
        (
            "{uses: hynek/build-and-inspect-python-package@v2}",
            "{uses: actions/download-artifact@v4, with: {name: Packages}}",
            True,
        ),
        ("{uses: actions/cache@v4, with: {path: x, key: y}}", "{uses: actions/cache@v4, with: {path: x, key: y}}", True),
        ("{uses: actions/cache@v4, with: {path: x, key: y}}", "{uses: actions/download-artifact@v4}", False),
        ("{run: make}", "{run: 'echo ${{ needs.early.outputs.version }}'}", True),
        ("{run: make}", "{run: 'echo ${{ needs.early.result }}'}", False),
        ("{run: make}", "{run: make}", False),
        (
            "{uses: actions/upload-artifact@v4, with: {name: \"${{ format('cache-{0}', matrix.os) }}\"}}",
            "{uses: actions/download-artifact@v4, with: {name: '${{ needs.other.outputs.name }}'}}",
            False,
        ),
        (
            "{uses: actions/upload-artifact@v4, with: {name: '${{ env.NAME }}'}}",
            "{uses: actions/download-artifact@v4, with: {name: '${{ needs.other.outputs.name }}'}}",
            True,
        ),
    ],
)
def test_takes_from(early: str, late: str, expected: bool) -> None:
    """Artifacts by name, outputs that are used for more than a condition, and caches on both sides."""
    assert expected is taken(early, late)


def test_the_way_leads_through_other_jobs() -> None:
    """What the build takes is on the way too; a test that hands coverage to nobody is not."""
    steps = "[{{uses: 'actions/{}-artifact@v4', with: {{name: {}}}}}]"
    text = f"""on: push
jobs:
  generate: {{runs-on: x, steps: {steps.format("upload", "source")}}}
  test: {{runs-on: x, steps: {steps.format("upload", "coverage")}}}
  build:
    needs: [generate, test]
    runs-on: x
    steps:
      - {{uses: actions/download-artifact@v4, with: {{name: source}}}}
      - {{uses: actions/upload-artifact@v4, with: {{name: dist}}}}
  publish:
    needs: [build, test]
    runs-on: x
    steps:
      - {{uses: actions/download-artifact@v4, with: {{name: dist}}}}
      - {{uses: pypa/gh-action-pypi-publish@release/v1}}
"""
    read = workflow(text)
    (site,) = sites({read.path: read})
    assert isinstance(site, Site)
    assert [("publish", "publishes"), ("build", "builds"), ("generate", "builds")] == [
        (each.job.id, each.role) for each in release_path(site, {read.path: read})
    ]


CALLED = """on: push
jobs:
  test:
    runs-on: x
    steps: [{uses: actions/upload-artifact@v4, with: {name: 'coverage-${{ matrix.os }}'}}]
  sdist: {uses: ./.github/workflows/sdist.yml}
  wheels:
    needs: [test, sdist]
    uses: ./.github/workflows/wheels.yml
    with: {file: '${{ needs.sdist.outputs.file }}'}
  publish:
    needs: [sdist, wheels]
    runs-on: x
    steps:
      - {uses: actions/download-artifact@v4, with: {pattern: dist-*}}
      - {uses: pypa/gh-action-pypi-publish@release/v1}
"""
SDIST = """on:
  workflow_call: {outputs: {file: {value: '${{ jobs.name.outputs.file }}'}}}
jobs:
  lint: {runs-on: x, steps: [{run: make lint}]}
  name: {runs-on: x, outputs: {file: x}, steps: [{run: make name}]}
  build: {runs-on: x, steps: [{uses: actions/upload-artifact@v4, with: {name: dist-source}}]}
"""
WHEELS = """on: workflow_call
jobs:
  build:
    runs-on: x
    steps:
      - {uses: actions/download-artifact@v4, with: {name: dist-source}}
      - {uses: actions/upload-artifact@v4, with: {name: 'dist-${{ matrix.os }}'}}
"""


def test_the_way_leads_into_called_files() -> None:
    """Of a called file those jobs are on the way that hand over what is wanted; a test beside them is not."""
    texts = {"release": CALLED, "sdist": SDIST, "wheels": WHEELS}
    files = {each.path: each for each in (workflow(text, f".github/workflows/{name}.yml") for name, text in texts.items())}
    (site,) = sites(files)
    assert isinstance(site, Site)
    assert {
        "release.yml publish",
        "release.yml sdist",
        "release.yml wheels",
        "sdist.yml name",
        "sdist.yml build",
        "wheels.yml build",
    } == {f"{each.workflow.file_name} {each.job.id}" for each in release_path(site, files)}


def test_rights_of_a_job_in_a_called_file() -> None:
    """They come from the nearest `permissions` on the way: here from the calling job's file."""
    top = CALLED.replace("jobs:", "permissions: {contents: read}\njobs:", 1)
    texts = {"release": top, "sdist": SDIST, "wheels": WHEELS}
    files = {each.path: each for each in (workflow(text, f".github/workflows/{name}.yml") for name, text in texts.items())}
    (site,) = sites(files)
    assert isinstance(site, Site)
    assert {True} == {each.permissions is not None for each in release_path(site, files)}


@pytest.mark.parametrize(
    ("called", "expected"), [("build-wheels.yml", True), ("pre-commit-run.yml", False), ("tests.yml", False)]
)
def test_called_files_that_are_not_here(called: str, expected: bool) -> None:
    """Whether they may hand over distributions is told by their names."""
    text = CALLED.partition("  test:")[0] + f"  first: {{uses: other/repo/.github/workflows/{called}@v1}}\n"
    text += "  publish:\n    needs: first\n" + CALLED.partition("[sdist, wheels]\n")[2]
    read = workflow(text)
    (site, *_) = (each for each in sites({read.path: read}) if isinstance(each, Site))
    assert expected is ("first" in [each.job.id for each in release_path(site, {read.path: read})])
