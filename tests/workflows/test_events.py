"""Triggers as example runs: refs, rules, activity types, inputs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflows.samples import NAMES, predictions, publishing, workflow
from trustpub.workflows import globs
from trustpub.workflows.contexts import Repository, world_of
from trustpub.workflows.evaluation import Ruled, Unknown, evaluate, truth
from trustpub.workflows.event_table import EVENTS
from trustpub.workflows.events import CALLED, MOST_COMBINATIONS, Names, Scenario, ref_contexts, scenarios, triggers
from trustpub.workflows.expressions import condition
from trustpub.workflows.sites import mentioned_refs
from trustpub.workflows.source import Map


def runs(on: str, mentioned: tuple[str, ...] = (), text: str = "", names: Names = NAMES) -> list[Scenario]:
    """The example runs of the triggers of an `on`."""
    found = workflow(f"on:{on}\njobs: {{}}\n")
    return [run for trigger in triggers(found.on) for run in scenarios(trigger, names, mentioned, text or found.source.text)]


def refs(on: str, mentioned: tuple[str, ...] = ()) -> list[tuple[str, str, str]]:
    """Event, example ref and rule of each run."""
    return [(run.event, str(run.ref), run.pattern) for run in runs(on, mentioned)]


MAINTAINED = (("v3.1.2", "v3.*"), ("maint/example", "maint/*"))


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
        (" {push: {tags: ['v3.*']}}", [("push", "refs/tags/v3.1.2", "v3.*")]),
        (" {push: {tags: ['20[0-9]+.[0-9]*', '!*.2']}}", [("push", "refs/tags/201.1.1", "20[0-9]+.[0-9]*")]),
        (" {push: {branches: ['v3.*', 'maint/*']}}", [("push", f"refs/heads/{b}", p) for b, p in MAINTAINED]),
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


PATTERNS = st.lists(
    st.sampled_from(["v", "1", ".", "-", "/", "rc", "*", "**", "[0-9]", "[0-9]+", "[ab]", "!", "x?"]), min_size=1, max_size=6
).map("".join)


@given(PATTERNS.filter(lambda pattern: not pattern.startswith("!")), st.sampled_from(["tags", "branches"]))
def test_an_example_matches_its_pattern(pattern: str, kind: str) -> None:
    """Whatever somebody asks for: a name that would not start a run is never shown."""
    ((_, ref, _),) = refs(f" {{push: {{{kind}: ['{pattern}']}}}}")
    assert globs.matches(pattern, ref.split("/", 2)[2])


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
    """Twenty switches are a million combinations; the default one comes first, and those that are not tried are left open."""
    switches = "".join(f"      s{number}: {{type: boolean}}\n" for number in range(20))
    text = " ".join(f"inputs.s{number}" for number in range(20))
    found = [run for run in runs(f"\n  workflow_dispatch:\n    inputs:\n{switches}", text=text) if run.ref_type == "branch"]
    assert MOST_COMBINATIONS == len(found)
    assert {"s0": False, "s5": False} == {name: found[0].inputs[name] for name in ("s0", "s5")}
    assert all(isinstance(run.inputs["s6"], Unknown) and "s6" not in run.chosen for run in found)


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
        ("issues", "never"),
        ("{issues: {types: [a, b]}}", "depends"),
        ("pull_request", "never"),
        ("schedule", "never"),
    ],
)
def test_an_activity_that_is_one_of_several_is_not_known(on: str, verdict: str) -> None:
    """Only a single type is known to be the action; one that the event never has is none."""
    assert [verdict] == [found.verdict for found in predictions(publishing(on, "if: github.event.action == 'b'"))]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (" merge_group", [("merge_group", "refs/heads/gh-readonly-queue/main/pr-1-0", "gh-readonly-queue/**")]),
        (" create", [("create", "refs/tags/v1.2.3", "**"), ("create", "refs/heads/main", "**")]),
        (" deployment", [("deployment", "", "")]),
        (" deployment_status", [("deployment_status", "", "")]),
        (" [issue_comment, watch]", [("issue_comment", "refs/heads/main", "main"), ("watch", "refs/heads/main", "main")]),
        (" {schedule: [{cron: x, timezone: Europe/Berlin}]}", [("schedule", "refs/heads/main", "main")]),
        (" {pull_request: {types: [closed], branches: [dev]}}", [("pull_request", "refs/heads/dev", "dev")]),
        (
            " {pull_request: {types: [opened, closed]}}",
            [("pull_request", "refs/pull/1/merge", "refs/pull/*/merge"), ("pull_request", "refs/heads/main", "main")],
        ),
        (" {push: {branches: }}", [("push", "refs/tags/v1.2.3", "**"), ("push", "refs/heads/main", "**")]),
        (" brandnew", [("brandnew", "refs/heads/main", "main")]),
    ],
)
def test_refs_of_other_events(on: str, expected: list[tuple[str, str, str]]) -> None:
    """As GitHub's table of events has them; a merged pull request runs on its base."""
    assert expected == refs(on)


