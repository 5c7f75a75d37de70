"""What strangers can put into a run: events that they start, texts that they write, and code of theirs that a job takes.

Mirrors: GitHub's guide to secure use of actions (script injection; untrusted checkouts in privileged workflows).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.events import triggers
from trustpub.workflows.model import word
from trustpub.workflows.source import Map, Scalar, Sequence
from trustpub.workflows.uses import uses

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from trustpub.workflows.events import Trigger
    from trustpub.workflows.model import Job, Step, Workflow

PRIVILEGED = frozenset(("pull_request_target", "issue_comment", "workflow_run"))
"""Events that anybody can bring about, and that run with this repository's rights."""
OPEN_EVENTS = PRIVILEGED | {"issues", "discussion", "discussion_comment", "fork", "watch", "gollum"}
"""All events that anybody can bring about, but for `pull_request`, whose runs have no rights when they come from a fork."""

_THEIR_CODE = r"github\s*\.\s*head_ref|pull_request\s*\.\s*head\b|refs/pull/|workflow_run\s*\.\s*head_|pull/\$\{?\{?|\bhead_sha\b"
_GUARDED = (
    r"author_association|head_repository|head\s*\.\s*repo|workflow_run\s*\.\s*event|workflow_run\s*\.\s*head_branch|permission|"
    r"github\s*\.\s*actor\b|triggering_actor|\blabel|sender\s*\.\s*login|comment\s*\.\s*user"
)
_THEIR_TEXT = (
    r"github\s*\.\s*(?:head_ref\b|event\s*\.\s*(?:"
    r"(?:issue|pull_request|discussion)\s*\.\s*(?:title|body)\b|(?:comment|review|review_comment)\s*\.\s*body\b|"
    r"pull_request\s*\.\s*head\s*\.\s*(?:ref|label|repo\s*\.\s*default_branch)\b|pages\s*\.|"
    r"workflow_run\s*\.\s*(?:head_branch|display_title|head_commit\s*\.\s*(?:message|author))\b))"
)
_COMMIT_TEXT = (
    r"github\s*\.\s*event\s*\.\s*(?:commits\b[^}]*\.\s*(?:message|author)|"
    r"head_commit\s*\.\s*(?:message|author\s*\.\s*(?:name|email)))"
)
_EXPRESSION = r"(?s)\$\{\{(.*?)\}\}"


class Written(NamedTuple):
    """An expression in a script, and whose text it gives: "stranger" or "author" (of commits that somebody merged)."""

    word: Scalar
    start: int
    end: int
    inner: str
    whose: str


def open_events(workflow: Workflow) -> tuple[Trigger, ...]:
    """List the triggers of a workflow with which strangers start runs that have this repository's rights."""
    return tuple(trigger for trigger in triggers(workflow.on) if trigger.event in PRIVILEGED)


def their_code(job: Job) -> tuple[Step, Scalar] | None:
    """Find the step that checks out what a stranger proposes, and the word that says so; None when none does for certain."""
    for step in job.steps:
        if step.uses is not None and uses(step.uses.value).name == "actions/checkout":
            for name in ("ref", "repository"):
                given = step.with_.get(name)
                if given is not None and re.search(_THEIR_CODE, given.value, re.IGNORECASE):
                    return step, given
        elif step.run is not None and re.search(r"\bgh pr checkout\b", step.run.value):
            return step, step.run
    return None


def runs_after(job: Job, step: Step) -> bool:
    """Say whether a job runs anything after a step that could be the checkout's: a script, or an action of the checkout."""
    return any(
        later.number > step.number and (later.run is not None or (later.uses is not None and later.uses.value.startswith("./")))
        for later in job.steps
    )


def guarded(workflow: Workflow, job: Job) -> bool:
    """Say whether conditions on the way to a job ask who is behind the run. What exactly they ask is not judged."""
    names, seen = [job.id], set[str]()
    while names:
        name = names.pop()
        each = workflow.jobs.get(name)
        if each is None or name in seen:
            continue
        seen.add(name)
        conditions = [each.if_, *(step.if_ for step in each.steps)]
        if any(re.search(_GUARDED, word(node), re.IGNORECASE) for node in conditions) or (
            each.environment is not None and name == job.id
        ):
            return True
        names += [need.value for need in each.needs]
    return False


def fed_by_forks(workflow: Workflow, workflows: Mapping[str, Workflow]) -> bool:
    """Say whether a `workflow_run` here follows a workflow that pull requests start. Those that are not known do not count."""
    node = workflow.on.get("workflow_run") if isinstance(workflow.on, Map) else None
    listed = node.get("workflows") if isinstance(node, Map) else None
    items = listed.items if isinstance(listed, Sequence) else (listed,)
    names = {item.value for item in items if isinstance(item, Scalar)}
    return any(
        (word(each.name) or each.path) in names and any(trigger.event == "pull_request" for trigger in triggers(each.on))
        for each in workflows.values()
    )


def written(step: Step, events: Collection[str]) -> Iterator[Written]:
    """Yield the expressions in a step's script that put a stranger's text into it, in runs of these events."""
    script = step.run
    if script is None and step.uses is not None and uses(step.uses.value).name == "actions/github-script":
        script = step.with_.get("script")
    for match in re.finditer(_EXPRESSION, script.value) if script is not None and "${{" in script.value else ():
        whose = ""
        if re.search(_THEIR_TEXT, match[1], re.IGNORECASE) and OPEN_EVENTS.intersection(events):
            whose = "stranger"
        elif re.search(_COMMIT_TEXT, match[1], re.IGNORECASE) and "push" in events:
            whose = "author"
        if whose and script is not None and not re.match(r"\s*(?:contains|startsWith|endsWith)\s*\(", match[1], re.IGNORECASE):
            yield Written(script, match.start(), match.end(), match[1].strip(), whose)
