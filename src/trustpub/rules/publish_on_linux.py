"""The publish action on a runner on which it cannot run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule
from trustpub.rules.runners import labels
from trustpub.rules.spans import of_step, of_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.sites import Site
    from trustpub.workflows.source import Scalar

RULE = Rule(
    code="W06",
    name="publish-action-needs-linux",
    severity="blocker",
    title="The publish action cannot run on this runner",
    why=(
        "The publish action runs in a Docker container, and GitHub runs container actions on Linux only: on other runners the "
        "step fails."
    ),
    source="the publish action's notes; GitHub's documentation: types of actions",
    help="Publish in a job with `runs-on: ubuntu-latest`, and hand the distributions over as an artifact.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each step with the publish action that surely meets a runner without Linux."""
    seen: set[tuple[str, int]] = set()
    for site, predictions in facts.sites():
        key = (site.workflow.path, site.start)
        if site.upload.tool != "action" or key in seen or not any(each.reached for each in predictions):
            continue
        label = _other(site)
        if label is not None:
            seen.add(key)
            yield Finding(
                rule=RULE.code,
                severity=RULE.severity,
                message=f"the publish action cannot run on `{label.value}`",
                span=of_step(site.workflow, site.step),
                help=RULE.help,
                related=(Related(of_word(site.workflow, label), "the runner"),),
            )


def _other(site: Site) -> Scalar | None:
    """Find a label of a hosted runner without Linux. With a condition or several legs, the step may be meant for one of them."""
    known = list(labels(site.job))
    if len(known) > 1 and (site.step.if_ is not None or site.job.if_ is not None):
        return None
    return next((each for each in known if each.value.startswith(("windows-", "macos-"))), None)