@pytest.mark.parametrize(
    ("on", "environment_ref", "workflow_from", "sha_of"),
    [
        (" pull_request", "refs/pull/1/merge", "the ref of the run", "the merge of the pull request into its base"),
        (" pull_request_target", "refs/heads/main", "the default branch", "the tip of the default branch"),
        (" {push: {tags: [v1]}}", "refs/tags/v1", "the ref of the run", "the pushed commit"),
        (" release", "refs/tags/v1.2.3", "the ref of the run", "the tagged commit"),
        (" workflow_run", "refs/heads/main", "the default branch", "the tip of the default branch"),
        (" deployment", "", "the ref of the run", "the deployed commit"),
        (" brandnew", "refs/heads/main", "the default branch", "the tip of the default branch"),
    ],
)
def test_where_a_run_stands(on: str, environment_ref: str, workflow_from: str, sha_of: str) -> None:
    """Its environment's ref, its workflow file, its commit."""
    run = runs(on)[0]
    assert (environment_ref, workflow_from, sha_of) == (run.environment_ref, run.workflow_from, run.sha_of)


def test_what_a_deployment_stands_on_is_unknown() -> None:
    """A branch, a tag, or a bare commit."""
    (run,) = runs(" deployment")
    assert Unknown(frozenset(("github.ref",))) == ref_contexts(run)["ref"]


def test_every_event_has_its_row() -> None:
    """What counts when no types are set is among the types, and forks start only what forks can."""
    for name, event in EVENTS.items():
        assert set(event.default_types) <= set(event.types), name
        assert event.own_code or event.from_forks, name


def test_a_called_workflow_knows_nothing_of_its_caller() -> None:
    """Event, ref and inputs are somebody else's."""
    called = workflow("on: workflow_call\njobs: {}\n")
    world = world_of(Scenario(CALLED, "", "", ""), called, Repository("octo", "tool"), {})
    for words in ("github.event_name == 'push'", "github.ref", "inputs.x == ''", "github.event.action", "github.workflow"):
        assert None is truth(evaluate(condition(words), world)), words
    assert "octo/tool" == evaluate(condition("github.repository"), world)


def test_a_trigger_keeps_its_settings() -> None:
    """Paths, workflows, and the node."""
    (push, run) = triggers(workflow("on: {push: {paths: [a], paths-ignore: b}, workflow_run: {workflows: [x]}}\njobs: {}\n").on)
    assert (("a",), ("b",), ("x",), True) == (push.paths, push.paths_ignore, run.workflows, isinstance(run.node, Map))


def test_the_conditions_of_other_jobs_make_no_examples() -> None:
    """Only those on the way to a job are worth one: else every package of a repository makes examples for every other."""
    text = "".join(
        f"  {name}:\n    needs: [all]\n    if: startsWith(github.ref, 'refs/tags/{name}-v')\n" for name in ("one", "two")
    )
    file = workflow(f"on: workflow_dispatch\njobs:\n  all:\n    if: github.ref == 'refs/heads/main'\n{text}")

    assert ("refs/tags/one-v**", "refs/heads/main") == tuple(sorted(mentioned_refs(file, "one"), reverse=True))
    assert mentioned_refs(file) == mentioned_refs(file, "nobody")
    assert 3 == len(mentioned_refs(file))
