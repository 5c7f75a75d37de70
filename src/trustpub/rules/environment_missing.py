"""A job that publishes without an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Rule
from trustpub.rules import spans
from trustpub.workflows import edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="E01",
    name="environment-missing",
    severity="high",
    title="The publishing job names no environment",
    why=(
        "Without an environment everybody who can push to the repository can publish: a branch with a changed copy of the "
        "workflow is enough. A publisher that asks for an environment can have its rules: who approves, which tags and branches."
    ),
    source="PyPI's documentation: trusted publishers, security model and considerations",
    help="Name an environment at the job, and give it rules in the repository's settings.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each job that publishes by an ID token without an environment."""
    jobs: dict[tuple[str, str], tuple[Site, set[str]]] = {}
    for site, predictions in facts.trusted():
        indexes = {each.index or "" for each in predictions if _bare(each)}
        if site.job.environment is None and indexes:
            jobs.setdefault((site.workflow.path, site.job.id), (site, set()))[1].update(indexes)
    for site, indexes in jobs.values():
        yield _finding(site, indexes)


def _bare(prediction: Prediction) -> bool:
    return prediction.reached and prediction.credential == "trusted-publishing"


def _finding(site: Site, indexes: set[str]) -> Finding:
    test = indexes == {"testpypi"}
    name = "testpypi" if test else "pypi"
    where = ", ".join(sorted(index for index in indexes if index)) or "an index"
    change = edit.inserted(site.workflow.source, site.job.node, "environment", name, after="runs-on")
    return Finding(
        rule=RULE.code,
        severity="low" if test else RULE.severity,
        message=f"the job `{site.job.id}` publishes to {where} without an environment",
        span=spans.of_job(site.workflow, site.job),
        help=(
            f"Write `environment: {name}` at the job and the same name into the publisher; then allow only your release tags and "
            f"ask for an approval: Settings, Environments, `{name}`."
        ),
        fix=Fix(f"name the environment `{name}`", (change,), safe=False) if change is not None else None,
    )
