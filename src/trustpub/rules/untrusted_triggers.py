"""Runs that strangers start, with their code on the way to an upload or beside its cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule, Span
from trustpub.rules.caches import restoring
from trustpub.rules.spans import of_word
from trustpub.rules.ways import ways
from trustpub.workflows.strangers import PRIVILEGED, fed_by_forks, guarded, open_events, runs_after, their_code

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.rules.ways import Way
    from trustpub.workflows.events import Trigger
    from trustpub.workflows.model import Job, Workflow

RULE = Rule(
    code="C01",
    name="untrusted-code-near-the-upload",
    severity="high",
    title="A stranger's code runs where it can reach an upload",
    why=(
        "Runs of `pull_request_target`, `issue_comment` and `workflow_run` have the rights of this repository, whoever started "
        "them. When such a run checks out what a stranger proposes and runs any of it, that code can publish, or leave "
        "something in a cache that the next release restores. Several well-known packages were taken over in exactly this way."
    ),
    source="GitHub's guide to secure use of actions; reports on releases that began with a pull request",
    help=(
        "Start it with `pull_request` instead, which has no rights when it comes from a fork; or do not check out the "
        "stranger's code."
    ),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each job of a stranger's run that takes code of theirs and is near an upload."""
    near = list(ways(facts))
    cached = next(((way, place) for way in near for place in restoring(way, facts.files)), None)
    told: set[tuple[str, str]] = set()
    for way in near:
        here = way.here
        if way.events & PRIVILEGED and (found := _taking(facts, here.workflow, here.job, way.events)) is not None:
            told.add((here.workflow.path, here.job.id))
            yield _finding(here.workflow, here.job, found, "is on the way to an upload", ())
    if cached is not None:
        yield from _poisoning(facts, cached[0], told)


def _poisoning(facts: Facts, way: Way, told: set[tuple[str, str]]) -> Iterator[Finding]:
    """Look for strangers' runs that could write the cache which a release restores: those that save to the default branch's."""
    place = next(iter(restoring(way, facts.files)))
    hint = Related(of_word(place.file, place.at.word), f"the job `{way.here.job.id}` restores a cache for an upload")
    for workflow in facts.workflows.values():
        events = {trigger.event for trigger in open_events(workflow)}
        for job in workflow.jobs.values() if events else ():
            if (workflow.path, job.id) not in told and (found := _taking(facts, workflow, job, events)) is not None:
                yield _finding(workflow, job, found, "can write the cache that an upload restores", (hint,))


def _taking(facts: Facts, workflow: Workflow, job: Job, events: set[str] | frozenset[str]) -> tuple[Trigger, Span, str] | None:
    """Say which trigger, and where, when a job surely runs a stranger's code and nothing asks first who they are."""
    found = their_code(job)
    if found is None or not runs_after(job, found[0]) or guarded(workflow, job):
        return None
    for trigger in open_events(workflow):
        if trigger.event in events and (trigger.event != "workflow_run" or fed_by_forks(workflow, facts.workflows)):
            return trigger, of_word(workflow, found[1]), found[1].value.strip().partition("\n")[0]
    return None


def _finding(workflow: Workflow, job: Job, found: tuple[Trigger, Span, str], where: str, related: tuple[Related, ...]) -> Finding:
    trigger, span, text = found
    start = Span(workflow.path, trigger.start, trigger.start + len(trigger.event))
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"the job `{job.id}` runs a stranger's code on `{trigger.event}`, and {where}: `{text}`",
        span=span,
        help=RULE.help,
        related=(Related(start, "anybody can bring this about"), *related),
    )
