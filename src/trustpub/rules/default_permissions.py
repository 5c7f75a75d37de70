"""Jobs on the way to an upload whose GitHub token has rights that nobody wrote down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule, Span
from trustpub.domain.untold import Untold
from trustpub.rules.spans import of_job
from trustpub.workflows import edit
from trustpub.workflows.source import Map, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.github_settings import GitHubSide
    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.source import Node

RULE = Rule(
    code="W02",
    name="default-permissions",
    severity="medium",
    title="A job on the way to the upload has rights that nobody wrote down, or all of them",
    why=(
        "A job without `permissions` has what the repository's settings give, in many older repositories the right to change "
        "code, tags and releases. Whatever runs in a build then holds the key to start the next release itself. `write-all` "
        "includes the ID token."
    ),
    source="GitHub's documentation: controlling permissions for GITHUB_TOKEN",
    help=(
        "Write `permissions: {}` above `jobs`, and give each job what it needs: `contents: read` to check out, `id-token: "
        "write` to publish."
    ),
)


_WRITES = (
    r"GITHUB_TOKEN|GH_TOKEN|github\.token|\bgit push|\bgh (?:release|pr|api|issue|workflow|run)\b|gh-release|"
    r"release-action|release-drafter|create-release|semantic-release|jupyter-releaser|upload-release-assets?|gh-pages|"
    r"gh-deploy|create-pull-request|docker/login-action|commit-action|attest|deploy-pages|codeql"
)
"""What shows that a job uses its GitHub token for more than reading."""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each file with such jobs, and one for each `write-all`."""
    groups: dict[str, list[tuple[Workflow, Job]]] = {}
    reads = _reads(facts.github)
    told: set[tuple[str, int]] = set()
    for here in facts.path_jobs():
        node = here.permissions
        if node is None and here.role == "builds" and here.job.uses is None and not reads:
            groups.setdefault(here.workflow.path, []).append((here.workflow, here.job))
        elif isinstance(node, Scalar) and node.value == "write-all" and (here.workflow.path, node.start) not in told:
            told.add((here.workflow.path, node.start))
            yield _everything(here.workflow, here.job, node)
    for group in groups.values():
        yield _unsaid(group)


def _reads(side: GitHubSide | None) -> bool:
    """Say whether GitHub told that jobs which say nothing may only read."""
    if side is None or isinstance(side.actions, Untold):
        return False
    return side.actions.default_permissions == "read"


def _everything(workflow: Workflow, job: Job, node: Node) -> Finding:
    return Finding(
        rule=RULE.code,
        severity="medium",
        message=f"the job `{job.id}` is on the way to an upload and may do everything: `permissions: write-all`",
        span=Span(workflow.path, node.start, node.end),
        help=RULE.help,
    )


def _unsaid(group: list[tuple[Workflow, Job]]) -> Finding:
    workflow, first = group[0]
    who = f"the job `{first.id}` feeds" if len(group) == 1 else f"{len(group)} jobs feed"
    return Finding(
        rule=RULE.code,
        severity="low",
        message=f"{who} the upload with whatever rights the repository's settings give, for want of `permissions`",
        span=of_job(workflow, first),
        help=_help(workflow),
        related=tuple(Related(of_job(each, job), "the same here") for each, job in group[1:8]),
        fix=_fix(workflow) if not _writing(workflow) else None,
    )


_WHY = "for what is done there with the GitHub token"


def _help(workflow: Workflow) -> str:
    """Say what to write, and for which jobs it would be too little."""
    names = " and ".join(f"`{job.id}`" for job in _writing(workflow))
    keep = "jobs with `permissions` of their own keep those"
    if names:
        own = "their own" if " and " in names else "its own"
        return f"Give {names} `permissions` of {own} first, {_WHY}; then write `permissions: {{contents: read}}` above `jobs`."
    return f"Write `permissions: {{contents: read}}` above `jobs`; {keep}."


def _writing(workflow: Workflow) -> list[Job]:
    """List the jobs without `permissions` that may live from rights of the settings: they name the token, push, or release."""
    text = workflow.source.text
    plain = [job for job in workflow.jobs.values() if job.permissions is None]
    return [job for job in plain if re.search(_WRITES, text[job.node.start : job.node.end], re.IGNORECASE)]


def _fix(workflow: Workflow) -> Fix | None:
    """Say it for the whole file: unsafe, because a job may need a right that the settings gave it."""
    if not isinstance(workflow.on, Map | Scalar) and workflow.root.get("on") is None:
        return None
    change = edit.inserted(workflow.source, workflow.root, "permissions", "\n  contents: read", after="on")
    return Fix("let jobs without permissions of their own only read", (change,), safe=False) if change is not None else None
