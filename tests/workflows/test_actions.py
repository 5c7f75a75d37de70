"""Composite actions: their inputs, outputs and steps."""

from __future__ import annotations

import pytest

from trustpub.workflows.actions import Action, read_action
from trustpub.workflows.model import word
from trustpub.workflows.source import parse


def action(text: str) -> Action | None:
    """Read an action's file."""
    return read_action(parse(text.encode(), "tools/release/action.yml"))


COMPOSITE = """\
name: Release
inputs:
  token: {required: true}
  index: {default: pypi}
  bare:
outputs:
  done: {value: '${{ steps.up.outputs.done }}'}
  odd: x
runs:
  using: composite
  steps:
    - id: up
      uses: pypa/gh-action-pypi-publish@release/v1
      with: {password: '${{ inputs.token }}'}
    - run: twine upload dist/*
      shell: bash
"""


def test_a_composite_action() -> None:
    """Everything that decides what its steps do is read."""
    found = action(COMPOSITE)
    assert found is not None
    assert ("tools/release/action.yml", "Release", "composite", ()) == (found.path, word(found.name), found.using, found.problems)
    assert {"token": (None, True), "index": ("pypi", False), "bare": (None, False)} == {
        name: (word(row.default) if row.default else None, row.required) for name, row in found.inputs.items()
    }
    assert ["${{ steps.up.outputs.done }}"] == [node.value for node in found.outputs.values()]
    assert [(1, "pypa/gh-action-pypi-publish"), (2, "twine upload dist/*")] == [(step.number, step.label) for step in found.steps]


def test_other_actions_have_no_steps() -> None:
    """Docker and JavaScript actions run what this reader cannot see."""
    found = action("name: x\nruns: {using: docker, image: Dockerfile, steps: [{run: x}]}\n")
    assert found is not None
    assert ("docker", ()) == (found.using, found.steps)


@pytest.mark.parametrize("text", ["", "[]", "on: push\njobs: {}", "runs: x"])
def test_what_is_no_action_is_none(text: str) -> None:
    """A workflow beside the actions is not taken for one."""
    assert None is action(text)
