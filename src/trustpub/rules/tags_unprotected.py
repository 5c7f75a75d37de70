"""Tags that start a release and that everybody who can push may make or move."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule, Span
from trustpub.domain.untold import Untold
from trustpub.rules import links, spans
from trustpub.rules.in_force import known
from trustpub.rules.pushers import alone
from trustpub.rules.tag_rulesets import lacking, left_open, shown
from trustpub.workflows.events import triggers
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


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each kind of tag that starts a release and that no ruleset in force protects."""
    side = facts.github
    seen: set[tuple[str, str]] = set()
    for site, each in starting(facts):
        missing = lacking(side.rulesets, each.ref) if side is not None and not isinstance(side.rulesets, Untold) else ()
        key = (site.root.path, each.ref_pattern)
        if side is not None and missing and key not in seen:
            seen.add(key)
            yield _finding(facts, side, site, each, missing)


def starting(facts: Facts) -> Iterator[tuple[Site, Prediction]]:
    """Yield the uploads by trusted publishing that a new tag starts, those to TestPyPI last."""
    found = [
        (site, each)
        for site, predictions in facts.trusted()
        for each in predictions
        if each.reached and each.event in ("push", "release", "create") and each.ref.startswith("refs/tags/")
    ]
    yield from sorted(found, key=lambda pair: pair[1].index == "testpypi")


def _finding(facts: Facts, side: GitHubSide, site: Site, start: Prediction, missing: tuple[str, ...]) -> Finding:
    rulesets = () if isinstance(side.rulesets, Untold) else side.rulesets
    return Finding(
        rule=RULE.code,
        severity=_severity(side, start, missing),
        message=f"tags {shown(start.ref_pattern)} start a release, and {left_open(rulesets, start.ref, missing)}",
        span=place_of(site, start),
        help=_help(facts, side, start),
        related=(Related(spans.of_upload(site), "uploads here"),),
    )


def _severity(side: GitHubSide, start: Prediction, missing: tuple[str, ...]) -> Severity:
    """Less is at stake where an approval follows, nobody else can push, or a tag that was deleted cannot be made again."""
    if start.index == "testpypi":
        return "low"
    environment = known(side, start.environment) if start.environment else None
    approved = environment is not None and bool(environment.reviewers)
    return "medium" if approved or alone(side) is not None or missing == ("deletion",) else "high"


def place_of(site: Site, start: Prediction) -> Span:
    """Point at the first pattern of tags, else at the event."""
    trigger = next((each for each in triggers(site.root.on) if each.event == start.event), None)
    node = trigger.node.get("tags") if trigger is not None and isinstance(trigger.node, Map) else None
    first = node.items[0] if isinstance(node, Sequence) and node.items else node
    if isinstance(first, Scalar):
        return spans.of_word(site.root, first)
    if trigger is None:
        return spans.of_upload(site)
    return Span(site.root.path, trigger.start, trigger.start + len(trigger.event))


def _help(facts: Facts, side: GitHubSide, start: Prediction) -> str:
    if side.repository.visibility != "public" and side.repository.plan == "free":
        return "GitHub's free plan has no rulesets for private repositories: let an environment of the job ask for an approval."
    path = facts.declaration.path or "trustpub.toml"
    link = links.settings(facts, side, "rules/new?target=tag")
    restrict = "restrict creations, updates and deletions"
    if facts.declaration.tag_protect:
        return f"`trustpub setup` makes the ruleset for `[tags] protect` of `{path}`; or {restrict} there: {link}"
    pattern = start.ref_pattern.split(", ")[0]
    return f'Write `[tags]` with `protect = ["{pattern}"]` in `{path}` and run `trustpub setup`; or {restrict} there: {link}'
