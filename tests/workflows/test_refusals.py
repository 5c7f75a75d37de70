"""Everything because of which GitHub refuses a file: said with its place, and nothing else."""

from __future__ import annotations

import pytest

from tests.workflows.samples import workflow
from trustpub.workflows.event_settings import doubtful
from trustpub.workflows.refusals import refusals

STEPS = "    runs-on: x\n    steps: [{run: make}]\n"


def refused(text: str) -> list[tuple[str, str]]:
    """What is said of a file, each with the words that it is about."""
    found = workflow(text)
    return [(found.source.text[problem.start : problem.end], problem.why) for problem in refusals(found)]


def of_job(body: str, steps: str = STEPS) -> list[tuple[str, str]]:
    """What is said of a file with one job."""
    return refused(f"on: push\njobs:\n  a:\n{body}{steps}")


def of_step(step: str) -> list[tuple[str, str]]:
    """What is said of a file with one step."""
    return of_job(f"    runs-on: x\n    steps:\n      - {step}\n", "")


WHOLE = """\
name: All of it
run-name: Run ${{ github.actor }}
on:
  push: {branches: [main], tags: ['v*'], paths: [src/**]}
  schedule: [{cron: '0 0 * * *', timezone: Europe/Berlin}]
  workflow_dispatch: {inputs: {where: {type: choice, options: [a, b], default: a}}}
  workflow_call:
    inputs: {name: {type: string, required: true, default: '${{ github.ref }}'}}
    secrets: {token: {required: true}, other: }
    outputs: {done: {value: '${{ jobs.a.outputs.x }}'}}
permissions: {contents: read, id-token: write, models: read}
env: {A: '${{ secrets.A }}', B: 1}
defaults: {run: {shell: bash, working-directory: sub}}
concurrency: {group: 'x-${{ github.ref }}', cancel-in-progress: '${{ inputs.stop }}', queue: max}
jobs:
  a:
    name: Job ${{ matrix.os }}
    if: always() && failure('b') && vars.X
    runs-on: ['${{ matrix.os }}', self-hosted]
    environment: {name: '${{ inputs.name }}', url: '${{ steps.x.outputs.url }}', deployment: false}
    strategy:
      fail-fast: false
      max-parallel: 2
      matrix: {os: [x, '${{ vars.OS }}'], include: [{os: y, deep: {a: [1]}}], exclude: '${{ fromJSON(vars.NO) }}'}
    container: {image: 'x:1', credentials: {username: '${{ env.U }}', password: '${{ secrets.P }}'}, ports: [80]}
    services: {db: {image: pg, env: {A: '${{ secrets.A }}'}}, cache: redis}
    outputs: {x: '${{ steps.x.outputs.y }}'}
    timeout-minutes: '${{ fromJSON(vars.T) }}'
    continue-on-error: true
    permissions: write-all
    env: {C: '${{ secrets.C }}'}
    steps:
      - {id: x, uses: ./tool, with: {a: '${{ hashFiles(''x'') }}'}, if: success() && hashFiles('y') && env.A}
      - {run: "echo '}}'", shell: bash, env: {D: '${{ runner.os }}'}, timeout-minutes: 3}
      - {uses: 'docker://x', background: true, id: y}
      - {wait: [y]}
      - {wait-all: }
      - {cancel: y}
      - parallel:
          - {run: a}
          - {uses: a/b/c@v1}
  b:
    uses: ./.github/workflows/x.yml
    with: {n: 1, '${{ insert }}': '${{ vars }}'}
    secrets: inherit
    needs: a
    if: ${{ !cancelled() }}
  c: {uses: o/r/.github/workflows/x.yaml@main, secrets: {t: '${{ secrets.T }}'}, concurrency: x, permissions: {}}
"""


def test_all_of_the_language_is_accepted() -> None:
    """Every key at its place."""
    assert [] == refused(WHOLE)


