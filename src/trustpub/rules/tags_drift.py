"""Tags that `trustpub.toml` says are protected, and that GitHub does not protect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.domain.untold import Untold
from trustpub.rules import declared, links
from trustpub.rules.tag_rulesets import example, lacking, left_open
from trustpub.rules.tags_unprotected import starting
from trustpub.workflows.environments import fnmatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.github_settings import Ruleset
    from trustpub.rules.facts import Facts

RULE = Rule(
    code="G06",
    name="tag-rules-drift",
    severity="medium",
    title="The tags that trustpub.toml protects are not protected",
    why=(
        "Whoever reads the file believes that only maintainers make these tags. A ruleset that was switched off, or renamed "
        "patterns, do not show in any diff."
    ),
    source="GitHub's documentation: about rulesets, restrict creations, updates and deletions",
    help="Run `trustpub setup`, which makes the ruleset that the file asks for.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each declared pattern; of tags that start a release G01 tells already."""
    side = facts.github
    if side is None or isinstance(side.rulesets, Untold):
        return
    told = [each.ref for each in starting(facts) if lacking(side.rulesets, each.ref)]
    for pattern in facts.declaration.tag_protect:
        ref = example(pattern)
        if ref and not any(fnmatch(f"refs/tags/{pattern}", each) for each in told):
            missing = lacking(side.rulesets, ref)
            if missing:
                yield _finding(facts, side.rulesets, pattern, missing, links.settings(facts, side, "rules"))


def _finding(facts: Facts, rulesets: tuple[Ruleset, ...], pattern: str, missing: tuple[str, ...], link: str) -> Finding:
    path = facts.declaration.path
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"`{path}` protects the tags `{pattern}`, but {left_open(rulesets, example(pattern), missing)}",
        span=declared.of_tags(facts, "protect"),
        help=f"`trustpub setup` makes the ruleset that the file asks for; those that there are: {link}",
    )
