"""TestPyPI and PyPI through one environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule
from trustpub.rules import spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="M05",
    name="testpypi-shares-environment",
    severity="medium",
    title="TestPyPI and PyPI share one environment",
    why=(
        "TestPyPI is another site with an account, a project and a publisher of its own. With one environment for both, either "
        "the test uploads wait for the release's approvals, or the releases go without."
    ),
    source="Python Packaging User Guide: publishing with GitHub Actions, separate environments for TestPyPI and PyPI",
    help="Name an environment of its own, such as `environment: testpypi`, and register it on TestPyPI.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each upload to TestPyPI through an environment that an upload to PyPI uses too."""
    legs: dict[str, dict[str, Site]] = {"pypi": {}, "testpypi": {}}
    for site, predictions in facts.trusted():
        for each in predictions:
            if each.environment and _counts(each):
                legs[each.index or ""].setdefault(each.environment.lower(), site)
    for name, site in legs["testpypi"].items():
        other = legs["pypi"].get(name)
        if other is not None:
            yield _finding(site, other)


def _counts(prediction: Prediction) -> bool:
    return prediction.reached and prediction.credential == "trusted-publishing" and prediction.index in ("pypi", "testpypi")


def _finding(site: Site, other: Site) -> Finding:
    environment = site.job.environment
    same = (site.workflow.path, site.job.id) == (other.workflow.path, other.job.id)
    name = environment.name.value if environment is not None else ""
    who = (
        f"the job `{site.job.id}` uploads to TestPyPI and PyPI"
        if same
        else f"the jobs `{site.job.id}` and `{other.job.id}` upload"
    )
    what = "" if same else " to TestPyPI and PyPI"
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"{who}{what} through one environment: `{name}`",
        span=spans.of_word(site.workflow, environment.name) if environment is not None else spans.of_job(site.workflow, site.job),
        help=(
            f"Give TestPyPI {'a job and ' if same else ''}an environment of its own: `environment: testpypi`, and register that "
            "name in the publisher on TestPyPI."
        ),
        related=(Related(spans.of_step(other.workflow, other.step), "uploads to PyPI"),),
    )