@pytest.mark.parametrize(
    ("body", "place", "why"),
    [
        ("    if: secrets.X != ''\n", "secrets", "`secrets` is not known here"),
        ("    if: ${{ env.X }}\n", "env", "`env` is not known here"),
        ("    if: hashFiles('x')\n", "hashFiles('x')", "`hashFiles()` is not known here"),
        ("    if: nope()\n", "nope", "there is no function `nope`"),
        ("    if: (a\n", "", "`)` is missing"),
        ("    if: !github.x\n", "", "`!` starts a YAML tag"),
        ("    name: ${{ steps.x }}\n", "steps", "`steps` is not known here"),
        ("    name: ${{ }}\n", " ", "an expression is missing"),
        ("    name: ${{ a\n", "${{ a", "without its `}}`"),
        ("    env: {A: 'x ${{ steps.y }}'}\n", "steps", "`steps` is not known here"),
        ("    env: {<<: {A: 1}}\n", "<<", "no merge keys"),
        ("    env:\n", "", "a value is missing here"),
        ("    env: x\n", "x", "it must be a map"),
        ("    env: [x]\n", "[x]", "a list is not known here"),
        ("    name: {a: b}\n", "{a: b}", "a map is not known here"),
        ("    nope: 1\n", "nope", "the key `nope` is not known here"),
        ("    uses: x\n", "runs-on", "the key `runs-on` is not known here"),
        ("    environment: {url: x}\n", "{url: x}", "`name`"),
        ("    permissions: {nope: read}\n", "nope", "the key `nope` is not known here"),
        ("    permissions: {id-token: read}\n", "read", "must be `none`, `write`"),
        ("    permissions: read\n", "read", "must be `read-all`, `write-all`"),
        ("    permissions: {contents: yes}\n", "yes", "must be `none`, `read`, `write`"),
        ("    timeout-minutes: soon\n", "soon", "must be number"),
        ("    continue-on-error: maybe\n", "maybe", "must be boolean"),
        ("    concurrency: {cancel-in-progress: true}\n", "", "`group` is missing"),
        ("    concurrency: {group: x, queue: some}\n", "some", "must be `max`, `single`"),
        ("    strategy: {matrix: {a: []}}\n", "[]", "list `a` is empty"),
        ("    container: {options: x}\n", "", "no `image`"),
        ("    services: {db: {ports: [1]}}\n", "", "no `image`"),
        ("    needs: b\n", "", "none can start"),
        ("    needs: ['']\n", "''", "a value is missing here"),
    ],
)
def test_what_is_refused_in_a_job(body: str, place: str, why: str) -> None:
    """By its place."""
    found = of_job(body)
    assert any(why in said and words == place for words, said in found), found


@pytest.mark.parametrize(
    ("step", "place", "why"),
    [
        ("name: x", "", "a step has `run` or `uses`"),
        ("with: {a: b}", "", "`uses` is missing"),
        ("{run: x, uses: a/b@c}", "uses", "the key `uses` is not known here"),
        ("{uses: a/b@c, run: x}", "run", "the key `run` is not known here"),
        ("{uses: a/b}", "a/b", "an action is"),
        ("{uses: '${{ github.x }}'}", "'${{ github.x }}'", "expressions are not known here"),
        ("{run: x, if: failure('a')}", "failure('a')", "`failure()` is not known here with arguments"),
        ("{run: x, if: secrets.A}", "secrets", "`secrets` is not known here"),
        ("{run: x, id: 1a}", "1a", "an id is made of"),
        ("{run: x, id: __a}", "__a", "GitHub's own"),
        ("{run: x, with: {a: b}}", "with", "the key `with` is not known here"),
        ("{uses: a/b@c, with: {a: [1]}}", "[1]", "a list is not known here"),
        ("{run: x, env: {a: b, A: c}}", "A", "stands twice"),
        ("parallel: [{wait-all: }]", "", "inside of `parallel`"),
        ("{run: !!int x}", "x", "is not of the type"),
        ("{run: !!timestamp 2026}", "2026", "GitHub knows no YAML tag `!!timestamp`"),
        ("{run: !!int '1'}", "'1'", "does not go with a quoted"),
    ],
)
def test_what_is_refused_in_a_step(step: str, place: str, why: str) -> None:
    """By its place."""
    found = of_step(step)
    assert any(why in said and words == place for words, said in found), found


