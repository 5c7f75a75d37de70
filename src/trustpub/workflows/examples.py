"""The example runs of a trigger, named after a package, and the world without what a checkout only assumes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.contexts import Repository, world_of
from trustpub.workflows.evaluation import Record, World
from trustpub.workflows.events import CALLED, PULL_REQUEST_EVENTS, Names, Scenario, Trigger, scenarios
from trustpub.workflows.sites import mentioned_refs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.model import Workflow


class Examples:
    """The example runs of one trigger that matter to a job of the file, with tags named after one package or another."""

    def __init__(self, trigger: Trigger, root: Workflow, default_branch: str, job: str = "") -> None:
        self._trigger = trigger
        self._job = job
        self._root = root
        self._default_branch = default_branch
        self._known: dict[Names, tuple[Scenario, ...]] = {}

    def of(self, names: Names) -> tuple[Scenario, ...]:
        """List the example runs with refs that are made of these names."""
        if names not in self._known:
            if self._trigger.event == CALLED:
                return (Scenario(CALLED, "", "", "", inputs={}),)
            mentioned, text = mentioned_refs(self._root, self._job), self._root.source.text
            self._known[names] = tuple(scenarios(self._trigger, names, mentioned, text))
        return self._known[names]

    def named(self, number: int, scenario: Scenario, version: str, project: str) -> Scenario:
        """Return the same example run, the one of this number, with a tag that a release of this project would have."""
        if scenario.ref_type != "tag":
            return scenario
        own = self.of(Names(version, project, self._default_branch))
        same = number < len(own) and (own[number].pattern, own[number].ref_type) == (scenario.pattern, scenario.ref_type)
        return own[number] if same else scenario


def doubting(scenario: Scenario, root: Workflow, repository: Repository, variables: Mapping[str, str]) -> World:
    """Build the world without what is only assumed: that the remote's name is today's, and which branch is the default one."""
    world = world_of(scenario, root, repository, variables)
    github = world.contexts["github"]
    if not isinstance(github, Record):
        return world
    assumed = {name for name in github.values if name.startswith("repository")} | {"workflow_ref"}
    if scenario.event not in ("push", "release", "workflow_dispatch", CALLED, *PULL_REQUEST_EVENTS):
        assumed |= {"ref", "ref_name"}
    kept = {name: value for name, value in github.values.items() if name not in assumed}
    event = kept.get("event")
    if isinstance(event, Record):
        kept["event"] = event._replace(values={name: value for name, value in event.values.items() if name != "repository"})
    return world._replace(contexts={**world.contexts, "github": github._replace(values=kept)})
