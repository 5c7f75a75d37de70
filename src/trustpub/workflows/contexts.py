"""The contexts of one example run: what `github`, `inputs`, `vars` and `env` hold there, and what of them is unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.evaluation import Record, Ruled, Unknown, Value, World, render, text
from trustpub.workflows.events import CALLED, FORK_EVENTS, WITHOUT_ACTIVITY, ref_contexts
from trustpub.workflows.expressions import template
from trustpub.workflows.model import word

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustpub.workflows.events import Scenario
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.source import Scalar


class Repository(NamedTuple):
    """What is known of the repository; an empty text is not known."""

    owner: str
    name: str
    owner_id: str = ""
    id: str = ""
    default_branch: str = "main"

    @property
    def slug(self) -> str:
        """`owner/name`, or empty when it is not known."""
        return f"{self.owner}/{self.name}" if self.owner and self.name else ""


def world_of(scenario: Scenario, workflow: Workflow, repository: Repository, variables: Mapping[str, str]) -> World:
    """Build the world of a workflow that an event started. `variables` are the declared values of `vars`."""
    github: dict[str, Value] = {
        "event_name": scenario.event,
        "workflow": word(workflow.name) or workflow.path,
        "head_ref": "" if scenario.event not in FORK_EVENTS else None,
        "base_ref": "" if scenario.event not in FORK_EVENTS else None,
        "event": _event(scenario, repository),
        **ref_contexts(scenario),
    }
    known = {"repository": repository.slug, "repository_owner": repository.owner, "repository_owner_id": repository.owner_id}
    github |= {name: value for name, value in (known | {"repository_id": repository.id}).items() if value}
    if scenario.event in FORK_EVENTS:
        del github["head_ref"], github["base_ref"]
    if scenario.event == CALLED:
        for name in ("event_name", "event", "workflow", "head_ref", "base_ref"):
            github.pop(name, None)  # all of these are the caller's
    if repository.slug and scenario.ref and scenario.event != CALLED:
        github["workflow_ref"] = f"{repository.slug}/{workflow.path}@{github['ref']}"
    contexts: dict[str, Value] = {
        "github": Record(github, "github", open=True),
        "inputs": Record(scenario.inputs, "inputs", open=scenario.event == CALLED),
        "vars": Record({name.lower(): value for name, value in variables.items()}, "vars", open=True),
        "secrets": Record({}, "secrets", open=True),
        "steps": Record({}, "steps", open=True),
    }
    return World(contexts)


def _event(scenario: Scenario, repository: Repository) -> Record:
    """Build `github.event`: the parts of other events are null, those of this one unknown unless the file says them."""
    parts: dict[str, Value] = dict.fromkeys(("release", "pull_request", "inputs", "schedule", "workflow_run", "issue"))
    if scenario.action or scenario.event in WITHOUT_ACTIVITY:
        parts["action"] = scenario.action or None
    elif scenario.activities:
        parts["action"] = Ruled.of(scenario.activities[0], "github.event.action", "", False, scenario.activities.__contains__)
    if scenario.event in ("push", "workflow_dispatch"):
        parts["ref"] = scenario.ref
    elif scenario.event in FORK_EVENTS or scenario.event == "release":
        parts["ref"] = None
    known: dict[str, Value] = {"fork": False, "default_branch": repository.default_branch}
    known |= {"full_name": repository.slug, "name": repository.name} if repository.slug else {}
    parts["repository"] = Record(known, "github.event.repository", open=True)
    tag = ref_contexts(scenario)["ref_name"]
    if scenario.event == "release":
        kind: dict[str, Value] = {"tag_name": tag, "draft": False}
        if scenario.action in ("prereleased", "released"):
            kind["prerelease"] = scenario.action == "prereleased"
        parts["release"] = Record(kind, "github.event.release", open=True)
    elif scenario.event == "workflow_dispatch":
        parts["inputs"] = Record({name: text(value) for name, value in scenario.inputs.items()})
    elif scenario.event in FORK_EVENTS:
        parts["pull_request"] = Record({}, "github.event.pull_request", open=True)
    elif scenario.event in ("issues", "issue_comment"):
        parts["issue"] = Record({}, "github.event.issue", open=True)
    elif scenario.event in ("schedule", "workflow_run"):
        parts[scenario.event] = Record({}, f"github.event.{scenario.event}", open=True)
    return Record(parts, "github.event", open=True)


def with_matrix(world: World, leg: Record) -> World:
    """Add one leg of a matrix."""
    return world._replace(contexts={**world.contexts, "matrix": leg})


def with_environment(world: World, *levels: Mapping[str, Scalar]) -> World:
    """Add `env`: the levels (workflow, job, step) in order, each evaluated with those before it. Steps may have set others."""
    values: dict[str, Value] = {}
    for level in levels:
        for name, node in level.items():
            values[name.lower()] = settled(word(node), with_env(world, values))
    return with_env(world, values)


def settled(written: str, world: World) -> Value:
    """Work a text out once for all that ask for it later: what other runs of the same rule give otherwise is not known."""
    pieces = template(written)
    value = render(pieces, world)
    ruled = render(pieces, world._replace(as_rule=True))
    return ruled if isinstance(ruled, Unknown) and not isinstance(value, Ruled | Unknown) else value


def with_env(world: World, values: Mapping[str, Value]) -> World:
    """Add an `env` context of these values."""
    return world._replace(contexts={**world.contexts, "env": Record(dict(values), "env", open=True)})


def raw_environment(levels: Iterable[Mapping[str, Scalar]]) -> dict[str, str]:
    """Merge the levels' texts as they are written, for the shell."""
    merged: dict[str, str] = {}
    for level in levels:
        merged.update({name: word(node) for name, node in level.items()})
    return merged
