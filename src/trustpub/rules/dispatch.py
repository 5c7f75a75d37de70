"""Releases that anybody with write access can start by hand, from any branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.findings import Finding, Related, Rule, Span
from trustpub.rules.in_force import in_force
from trustpub.rules.spans import of_word
from trustpub.workflows.events import triggers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.rules.in_force import InForce
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="W05",
    name="dispatch-from-anywhere",
    severity="high",
    title="A release can be started by hand from any branch",
    why=(
        "Whoever can write to the repository can start the workflow from a branch of their own, with its workflow file as they "
        "changed it. When the environment admits every branch and nobody has to approve, that publishes: stolen GitHub tokens "
        "were used so."
    ),
    source="reports on releases started by `workflow_dispatch`; GitHub's documentation: deployment protection rules",
    help="Let the environment admit only the refs that release, or ask for a reviewer.",
)

_BY_HAND = ("workflow_dispatch", "repository_dispatch")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each publishing job that a dispatch reaches through an environment that admits any branch."""
    seen: set[tuple[str, str]] = set()
    for site, predictions in facts.trusted():
        key = (site.workflow.path, site.job.id)
        for each in predictions:
            rules = in_force(facts, each.environment) if each.environment else None
            if key not in seen and rules is not None and _is_open(rules) and _by_hand(each):
                seen.add(key)
                yield _finding(site, each, rules)


def _by_hand(prediction: Prediction) -> bool:
    reached = prediction.reached and prediction.verdict in ("publishes", "depends")
    return reached and prediction.event in _BY_HAND and prediction.index in PUBLIC_INDEXES


def _is_open(rules: InForce) -> bool:
    """Whether any branch may deploy without anybody's approval; on GitHub an app may hold the run back too."""
    return not rules.reviewers and rules.guarded is False and rules.any_branch


def _finding(site: Site, prediction: Prediction, rules: InForce) -> Finding:
    trigger = next((each for each in triggers(site.root.on) if each.event == prediction.event), None)
    start = trigger.start if trigger is not None else site.job.start
    node = site.job.environment.name if site.job.environment is not None else None
    shown = ", ".join(f"`{pattern}`" for pattern in rules.branches) or "every ref"
    told = " (GitHub's settings)" if rules.real is not None else ""
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"`{prediction.event}` publishes to {prediction.index} from any branch: `{rules.name}` admits {shown}{told}",
        span=Span(site.root.path, start, start + len(prediction.event)),
        help=f'Let `{rules.name}` admit only what releases, such as `branches = ["main"]`, or ask for a reviewer.',
        related=(Related(of_word(site.workflow, node), "the environment"),) if node is not None else (),
    )
