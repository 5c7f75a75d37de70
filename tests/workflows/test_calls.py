"""What a call hands over, and what the called file takes."""

from __future__ import annotations

import pytest

from tests.workflows.samples import workflow
from trustpub.workflows.calls import call_problems

CALLED = workflow(
    "on:\n  workflow_call:\n    inputs:\n      name: {type: string, required: true}\n      count: {type: number}\n"
    "      dry: {type: boolean, required: true, default: false}\n    secrets: {token: {required: true}, other: }\n"
    "    outputs: {done: {value: x}}\njobs: {a: {runs-on: x}}\n",
    ".github/workflows/called.yml",
)


def said(job: str, called: str = "") -> list[str]:
    """What does not fit."""
    caller = workflow(f"on: push\njobs: {{a: {{uses: ./.github/workflows/called.yml, {job}}}}}\n")
    return [problem.why for problem in call_problems(caller.jobs["a"], workflow(called) if called else CALLED)]


@pytest.mark.parametrize(
    ("job", "why"),
    [
        ("with: {NAME: x}, secrets: {TOKEN: y}", []),
        ("with: {name: 1, count: 2, dry: true}, secrets: inherit", []),
        ("with: {name: x, count: '${{ vars.N }}'}, secrets: inherit", []),
        ("secrets: inherit", ["the called workflow requires the input `name`"]),
        ("with: {name: x, nope: y}, secrets: inherit", ["the called workflow has no input `nope`"]),
        ("with: {name: x, count: y}, secrets: inherit", ["the input `count` is a number: `y` is none"]),
        ("with: {name: x, dry: 'true'}, secrets: inherit", ["the input `dry` is a boolean: `true` is none"]),
        ("with: {name: x}", ["the called workflow requires the secret `token`"]),
        ("with: {name: x}, secrets: {token: y, nope: z}", ["the called workflow has no secret `nope`"]),
    ],
)
def test_a_call_must_fit(job: str, why: list[str]) -> None:
    """Inputs by name and type, secrets by name."""
    assert why == said(job)


def test_only_what_may_be_called_is_called() -> None:
    """Without `workflow_call` GitHub refuses."""
    assert ["`.github/workflows/release.yml` has no `workflow_call`: nobody may call it"] == said(
        "with: {a: b}", "on: push\njobs: {}"
    )


@pytest.mark.parametrize("on", ["workflow_call", "[push, workflow_call]", "{workflow_call: }"])
def test_a_bare_workflow_call_takes_nothing(on: str) -> None:
    """In each of its spellings."""
    assert ["the called workflow has no input `a`"] == said("with: {a: b}", f"on: {on}\njobs: {{}}")


def test_the_interface_is_read() -> None:
    """Inputs with their types, outputs, secrets."""
    interface = CALLED.called
    assert interface is not None
    assert ({"name": "string", "count": "number", "dry": "boolean"}, ["x"], {"token": True, "other": False}) == (
        {name: spec.type for name, spec in interface.inputs.items()},
        [node.value for node in interface.outputs.values()],
        interface.secrets,
    )
