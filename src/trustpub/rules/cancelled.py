"""A release that a later run cancels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule
from trustpub.record import NamedTuple
from trustpub.rules import spans
from trustpub.workflows import edit
from trustpub.workflows.contexts import world_of
from trustpub.workflows.evaluation import evaluate, truth
from trustpub.workflows.events import CALLED, FORK_EVENTS, Scenario, triggers
from trustpub.workflows.expressions import Context, Logic, Member, Wrong, path_of, template, walk
from trustpub.workflows.source import Map, Scalar, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trustpub.rules.facts import Facts
    from trustpub.workflows.events import Trigger
    from trustpub.workflows.expressions import Expression
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site
    from trustpub.workflows.source import Node

RULE = Rule(
    code="G05",
    name="release-cancelled",
    severity="medium",
    title="A later run cancels a release",
    why=(
        "Runs of one concurrency group push each other out: with `cancel-in-progress` a later run stops one that is uploading, "
        "and half of the files are on the index. What was uploaded can never be replaced."
    ),
    source="GitHub's workflow syntax: concurrency",
    help="Let every release have a group of its own, or write `cancel-in-progress: false`.",
)

_SAME = frozenset(
    ("github.workflow", "github.event_name", "github.repository", "github.repository_owner", "github.ref_type", "github.job")
)
"""What two runs of one workflow and one event share; everything else differs, or may."""
_OF_PULL_REQUESTS = ("github.event.pull_request.", "github.head_ref", "github.event.number")
_ALWAYS_THERE = frozenset(("github.ref", "github.ref_name", "github.sha", "github.run_id", "github.workflow"))
"""What is no empty text in any run: nothing behind it in `a || b` counts."""
_FREQUENT = frozenset(("push", "pull_request", "pull_request_target", "schedule", "merge_group"))
"""Events of everyday work."""


class _Group(NamedTuple):
    """One `concurrency` that covers the upload: its file, its group, and what it says about runs in progress."""

    workflow: Workflow
    name: Scalar
    cancel: Scalar | None
    queued: bool


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the groups in which another run surely cancels one that uploads, or one that waits to."""
    seen: set[tuple[str, int]] = set()
    for site, predictions in facts.sites():
        theirs = [each for each in predictions if each.reached and each.verdict != "refused"]
        for group in _groups(site):
            place = (group.workflow.path, group.name.start)
            if place in seen:
                continue
            if cancelled := [each for each in theirs if _cancels(facts, site, group, each)]:
                yield _finding(site, group, cancelled)
            elif _drops_waiting(site, group, theirs):
                yield _dropped(site, group)
            else:
                continue
            seen.add(place)


def _groups(site: Site) -> Iterator[_Group]:
    levels = [(call.workflow, call.job) for call in site.calls] + [(site.workflow, site.job)]
    for workflow, job in levels:
        for node in (workflow.root.get("concurrency"), job.node.get("concurrency")):
            name = node.get("group") if isinstance(node, Map) else node
            cancel = node.get("cancel-in-progress") if isinstance(node, Map) else None
            queue = node.get("queue") if isinstance(node, Map) else None
            if isinstance(name, Scalar):
                yield _Group(workflow, name, cancel if isinstance(cancel, Scalar) else None, queue is not None)


def _drops_waiting(site: Site, group: _Group, theirs: Sequence[Prediction]) -> bool:
    """Say whether runs that are no release share the group of one that a tag started: one run may wait, the others go."""
    if group.queued or group.workflow is not site.root or group.name is not _group_name(site.root.root.get("concurrency")):
        return False
    if group.cancel is not None and plain_value(group.cancel) is not False:
        return False
    name = group.name.value
    if "github.event_name" in name or "github.ref_type" in name or not _is_shared(name, "refs/tags/", "push"):
        return False
    by_tags = any(each.ref.startswith("refs/tags/") and each.event != "workflow_dispatch" for each in theirs)
    return by_tags and any(_is_everyday(trigger) for trigger in triggers(site.root.on))


