"""Triggers as example runs: refs, rules, activity types, inputs."""

from __future__ import annotations

import pytest

from tests.workflows.samples import NAMES, predictions, publishing, workflow
from trustpub.workflows.evaluation import Ruled, Unknown
from trustpub.workflows.events import MOST_COMBINATIONS, Names, Scenario, ref_contexts, scenarios, triggers


def runs(on: str, mentioned: tuple[str, ...] = (), text: str = "", names: Names = NAMES) -> list[Scenario]:
    """The example runs of the triggers of an `on`."""
    found = workflow(f"on:{on}\njobs: {{}}\n")
    return [run for trigger in triggers(found.on) for run in scenarios(trigger, names, mentioned, text or found.source.text)]


def refs(on: str, mentioned: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    """Event, example ref and rule of each run."""
    return [(run.event, str(run.ref), run.pattern) for run in runs(on, mentioned)]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (" push", [("push", "refs/tags/v1.2.3", "**"), ("push", "refs/heads/main", "**")]),
        (" [push]", [("push", "refs/tags/v1.2.3", "**"), ("push", "refs/heads/main", "**")]),
        (" {push: null}", [("push", "refs/tags/v1.2.3", "**"), ("push", "refs/heads/main", "**")]),
        (" {push: {paths: [x]}}", [("push", "refs/tags/v1.2.3", "**"), ("push", "refs/heads/main", "**")]),
        (" {push: {tags: ['v*']}}", [("push", "refs/tags/v1.2.3", "v*")]),
        (" {push: {tags: 'v*'}}", [("push", "refs/tags/v1.2.3", "v*")]),
        (" {push: {branches: [main]}}", [("push", "refs/heads/main", "main")]),
        (
            " {push: {branches: [stable], tags: ['*']}}",
            [("push", "refs/tags/v1.2.3", "*"), ("push", "refs/heads/stable", "stable")],
        ),
        (" {push: {tags: ['v[0-9]+.[0-9]+']}}", [("push", "refs/tags/v1.0", "v[0-9]+.[0-9]+")]),
        (" {push: {tags: ['tool-v*']}}", [("push", "refs/tags/tool-v1.2.3", "tool-v*")]),
        (" {push: {tags: ['other@*']}}", [("push", "refs/tags/other@1.2.3", "other@*")]),
        (" {push: {tags: ['v*', '!v1.*']}}", [("push", "refs/tags/v2.0.0", "v*")]),
        (" {push: {tags-ignore: ['v*']}}", [("push", "refs/tags/1.2.3", "**")]),
        (" {push: {branches-ignore: [main]}}", [("push", "refs/heads/master", "**")]),
        (" {push: {tags: []}}", []),
        (" {release: {types: [published]}}", [("release", "refs/tags/v1.2.3", "**")]),
        (" release", [("release", "refs/tags/v1.2.3", "**")]),
        (" schedule", [("schedule", "refs/heads/main", "main")]),
        (" workflow_run", [("workflow_run", "refs/heads/main", "main")]),
        (" pull_request", [("pull_request", "refs/pull/1/merge", "refs/pull/*/merge")]),
        (" pull_request_target", [("pull_request_target", "refs/heads/main", "main")]),
        (" workflow_dispatch", [("workflow_dispatch", "refs/heads/main", "**"), ("workflow_dispatch", "refs/tags/v1.2.3", "**")]),
        (" workflow_call", []),
        (" null", []),
    ],
)
def test_example_refs(on: str, expected: list[tuple[str, str, str]]) -> None:
    """Each kind of ref that the filters let through has its example, the likeliest first."""
    assert expected == refs(on)


def test_refs_that_conditions_name_are_examples_of_their_own() -> None:
    """Where the filter admits them."""
    found = refs(" {push: {branches: ['**']}}", ("refs/heads/stable", "refs/tags/v9"))
    assert [("push", "refs/heads/stable", "stable"), ("push", "refs/heads/main", "**")] == found


