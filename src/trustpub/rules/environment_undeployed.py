"""A publishing job that uses its environment without a deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule, Span
from trustpub.domain.untold import Untold
from trustpub.rules.in_force import known
from trustpub.rules.wording import quoted
from trustpub.workflows.source import Map, Scalar, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.github_settings import Environment
    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.source import Entry

RULE = Rule(
    code="E05",
    name="environment-without-deployment",
    severity="medium",
    title="The environment is used without a deployment",
    why=(
        "With `deployment: false` approvals and wait timers still hold, but rules of apps cannot. Whether the environment's "
        "branch and tag rules still hold is not documented, so nobody should build on them."
    ),
    source="GitHub's workflow syntax: jobs.<job_id>.environment",
    help="Take `deployment: false` away, unless a test has shown that the rules of this environment hold.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each publishing job that says so, unless GitHub told that its environment has no rule which that may concern."""
    for site, predictions in facts.trusted():
        node = site.job.node.get("environment")
        real = next(filter(None, (known(facts.github, each.environment) for each in predictions if each.environment)), None)
        for entry in node.entries if isinstance(node, Map) and not _is_harmless(real) else ():
            if entry.key.value == "deployment" and isinstance(entry.value, Scalar) and plain_value(entry.value) is False:
                yield _finding(site.workflow, site.job.id, entry, real)


def _is_harmless(real: Environment | None) -> bool:
    """Say whether every ref may deploy and no app is asked: approvals and the wait timer hold all the same."""
    return real is not None and real.policy == "all" and real.apps == ()


def _finding(workflow: Workflow, job: str, entry: Entry, real: Environment | None) -> Finding:
    apps = () if real is None or isinstance(real.apps, Untold) else real.apps
    doubt = "whether its environment's branch and tag rules hold is not known"
    broken = f"the environment asks the app {quoted(apps)}, which works with deployments only"
    return Finding(
        rule=RULE.code,
        severity="medium" if apps else "info",
        message=f"the job `{job}` has `deployment: false`: {broken if apps else doubt}",
        span=Span(workflow.path, entry.key.start, entry.value.end),
        help=RULE.help,
    )
