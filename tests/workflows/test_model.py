"""A workflow as GitHub sees it: jobs, steps, and what makes GitHub refuse the file."""

from __future__ import annotations

import pytest

from tests.workflows.samples import job_of, workflow
from trustpub.workflows.model import word


def test_a_whole_workflow() -> None:
    """Every setting that decides who may publish is read."""
    found = workflow(
        "name: Release\non: push\npermissions: {}\nenv: {A: 1}\ndefaults: {run: {shell: bash}}\njobs:\n"
        "  build: {runs-on: x, steps: [{run: make}]}\n"
        "  out:\n    name: Out\n    needs: [build]\n    if: true\n    environment: {name: pypi, url: u}\n"
        "    env: {B: 2}\n    defaults: {run: {working-directory: sub}}\n    steps:\n"
        "      - {id: i, name: N, uses: a/b@c, with: {k: v}, env: {C: 3}, if: x, shell: sh, working-directory: d}\n"
    )
    job = found.jobs["out"]
    step = job.steps[0]
    assert ("release.yml", "Release", "1", "bash", ()) == (
        found.file_name,
        word(found.name),
        word(found.env["A"]),
        word(found.defaults["shell"]),
        found.problems,
    )
    assert ("Out", ["build"], "true", "sub", "2") == (
        word(job.name),
        [need.value for need in job.needs],
        word(job.if_),
        word(job.defaults["working-directory"]),
        word(job.env["B"]),
    )
    assert ["i", "N", "a/b@c", "x", "sh", "d", "v", "3", ""] == [
        *(word(node) for node in (step.id, step.name, step.uses, step.if_, step.shell, step.working_directory)),
        word(step.with_["k"]),
        word(step.env["C"]),
        word(step.run),
    ]
    assert job.environment is not None
    assert ("pypi", "u") == (job.environment.name.value, word(job.environment.url))


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("    environment: pypi\n", "pypi"),
        ("    environment: {name: pypi}\n", "pypi"),
        ("    environment: {name: pypi, deployment: false}\n", "pypi"),
        ("    environment: null\n", None),
        ("    environment: {url: x}\n", None),
        ("    runs-on: x\n", None),
    ],
)
def test_environments(body: str, name: str | None) -> None:
    """The short form, the long form, and none."""
    environment = job_of(body).environment
    assert name == (environment.name.value if environment else None)


def test_needs_may_be_one_word() -> None:
    """A list of one is written without brackets."""
    assert ["a"] == [need.value for need in job_of("    needs: a\n").needs]


def test_parallel_steps_are_steps() -> None:
    """In the order of the file, counted through."""
    job = job_of("    steps:\n      - run: a\n      - parallel:\n          - run: b\n          - run: c\n      - run: d\n")
    assert [(1, "a"), (2, "b"), (3, "c"), (4, "d")] == [(step.number, word(step.run)) for step in job.steps]


def test_a_parallel_group_is_known_by_its_first_step() -> None:
    """The others have none."""
    steps = job_of(
        "    steps:\n      - run: a\n      - parallel: [{run: b}, {run: c}]\n      - {run: d, background: true}\n"
    ).steps
    assert ([None, 2, 2, None], "true") == ([step.group for step in steps], word(steps[3].background))


def test_everything_else_of_a_job() -> None:
    """Each with its node."""
    job = job_of(
        "    environment: {name: pypi, url: u, deployment: false}\n"
        "    concurrency: {group: g, cancel-in-progress: true, queue: max}\n"
        "    strategy: {fail-fast: false, max-parallel: 1, matrix: {a: [1]}}\n    container: {image: x}\n    services: {db: y}\n"
        "    timeout-minutes: 5\n    continue-on-error: true\n    outputs: {o: v}\n    secrets: inherit\n"
        "    steps: [{run: x, timeout-minutes: 1, continue-on-error: '${{ a }}'}]\n"
    )
    assert job.environment is not None
    assert job.concurrency is not None
    words = [job.environment.deployment, *job.concurrency, job.fail_fast, job.max_parallel, job.timeout, job.continue_on_error]
    assert ["false", "g", "true", "max", "false", "1", "5", "true"] == [word(node) for node in words]
    assert (["v"], "publish", True, True) == (
        [word(node) for node in job.outputs.values()],
        word(job.key),
        job.container is job.node.get("container"),
        job.services is job.node.get("services"),
    )
    assert ["1", "${{ a }}"] == [word(job.steps[0].timeout), word(job.steps[0].continue_on_error)]


def test_short_concurrency() -> None:
    """Only a group."""
    found = workflow("on: push\nconcurrency: x\njobs: {a: {concurrency: {queue: max}}}\n")
    assert found.concurrency is not None
    assert ("x", None) == (word(found.concurrency.group), found.jobs["a"].concurrency)


def test_needs_are_found_in_whatever_case() -> None:
    """By the job's own name, at their own place."""
    found = workflow("on: push\njobs:\n  Build: {}\n  up: {needs: BUILD}\n")
    (need,) = found.jobs["up"].needs
    assert ("Build", "BUILD") == (need.value, found.source.text[need.start : need.end])


def test_words_are_read_as_github_writes_them() -> None:
    """A version without its quotes loses its zero."""
    assert "3.1" == word(job_of("    env: {PYTHON: 3.10}\n").env["PYTHON"])


@pytest.mark.parametrize(
    ("step", "label"),
    [
        ("{name: Up, run: x}", "Up"),
        ("{uses: a/b@c}", "a/b"),
        ('{run: "one\\ntwo"}', "one"),
        ("{id: x}", "step 1"),
        ("{name: '', run: y}", "y"),
    ],
)
def test_what_a_step_is_called(step: str, label: str) -> None:
    """Its name, its action, or its first line."""
    assert label == job_of(f"    steps: [{step}]\n").steps[0].label


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a workflow is a map"),
        ("[]", "a workflow is a map"),
        ("on: push", "`jobs` is missing"),
        ("jobs: {a: {steps: []}}", "`on` is missing"),
        ("on: push\njobs: []", "`jobs` is missing or no map"),
        ("on: push\njobs: {a: x}", "the job `a` is no map"),
        ("on: push\njobs: {a: {steps: x}}", "`steps` is no list"),
        ("on: push\njobs: {a: {steps: [x]}}", "a step is a map"),
        ("on: push\non: push\njobs: {}", "the key `on` stands twice (first in line 1)"),
        ("on: push\njobs:\n  a:\n    if: !github.x\n", "`!` starts a YAML tag"),
        ("on: push\njobs: {a: {environment: {url: x}}}", "`environment` has no `name`"),
    ],
)
def test_what_github_refuses_is_a_problem(text: str, why: str) -> None:
    """One odd part does not hide the others: nothing raises."""
    problems = workflow(text).problems
    assert any(why in problem.why for problem in problems), problems
    assert all(0 <= problem.start <= len(text) for problem in problems)


def test_keys_that_differ_in_case_are_one_key() -> None:
    """GitHub refuses the second one, variables included."""
    (problem,) = workflow("on: push\nenv: {a: 1, A: 2}\njobs: {x: {runs-on: y, steps: [{run: z}]}}\n").problems
    assert ("the key `A` stands twice (first in line 2)", 21) == (problem.why, problem.start)
