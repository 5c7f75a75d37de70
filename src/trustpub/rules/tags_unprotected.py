"""Tags that start a release and that everybody who can push may make or move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule, Span
from trustpub.domain.untold import Untold
from trustpub.record import NamedTuple
from trustpub.rules import links, spans
from trustpub.rules.in_force import known
from trustpub.rules.pushers import alone
from trustpub.rules.tag_rulesets import lacking, left_open, shown
from trustpub.workflows.events import triggers
from trustpub.workflows.globs import admits, matches, versioned
from trustpub.workflows.source import Map, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Severity
    from trustpub.domain.github_settings import GitHubSide
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="G01",
    name="tags-unprotected",
    severity="high",
    title="Anybody with write access may make the tag that starts a release",
    why=(
        "A pushed tag runs the workflow file of its own commit, which whoever pushed it may have written. A stolen token of one "
        "contributor is enough then; and a tag that can be moved makes a release of other code under the same name."
    ),
    source="GitHub's documentation: about rulesets, restrict creations, updates and deletions",
    help="Protect the tags by an active tag ruleset that restricts creations, updates and deletions.",
)


class Start(NamedTuple):
    """One way to start an upload by a new tag: a pattern of the trigger, and the full ref of a tag that fits it."""

    site: Site
    prediction: Prediction
    pattern: str
    ref: str


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for the tags of a workflow that start a release and lack the same rules."""
    side = facts.github
    if side is None or isinstance(side.rulesets, Untold):
        return
    found: dict[tuple[str, str], list[Start]] = {}
    for start in starting(facts):
        missing = lacking(side.rulesets, start.ref)
        if missing:
            found.setdefault((start.site.root.path, left_open(side.rulesets, start.ref, missing)), []).append(start)
    for (_, left), starts in found.items():
        yield _finding(facts, side, starts, left)


def starting(facts: Facts) -> Iterator[Start]:
    """Yield the uploads by trusted publishing that a new tag starts, each pattern of tags once, those to TestPyPI last."""
    found = [
        (site, each)
        for site, predictions in facts.trusted()
        for each in predictions
        if each.reached and each.event in ("push", "release", "create") and each.ref.startswith("refs/tags/")
    ]
    seen: set[tuple[str, str]] = set()
    for site, each in sorted(found, key=lambda pair: pair[1].index == "testpypi"):
        for pattern in each.ref_pattern.split(", "):
            ref = _example(site, each, pattern)
            if ref and (site.root.path, pattern) not in seen:
                seen.add((site.root.path, pattern))
                yield Start(site, each, pattern, ref)


def _example(site: Site, prediction: Prediction, pattern: str) -> str:
    """Write a tag that fits one of the trigger's patterns and that the others do not take back; empty when none is found."""
    name = prediction.ref.removeprefix("refs/tags/")
    if not matches(pattern, name):
        name = versioned(pattern, "1.2.3")
    only = next((each.tags for each in triggers(site.root.on) if each.event == "push"), None)
    taken_back = prediction.event == "push" and only is not None and not admits(only, name)
    return f"refs/tags/{name}" if matches(pattern, name) and not taken_back else ""


def _finding(facts: Facts, side: GitHubSide, starts: list[Start], left: str) -> Finding:
    first = starts[0]
    rulesets = () if isinstance(side.rulesets, Untold) else side.rulesets
    return Finding(
        rule=RULE.code,
        severity=_severity(side, first.prediction, lacking(rulesets, first.ref)),
        message=f"tags {shown(start.pattern for start in starts)} start a release, and {left}",
        span=place_of(first),
        help=_help(facts, side, first.pattern),
        related=(Related(spans.of_upload(first.site), "uploads here"),),
    )


def _severity(side: GitHubSide, start: Prediction, missing: tuple[str, ...]) -> Severity:
    """Less is at stake where an approval follows, nobody else can push, or a tag that was deleted cannot be made again."""
    if start.index == "testpypi":
        return "low"
    environment = known(side, start.environment) if start.environment else None
    approved = environment is not None and bool(environment.reviewers)
    return "medium" if approved or alone(side) is not None or missing == ("deletion",) else "high"


def place_of(start: Start) -> Span:
    """Point at the pattern of tags, else at the event."""
    site = start.site
    trigger = next((each for each in triggers(site.root.on) if each.event == start.prediction.event), None)
    node = trigger.node.get("tags") if trigger is not None and isinstance(trigger.node, Map) else None
    words = [item for item in (node.items if isinstance(node, Sequence) else (node,)) if isinstance(item, Scalar)]
    word = next((item for item in words if item.value == start.pattern), words[0] if words else None)
    if word is not None:
        return spans.of_word(site.root, word)
    if trigger is None:
        return spans.of_upload(site)
    return Span(site.root.path, trigger.start, trigger.start + len(trigger.event))


def _help(facts: Facts, side: GitHubSide, pattern: str) -> str:
    if side.repository.visibility != "public" and side.repository.plan == "free":
        return "GitHub's free plan has no rulesets for private repositories: let an environment of the job ask for an approval."
    path = facts.declaration.path or "trustpub.toml"
    link = links.settings(facts, side, "rules/new?target=tag")
    restrict = "restrict creations, updates and deletions"
    if facts.declaration.tag_protect:
        return f"`trustpub setup` makes the ruleset for `[tags] protect` of `{path}`; or {restrict} there: {link}"
    return f'Write `[tags]` with `protect = ["{pattern}"]` in `{path}` and run `trustpub setup`; or {restrict} there: {link}'