@pytest.mark.parametrize(
    ("text", "place", "why"),
    [
        (f"on: push\nnope: 1\njobs:\n  a:\n{STEPS}", "nope", "the key `nope` is not known here"),
        (f"on: push\nenv: {{A: '${{{{ needs.a }}}}'}}\njobs:\n  a:\n{STEPS}", "needs", "`needs` is not known here"),
        (f"on: {{push: {{tags: [a], tags-ignore: [b]}}}}\njobs:\n  a:\n{STEPS}", "tags", "exclude each other"),
        (f"on: [push, {{x: y}}]\njobs:\n  a:\n{STEPS}", "{x: y}", "one word"),
        (f"on: {{workflow_call: {{inputs: {{a: {{}}}}}}}}\njobs:\n  a:\n{STEPS}", "", "`type` is missing"),
        (f"on: {{workflow_call: {{inputs: {{a: {{type: choice}}}}}}}}\njobs:\n  a:\n{STEPS}", "choice", "must be `boolean`"),
        (f"on: push\njobs:\n  a.b:\n{STEPS}", "a.b", "an id is made of"),
        (f"on: push\njobs:\n  a:\n{STEPS}  A:\n{STEPS}", "A", "stands twice"),
        (f"on: push\njobs:\n  a:\n{STEPS}  b:\n    needs: [c]\n{STEPS}", "c", "which does not exist"),
        ("on: push\njobs: {a: {runs-on: x}, b: {needs: c, runs-on: x}, c: {needs: b, runs-on: x}}", "c", "needs it in the end"),
        ("on: push\njobs: {a: {steps: [{run: x}]}}", "", "`runs-on` is missing"),
        ("on: push\njobs: {a: {uses: ./x.yml}}", "./x.yml", "a called workflow is"),
        ("on: push\njobs: {a: {uses: ./.github/workflows/x.yml, environment: x}}", "environment", "not known here"),
        ("on: push\njobs: {a: {runs-on: {group: a/b/c}}}", "a/b/c", "a runner group is"),
        (
            f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: ${{{{ github.x }}}} {'x' * 22_000}\n",
            "",
            "at most 21000",
        ),
    ],
)
def test_what_is_refused_of_a_file(text: str, place: str, why: str) -> None:
    """By its place."""
    found = refused(text)
    assert any(why in said and (words == place or "21000" in why) for words, said in found), found


def test_an_error_in_a_script_has_its_place() -> None:
    """Inside of a block, behind other expressions."""
    found = of_step("run: |\n          one ${{ github.x }}\n          two ${{ nope.y }}")
    assert [("nope", "`nope` is not known here")] == [(place, why.partition(";")[0]) for place, why in found]


@pytest.mark.parametrize(
    ("on", "notes"),
    [
        ("push", []),
        ("[push, brandnew]", ["the event `brandnew` is not known here"]),
        ("{release: {type: [published]}}", ["`release` has no `type`"]),
        ("{release: {types: [publish]}}", ["`release` has no type `publish`"]),
        ("{push: {types: [x]}}", ["`push` has no `types`"]),
        ("{push: {branches: }}", ["`branches` is empty"]),
        ("{repository_dispatch: {types: [anything]}}", []),
        ("{pull_request: {types: [opened], branches: [main]}, workflow_run: {workflows: [x], types: [completed]}}", []),
        (
            "{schedule: [{cron: x}, {at: y}, {cron: x, zone: y}]}",
            ["an entry of `schedule` has no `cron`", "`schedule` has no `zone`"],
        ),
        ("{workflow_dispatch: {inputs: {a: {kind: x}, b: , c: {type: string}}}}", ["an input has no `kind`"]),
        ("{workflow_call: {nope: 1}}", []),
    ],
)
def test_what_events_do_not_know_is_only_noted(on: str, notes: list[str]) -> None:
    """GitHub passes over it, so nothing of it is a refusal."""
    found = workflow(f"on: {on}\njobs:\n  a:\n{STEPS}")
    assert notes == [problem.why for problem in doubtful(found.on)]


def test_anchors_are_noted() -> None:
    """They do not work everywhere."""
    found = workflow(f"on: push\nenv: &e {{A: 1}}\njobs:\n  a:\n    env: *e\n{STEPS}")
    assert ([], ["YAML anchors work on github.com; GitHub Enterprise Server refuses them"]) == (
        list(refusals(found)),
        [note.why for note in found.notes],
    )
