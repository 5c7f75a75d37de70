"""Tags that start a release and that nobody may make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule
from trustpub.domain.untold import Untold
from trustpub.rules import links, spans
from trustpub.rules.tag_rulesets import holds, shown
from trustpub.rules.tags_unprotected import place_of, starting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.github_settings import GitHubSide, Ruleset
    from trustpub.rules.facts import Facts
    from trustpub.rules.tags_unprotected import Start

RULE = Rule(
    code="G07",
    name="tags-locked",
    severity="blocker",
    title="Nobody may make the tag that starts a release",
    why="A ruleset that restricts creations and lets nobody pass holds for administrators too: GitHub refuses to take the tag.",
    source="GitHub's documentation: available rules for rulesets, restrict creations; granting bypass permissions",
    help="Let those who release pass the ruleset.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for the tags of a workflow that start a release, and that a ruleset lets nobody make."""
    side = facts.github
    if side is None or isinstance(side.rulesets, Untold):
        return
    found: dict[tuple[str, str], list[Start]] = {}
    held: dict[str, Ruleset] = {}
    for start in starting(facts):
        lock = next((one for one in side.rulesets if locks(one, start.ref)), None)
        if lock is not None:
            held[lock.id] = lock
            found.setdefault((start.site.root.path, lock.id), []).append(start)
    for (_, number), starts in found.items():
        yield _finding(facts, side, starts, held[number])


def locks(ruleset: Ruleset, ref: str) -> bool:
    """Say whether a ruleset keeps everybody from making a tag. A pull request, which some may pass by, makes none."""
    if ruleset.enforcement != "active" or "creation" not in ruleset.rules or isinstance(ruleset.bypass, Untold):
        return False
    return all(each.mode == "pull_request" for each in ruleset.bypass) and holds(ruleset, ref)


def _finding(facts: Facts, side: GitHubSide, starts: list[Start], lock: Ruleset) -> Finding:
    tags = shown(start.pattern for start in starts)
    return Finding(
        rule=RULE.code,
        severity="blocker",
        message=f"tags {tags} start a release, and the ruleset `{lock.name}` lets nobody make them",
        span=place_of(starts[0]),
        help=f"Add those who release to the ruleset's bypass list: {links.settings(facts, side, f'rules/{lock.id}')}",
        related=(Related(spans.of_upload(starts[0].site), "uploads here"),),
    )
