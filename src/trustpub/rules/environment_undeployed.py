"""A publishing job that uses its environment without a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule, Span
from trustpub.workflows.source import Map, Scalar, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.source import Entry

RULE = Rule(
    code="E05",
    name="environment-without-deployment",
    severity="info",
    title="The environment is used without a deployment",
    why=(
        "With `deployment: false` approvals and wait timers still hold, but rules of apps cannot. Whether the environment's "
        "branch and tag rules still hold is not documented, so nobody should build on them."
    ),
    source="GitHub's workflow syntax: jobs.<job_id>.environment",
    help="Take `deployment: false` away, unless a test has shown that the rules of this environment hold.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each publishing job that says so."""
    for site, _ in facts.trusted():
        node = site.job.node.get("environment")
        for entry in node.entries if isinstance(node, Map) else ():
            if entry.key.value == "deployment" and isinstance(entry.value, Scalar) and plain_value(entry.value) is False:
                yield _finding(site.workflow, site.job.id, entry)


def _finding(workflow: Workflow, job: str, entry: Entry) -> Finding:
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"the job `{job}` has `deployment: false`: whether its environment's branch and tag rules hold is not known",
        span=Span(workflow.path, entry.key.start, entry.value.end),
        help=RULE.help,
    )
