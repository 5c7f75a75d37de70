"""Uploads from runs of `pull_request_target`, whose ID tokens PyPI refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.findings import Finding, Related, Rule, Span
from trustpub.rules import spans
from trustpub.workflows.events import triggers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts

RULE = Rule(
    code="M11",
    name="pull-request-target",
    severity="blocker",
    title="PyPI refuses uploads of `pull_request_target` runs",
    why=(
        "A run of `pull_request_target` has the repository's rights and may be working on a stranger's commits, so PyPI takes no "
        "ID token of such a run: it answers `invalid-publisher`, whatever is registered."
    ),
    source="PyPI's documentation: trusted publishers, security model",
    help="Publish from a tag or a release: `on: push: tags: ['v*']`.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each upload that such a run gets to: a blocker when no other event does."""
    for site, predictions in facts.trusted():
        gets = [each for each in predictions if each.reached and each.index in PUBLIC_INDEXES]
        theirs = [each for each in gets if each.event == "pull_request_target" and each.credential == "trusted-publishing"]
        trigger = next((each for each in triggers(site.root.on) if each.event == "pull_request_target"), None)
        if theirs and trigger is not None:
            yield Finding(
                rule=RULE.code,
                severity="blocker" if len(theirs) == len(gets) else "medium",
                message=f"{theirs[0].index} refuses the uploads of runs that `pull_request_target` starts",
                span=Span(site.root.path, trigger.start, trigger.start + len(trigger.event)),
                help=RULE.help,
                related=(Related(spans.of_step(site.workflow, site.step), "uploads here"),),
            )