def test_the_example_keeps_its_rule() -> None:
    """The ref and its short name admit what the filter admits."""
    (run,) = runs(" {push: {tags: ['v*', '!v0*']}}")
    name = ref_contexts(run)["ref_name"]
    assert isinstance(run.ref, Ruled)
    assert isinstance(name, Ruled)
    assert ("v1.2.3", "v", "refs/tags/v") == (name, name.fixed, run.ref.fixed)
    assert [True, False, False] == [run.ref.admits(ref) for ref in ("refs/tags/v2", "refs/tags/v0.1", "refs/heads/v2")]
    assert [True, False] == [name.admits("v2"), name.admits("x")]


def test_every_release_type_is_a_run() -> None:
    """With its activity type."""
    assert ["published", "created"] == [run.action for run in runs(" {release: {types: [published, created]}}")]


INPUTS = """
  workflow_dispatch:
    inputs:
      where: {type: choice, options: [none, testpypi, pypi], default: testpypi}
      dry: {type: boolean}
      wet: {type: boolean, default: true}
      note: {type: string, default: hello}
      must: {type: string, required: true}
      env: {type: environment}
"""


def test_inputs_that_the_file_asks_for_are_varied() -> None:
    """Booleans and choices, defaults first; the others keep their default."""
    found = runs(INPUTS, text="x: ${{ inputs.where }} and ${{ github.event.inputs['dry'] }}")
    branch = [run for run in found if run.ref_type == "branch"]
    assert 6 == len(branch)
    assert {"where": "testpypi", "dry": "false"} == branch[0].chosen
    assert [True, "hello"] == [branch[0].inputs["wet"], branch[0].inputs["note"]]


def test_inputs_that_nobody_can_know_are_unknown() -> None:
    """A required text and a chosen environment."""
    inputs = runs(INPUTS)[0].inputs
    assert Unknown(frozenset(("inputs.must",))) == inputs["must"]
    assert Unknown(frozenset(("inputs.env",))) == inputs["env"]


def test_a_text_input_is_only_an_example() -> None:
    """Whoever dispatches may write anything."""
    note = runs(INPUTS)[0].inputs["note"]
    assert isinstance(note, Ruled)
    assert (False, True) == (note.exact, note.admits("anything"))


def test_combinations_are_bounded() -> None:
    """Twenty switches are a million combinations; the default one comes first."""
    switches = "".join(f"      s{number}: {{type: boolean}}\n" for number in range(20))
    text = " ".join(f"inputs.s{number}" for number in range(20))
    found = [run for run in runs(f"\n  workflow_dispatch:\n    inputs:\n{switches}", text=text) if run.ref_type == "branch"]
    assert MOST_COMBINATIONS == len(found)
    assert not any(found[0].inputs.values())


def test_filters_keep_absent_and_empty_apart() -> None:
    """No filter is not an empty filter."""
    (trigger,) = triggers(workflow("on: {push: {tags: []}}\njobs: {}\n").on)
    assert ((), None) == (trigger.tags, trigger.branches)


def test_a_bare_release_runs_for_every_activity() -> None:
    """Where the file asks for the activity, each one is an example; without that, one stands for all."""
    text = publishing("release", "if: github.event.action == 'released'")
    assert ["released"] == [each for found in predictions(text) for each in found.actions]


@pytest.mark.parametrize(
    ("on", "verdict"),
    [
        ("{repository_dispatch: {types: [a, b]}}", "depends"),
        ("{repository_dispatch: {types: ['b*']}}", "depends"),
        ("{repository_dispatch: {types: [b]}}", "publishes"),
        ("{repository_dispatch: {types: [a]}}", "never"),
        ("issues", "depends"),
        ("schedule", "never"),
    ],
)
def test_an_activity_that_is_one_of_several_is_not_known(on: str, verdict: str) -> None:
    """Only a single type is known to be the action."""
    assert [verdict] == [found.verdict for found in predictions(publishing(on, "if: github.event.action == 'b'"))]
