"""An upload that no event gets to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule
from trustpub.rules import spans
from trustpub.rules.condition import is_impossible
from trustpub.workflows.model import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.findings import Span
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="M10",
    name="never-runs",
    severity="high",
    title="No event gets to this upload",
    why=(
        "The workflow runs, the publishing job is skipped, and the run is green: nobody notices until somebody looks for the new "
        "version on the index."
    ),
    source="GitHub's workflow syntax: on, jobs.<job_id>.if, jobs.<job_id>.needs",
    help="Let the condition ask for what a run of these events really has, or add the event that it asks for to `on`.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the uploads that are skipped in every run that their file's events can start."""
    alive = {each.index for _, predictions in facts.sites() for each in predictions if each.reached}
    for site, predictions in facts.sites():
        if all(each.verdict == "never" and not each.reached for each in predictions) and not _explained(site):
            yield _finding(site, predictions[0], another=predictions[0].index in alive)


def _explained(site: Site) -> bool:
    """Say whether the upload's own condition can never hold: the rule on conditions says that with the very words."""
    return is_impossible(site.job.if_) or is_impossible(site.step.if_)


def _finding(site: Site, prediction: Prediction, another: bool) -> Finding:
    upload = spans.of_step(site.workflow, site.step)
    place = next(_told(site, prediction.stopped), upload)
    return Finding(
        rule=RULE.code,
        severity="medium" if another else RULE.severity,
        message=f"no event gets to this upload: {'; '.join(prediction.stopped)}",
        span=place,
        help=RULE.help,
        related=(Related(upload, "never uploads"),) if place != upload else (),
    )


def _told(site: Site, stopped: tuple[str, ...]) -> Iterator[Span]:
    """Yield the places of the conditions that the sentences quote: the upload's own, its job's, and those of other jobs."""
    levels = [(site.workflow, [site.step.if_, site.job.if_, *(job.if_ for job in site.workflow.jobs.values())])]
    levels += [(call.workflow, [call.job.if_, *(job.if_ for job in call.workflow.jobs.values())]) for call in site.calls]
    for workflow, conditions in levels:
        for node in conditions:
            shown = " ".join(word(node).split())
            if node is not None and any(f"`if: {shown}`" in sentence for sentence in stopped):
                yield spans.of_word(workflow, node)
