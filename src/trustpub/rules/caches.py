"""Caches that are restored on the way to an upload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule
from trustpub.record import NamedTuple
from trustpub.rules.spans import of_word
from trustpub.rules.ways import ways
from trustpub.rules.work import builds
from trustpub.workflows import edit
from trustpub.workflows.caches import Restored, restored
from trustpub.workflows.nested import steps_of
from trustpub.workflows.source import Map, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Edit
    from trustpub.rules.facts import Facts
    from trustpub.rules.ways import Way
    from trustpub.workflows.actions import Action
    from trustpub.workflows.files import Files
    from trustpub.workflows.model import Job, Step, Workflow
    from trustpub.workflows.release_path import PathJob

RULE = Rule(
    code="C05",
    name="cache-on-the-way",
    severity="medium",
    title="A cache is restored on the way to the upload",
    why=(
        "What lies in a cache was put there by some other run of the repository, perhaps months ago; one run that a stranger "
        "could bend is enough to put something there that the next release takes for its own. Malicious releases were made so "
        "without a line of the release workflow being changed. A release runs rarely: it can do without the minutes that a "
        "cache saves."
    ),
    source="reports on releases poisoned through caches; GitHub's documentation: restrictions for accessing a cache",
    help="Build releases without a cache.",
)


class Place(NamedTuple):
    """A step that restores a cache, and the word that says so."""

    here: PathJob
    file: Workflow | Action
    step: Step
    at: Restored


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each publishing job that restores caches, and one for those of a file that feed it."""
    feeding: dict[str, list[Place]] = {}
    told: set[tuple[str, int]] = set()
    for way in sorted(ways(facts), key=lambda each: each.here.role != "publishes"):
        places = [each for each in restoring(way, facts.files) if (each.file.path, each.step.start) not in told]
        told.update((each.file.path, each.step.start) for each in places)
        if places and way.here.role == "publishes":
            yield _finding(places)
        elif places:
            feeding.setdefault(way.here.workflow.path, []).extend(places)
    for places in feeding.values():
        yield _finding(places)


def restoring(way: Way, files: Files) -> Iterator[Place]:
    """Yield the steps of a job that surely restore a cache."""
    job = way.here.job
    if any("ACTIONS_CACHE_MODE" in env for env in (way.here.workflow.env, job.env)):
        return
    hosted = on_hosted_runner(job)
    for each in steps_of(way.here.workflow, job, files):
        if each.through is not None and each.through.if_ is not None:
            continue
        at = restored(each.file.source, each.step, way.events, hosted)
        if at is not None:
            yield Place(way.here, each.file, each.step, at)


def on_hosted_runner(job: Job) -> bool:
    """Say whether the job surely runs on a runner of GitHub's, by the names of its labels."""
    node = job.runs_on
    words = [node] if isinstance(node, Scalar) else list(node.items) if isinstance(node, Sequence) else []
    return any(isinstance(each, Scalar) and each.value.startswith(("ubuntu-", "macos-", "windows-")) for each in words)


def _finding(places: list[Place]) -> Finding:
    first = places[0]
    job = first.here.job
    publishes = first.here.role == "publishes"
    chosen = any(place.at.word is not place.step.uses or not place.at.input for place in places)
    jobs = len({place.here.job.id for place in places})
    who = f"the job `{job.id}` {'publishes' if publishes else 'feeds the upload'}, and restores"
    if jobs > 1:
        who = f"{jobs} jobs feed the upload, and restore"
    return Finding(
        rule=RULE.code,
        severity="medium" if publishes and (chosen or builds(job)) else "low",
        message=f"{who} a cache: {_said(first)}",
        span=of_word(first.file, first.at.word),
        help=_help(first),
        related=tuple(Related(of_word(each.file, each.at.word), "restores a cache too") for each in places[1:]),
        fix=_fix(places),
    )


def _said(place: Place) -> str:
    word = place.at.word
    name = place.step.uses.value.partition("@")[0] if place.step.uses is not None else ""
    if not place.at.input:
        return f"`{name}`"
    return f"`{place.at.input}: {word.value}`" if word is not place.step.uses else f"`{name}` does unless it is told not to"


def _help(place: Place) -> str:
    if place.file is not place.here.workflow:
        return f"Build releases without a cache: give the action `{place.file.path}` an input for it, and switch it off here."
    if place.at.input == "enable-cache":
        return f"Build releases without a cache: put `enable-cache: false` below `with` of `{place.step.label}`."
    if place.at.input:
        return f"Build releases without a cache: take `{place.at.input}` away from this step."
    return "Build releases without a cache: take this step away, or out of the workflow that publishes."


def _fix(places: list[Place]) -> Fix | None:
    if any(place.file is not place.here.workflow for place in places):
        return None  # an action serves tests too, which may well have a cache
    changes = [_change(place) for place in places]
    sure = tuple(change for change in changes if change is not None)
    if len(sure) != len(changes):
        return None
    return Fix("build without a cache", sure, safe=False)


def _change(place: Place) -> Edit | None:
    """Switch the cache off where an input does it; a step that is nothing else stays for a person to take away."""
    source, inputs = place.file.source, place.step.node.get("with")
    if not place.at.input:
        return None
    if place.at.input == "enable-cache":
        if place.at.word is not place.step.uses:
            return edit.replaced(source, place.at.word, "false")
        if isinstance(inputs, Map):
            return edit.inserted(source, inputs, "enable-cache", "false")
        return edit.inserted(source, place.step.node, "with", "\n  enable-cache: false", after="uses")
    if not isinstance(inputs, Map):
        return None
    alone = len(inputs.entries) == 1
    return edit.removed(source, place.step.node if alone else inputs, "with" if alone else place.at.input)