def _is_everyday(trigger: Trigger) -> bool:
    """Say whether a trigger starts runs that are no release: pushes to branches, pull requests, a timetable."""
    return trigger.event in _FREQUENT and (trigger.event != "push" or trigger.branches is not None or trigger.tags is None)


def _group_name(node: Node | None) -> Node | None:
    return node.get("group") if isinstance(node, Map) else node


def _cancels(facts: Facts, site: Site, group: _Group, prediction: Prediction) -> bool:
    return _is_shared(group.name.value, prediction.ref, prediction.event) and _is_true(facts, site, group.cancel, prediction)


def _is_shared(name: str, ref: str, event: str) -> bool:
    """Say whether two runs of this kind surely have one group: a tag is pushed once, a branch again and again."""
    for part in template(name).parts:
        if isinstance(part, Wrong):
            return False
        nodes = [node for each in _live(part, event) for node in walk(each)] if not isinstance(part, str) else []
        inner = {id(node.base) for node in nodes if isinstance(node, Member)}
        if not all(
            _is_same(path_of(node), ref, event) for node in nodes if isinstance(node, Member | Context) and id(node) not in inner
        ):
            return False
    return True


def _live(node: Expression, event: str) -> tuple[Expression, ...]:
    """Leave out of `a || b` what is always null in runs of this event: what only pull requests have."""
    if not isinstance(node, Logic) or node.operator != "||" or event in FORK_EVENTS or event == CALLED:
        return (node,)
    live = tuple(each for each in node.operands if not (path_of(each) or "").startswith(_OF_PULL_REQUESTS))
    return live[:1] if live and path_of(live[0]) in _ALWAYS_THERE else live


def _is_same(path: str | None, ref: str, event: str) -> bool:
    """Say whether a part of the group's name is the same in both runs."""
    if path == "github.sha":
        return event == "workflow_dispatch"
    if path in ("github.ref", "github.ref_name"):
        return ref.startswith("refs/heads/")
    return path in _SAME


def _is_true(facts: Facts, site: Site, cancel: Scalar | None, prediction: Prediction) -> bool:
    if cancel is None or "${{" not in cancel.value:
        return cancel is not None and plain_value(cancel) is True
    only = template(cancel.value).only
    if only is None or not prediction.ref:
        return False
    kind = "tag" if prediction.ref.startswith("refs/tags/") else "branch"
    scenario = Scenario(prediction.event, prediction.ref, kind, prediction.ref_pattern)
    return truth(evaluate(only, world_of(scenario, site.root, facts.repository, facts.declaration.vars))) is True


def _finding(site: Site, group: _Group, cancelled: Sequence[Prediction]) -> Finding:
    cancel, prediction = group.cancel, cancelled[0]
    by_hand = all(each.event == "workflow_dispatch" for each in cancelled)
    change = edit.replaced(group.workflow.source, cancel, "false") if cancel is not None and "${{" not in cancel.value else None
    by = f"another run on `{prediction.ref.split('/', 2)[-1]}`" if prediction.ref.startswith("refs/heads/") else "any other run"
    if by_hand and "github.sha" in group.name.value:
        by = "a second run on the same commit"
    name = " ".join(group.name.value.split())
    return Finding(
        rule=RULE.code,
        severity="low" if by_hand else RULE.severity,
        message=f"{by} of the group `{name}` cancels an upload under way: {prediction.event}",
        span=spans.of_word(group.workflow, cancel) if cancel is not None else spans.of_word(group.workflow, group.name),
        help="Write `cancel-in-progress: false`, or give the publishing job a group of its own.",
        related=(Related(spans.of_upload(site), "uploads here"),),
        fix=Fix("let a run that is under way end", (change,), safe=False) if change is not None else None,
    )


def _dropped(site: Site, group: _Group) -> Finding:
    name = " ".join(group.name.value.split())
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"a release that waits in the group `{name}` is cancelled by the next run of any branch",
        span=spans.of_word(group.workflow, group.name),
        help="Put `${{ github.ref }}` into the group's name: one run of a group may wait, and a later one takes its place.",
        related=(Related(spans.of_upload(site), "uploads here"),),
    )
