"""`id-token: write` for every job of a workflow, where only one publishes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule, Span
from trustpub.pattern import lazy_pattern
from trustpub.rules import spans
from trustpub.workflows.permissions import id_token
from trustpub.workflows.source import Map, Scalar
from trustpub.workflows.uses import uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Job, Workflow

RULE = Rule(
    code="W07",
    name="id-token-too-wide",
    severity="low",
    title="Jobs that do not publish may ask for an ID token",
    why=(
        "Granted at the top of the file, `id-token: write` holds for every job. A build job runs much that nobody here wrote, "
        "build backends and test tools; whatever runs there could ask for the ID token and publish with it."
    ),
    source="PyPI's documentation: trusted publishers, security model and considerations",
    help="Grant `id-token: write` to the publishing job, and take it away from the top of the file.",
)

_USES_TOKEN = lazy_pattern(
    r"attest|sigstore|cosign|slsa|configure-aws-credentials|google-github-actions/auth|azure/login|vault-action|codecov|"
    r"octo-sts|gh-action-pypi-publish|crates-io-auth|jfrog|oidc|deploy-pages|docker|codspeed|npm publish|trusted-publish|"
    r"id-token|id_token",
    re.IGNORECASE,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each workflow with such jobs."""
    publishing: dict[str, set[str]] = {}
    for site, _ in facts.trusted():
        for workflow, job in ((site.workflow, site.job), *((call.workflow, call.job) for call in site.calls)):
            publishing.setdefault(workflow.path, set()).add(job.id)
    for path, ours in publishing.items():
        workflow = facts.workflows[path]
        place = _grant(workflow)
        yield from (_needless(workflow, job) for job in workflow.jobs.values() if job.id not in ours and _asks_for_nothing(job))
        others = [job for job in workflow.jobs.values() if job.id not in ours and _gets_it_for_nothing(workflow, job)]
        if place is not None and others:
            names = ", ".join(f"`{job.id}`" for job in others)
            yield Finding(
                rule=RULE.code,
                severity=RULE.severity,
                message=f"every job here may ask for an ID token, also those that do not publish: {names}",
                span=place,
                help=_help(workflow, ours),
                related=tuple(Related(spans.of_job(workflow, job), "has no permissions of its own") for job in others),
            )


def _needless(workflow: Workflow, job: Job) -> Finding:
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"the job `{job.id}` may ask for an ID token, and neither publishes nor does anything else with one",
        span=spans.of_job(workflow, job),
        help=f"Take `id-token: write` away from the `permissions` of `{job.id}`.",
    )


def _asks_for_nothing(job: Job) -> bool:
    """Say whether a job's own permissions hold it for nothing: only where all of its actions are known to need none."""
    node = job.permissions
    given = node.get("id-token") if isinstance(node, Map) else None
    if not isinstance(given, Scalar) or given.value != "write" or not job.steps:
        return False
    if not all(step.uses is None or uses(step.uses.value).name in _PLAIN for step in job.steps):
        return False
    words = [word for step in job.steps for word in (step.run, *step.with_.values(), *step.env.values()) if word is not None]
    return not any(_USES_TOKEN.search(word.value) or _ASKS.search(word.value) for word in words)


_PLAIN = frozenset(
    (
        "actions/checkout", "actions/setup-python", "actions/setup-node", "actions/upload-artifact",
        "actions/download-artifact", "actions/cache", "astral-sh/setup-uv", "pypa/cibuildwheel",
    )
)  # fmt: skip
"""Actions that never ask for an ID token."""
_ASKS = lazy_pattern(
    r"ID_TOKEN|upload|publish|release|deploy|aws|gcloud|\baz\b|vault|secrets|\./|\bmake\b|\.sh\b|\.py\b|npm|nox|tox",
    re.IGNORECASE,
)
"""What in a script may ask for one, or may run something that does."""


def _help(workflow: Workflow, ours: set[str]) -> str:
    """Say where it belongs; a job that has permissions of its own already asks for it there."""
    without = sorted(name for name in ours if name in workflow.jobs and workflow.jobs[name].permissions is None)
    if not without:
        return "Take `id-token: write` away from the top of the file: the jobs that publish have it of their own."
    return f"Move `id-token: write` to the `permissions` of {', '.join(f'`{name}`' for name in without)}."


def _grant(workflow: Workflow) -> Span | None:
    """Find where the whole workflow gets it."""
    node = workflow.permissions
    if isinstance(node, Scalar):
        return spans.of_word(workflow, node) if node.value == "write-all" else None
    for key, value in node.entries if isinstance(node, Map) else ():
        if key.value == "id-token" and isinstance(value, Scalar) and value.value == "write":
            return Span(workflow.path, key.start, value.end)
    return None


def _gets_it_for_nothing(workflow: Workflow, job: Job) -> bool:
    if job.permissions is not None or job.uses is not None or not id_token(workflow, job).granted:
        return False
    return not _USES_TOKEN.search(workflow.source.text, job.node.start, job.node.end)
