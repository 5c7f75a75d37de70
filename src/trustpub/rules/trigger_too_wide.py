"""An upload that more runs get to than somebody means to publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule, Span
from trustpub.rules import spans
from trustpub.rules.in_force import in_force
from trustpub.workflows import edit
from trustpub.workflows.events import RELEASE_TYPES, triggers
from trustpub.workflows.source import Map, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Severity
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site
    from trustpub.workflows.source import Node

RULE = Rule(
    code="G02",
    name="trigger-too-wide",
    severity="medium",
    title="More runs get to the upload than there are releases",
    why=(
        "A run that nobody meant as a release uploads whatever the commit holds, or fails because the version is there already. "
        "One GitHub release starts a run for each of its activities, `created`, `published` and `released` among them."
    ),
    source="GitHub's documentation: events that trigger workflows, push and release",
    help="Publish on version tags, `push: tags: ['v*']`, or on `release: types: [published]`.",
)

_ONE_RELEASE = ("created", "published", "released", "prereleased")
"""The activities that one and the same release may have."""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield triggers that start an upload more often than a release is made."""
    for site, predictions in facts.sites():
        for each in predictions:
            if each.reached and each.index != "testpypi":
                if each.credential == "trusted-publishing" and each.event == "release":
                    yield from _several_runs(site, each)
                elif each.event == "push" and _surely(each) and not _guarded(facts, site):
                    yield from _any_push(site, each)


def _surely(prediction: Prediction) -> bool:
    """Say whether every such run uploads; of uploads with a stored token only those of tags are told."""
    if prediction.credential == "trusted-publishing":
        return prediction.verdict == "publishes"
    return prediction.credential == "token" and prediction.surely and prediction.ref_types == ("tag",)


def _guarded(facts: Facts, site: Site) -> bool:
    """Say whether something beside the trigger may hold the upload back: an environment's rules, or files that are there."""
    if skips_existing(site):
        return True
    name = site.job.environment
    rules = in_force(facts, name.name.value) if name is not None else None
    return name is not None and (rules is None or bool(rules.reviewers) or rules.refs != "all" or rules.guarded is not False)


def skips_existing(site: Site) -> bool:
    """Say whether an upload passes over files that the index has."""
    return site.upload.skip_existing.strip().lower() not in ("", "false")


def _several_runs(site: Site, prediction: Prediction) -> Iterator[Finding]:
    """Speak where one release surely starts two runs; `released` and `prereleased` exclude each other."""
    trigger = next((each for each in triggers(site.root.on) if each.event == "release"), None)
    if trigger is None:
        return
    bare = trigger.types is None and "event.action" not in site.root.source.text
    gets = RELEASE_TYPES if bare else prediction.actions
    same = [action for action in _ONE_RELEASE if action in gets]
    if len(same) < 2 or same == ["released", "prereleased"]:
        return
    written = " without `types`" if trigger.types is None else ""
    severity: Severity = "low" if skips_existing(site) else "medium"
    place = _filter(site, "release", "types")
    yield Finding(
        rule=RULE.code,
        severity=severity,
        message=f"`release`{written} starts several runs for one release: {', '.join(f'`{each}`' for each in same)} each upload",
        span=_span(site, place) if place is not None else Span(site.root.path, trigger.start, trigger.start + len("release")),
        help="Write `types: [published]` below `release`.",
        related=(Related(spans.of_upload(site), "uploads here"),),
        fix=_published(site, place),
    )


def _filter(site: Site, event: str, key: str) -> Node | None:
    on = site.root.on
    node = on.get(event) if isinstance(on, Map) else None
    return node.get(key) if isinstance(node, Map) else None


def _span(site: Site, node: Node) -> Span:
    return spans.of_word(site.root, node) if isinstance(node, Scalar) else Span(site.root.path, node.start, node.end)


def _published(site: Site, types: Node | None) -> Fix | None:
    on = site.root.on
    node = on.get("release") if isinstance(on, Map) else None
    if types is not None or not isinstance(node, Scalar):
        return None
    change = edit.inserted(site.root.source, node, "types", "[published]")
    return Fix("start one run for a release: `types: [published]`", (change,), safe=False) if change is not None else None


def _any_push(site: Site, prediction: Prediction) -> Iterator[Finding]:
    tag = prediction.ref.startswith("refs/tags/")
    wide = [pattern for pattern in prediction.ref_pattern.split(", ") if pattern in ("*", "**")]
    if tag and not wide:
        return
    trigger = next((each for each in triggers(site.root.on) if each.event == "push"), None)
    if trigger is None or (not tag and (trigger.paths or trigger.paths_ignore)):
        return  # only changes of some files start it: a version file, for one
    place = _filter(site, "push", "tags" if tag else "branches")
    where = "every tag, whatever its name," if tag else _branches(prediction)
    yield Finding(
        rule=RULE.code,
        severity="low" if tag else "medium",
        message=f"{where} uploads to {prediction.index or 'the index'}",
        span=_pattern(site, place, wide)
        if place is not None
        else Span(site.root.path, trigger.start, trigger.start + len("push")),
        help=(
            "Publish on version tags only: `push: tags: ['v*']`."
            if tag
            else "Publish on version tags, `push: tags: ['v*']`, or let an environment of the job ask for an approval."
        ),
        related=(Related(spans.of_upload(site), "uploads here"),),
    )


def _branches(prediction: Prediction) -> str:
    names = prediction.ref_pattern
    return "every push to any branch" if "**" in names.split(", ") else f"every push to `{names}`"


def _pattern(site: Site, node: Node, wide: list[str]) -> Span:
    """Point at the pattern itself where there is one."""
    items = node.items if isinstance(node, Sequence) else ()
    found = next((item for item in items if isinstance(item, Scalar) and item.value in wide), None)
    return _span(site, found if found is not None else node)
