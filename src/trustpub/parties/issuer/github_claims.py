"""What GitHub says about a job: all claims of its ID tokens, in GitHub's types.

Every value is a string, ids and booleans included; only the three times are numbers, and those belong to the token and not to
the job (see `emulated_github`). Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.domain.publishers import DEFAULT_ISSUERS, Provider

if TYPE_CHECKING:
    from trustpub.domain.claims import JSON

ISSUER = DEFAULT_ISSUERS[Provider.GITHUB]

PULL_REQUEST_EVENTS = frozenset(("pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment"))
"""Events whose subject ends in `pull_request` unless the job names an environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job of one workflow run: what GitHub knows and puts into its tokens. Ids are decimal text, as in the claims.

    `workflow` is the caller's file name; `called` the workflow file that holds the job when that is another one, as
    `OWNER/REPO/.github/workflows/FILE@REF`. `immutable_subject` is how github.com speaks of repositories made, renamed or moved
    since 2026-07-15: with the ids in `sub`. An empty `environment` means that the job names none.
    """

    owner: str
    repository: str
    owner_id: str = "1001"
    repository_id: str = "2002"
    workflow: str = "pypi.yml"
    workflow_name: str = ""
    called: str = ""
    called_sha: str = ""
    ref: str = "refs/heads/main"
    sha: str = "0123456789abcdef0123456789abcdef01234567"
    event_name: str = "push"
    environment: str = ""
    environment_node_id: str = "EN_kwDOAAAAB84AAAAB"
    actor: str = ""
    actor_id: str = ""
    run_id: str = "10000000001"
    run_number: str = "1"
    run_attempt: str = "1"
    check_run_id: str = "20000000001"
    visibility: str = "public"
    runner: str = "github-hosted"
    ref_protected: bool = False
    head_ref: str = ""
    base_ref: str = ""
    immutable_subject: bool = False


def github_claims(job: Job) -> dict[str, JSON]:
    """All claims of `job` but `iss`, `aud`, `jti` and the three times, which the issuer adds to each token.

    Mirrors: GitHub's OpenID Connect reference, "Understanding the OIDC token".
    """
    slug = f"{job.owner}/{job.repository}"
    workflow_ref = f"{slug}/.github/workflows/{job.workflow}@{job.ref}"
    claims: dict[str, JSON] = {
        "sub": subject(job),
        "ref": job.ref,
        "sha": job.sha,
        "repository": slug,
        "repository_owner": job.owner,
        "repository_owner_id": job.owner_id,
        "run_id": job.run_id,
        "run_number": job.run_number,
        "run_attempt": job.run_attempt,
        "repository_visibility": job.visibility,
        "repository_id": job.repository_id,
        "actor_id": job.actor_id or job.owner_id,
        "actor": job.actor or job.owner,
        "workflow": job.workflow_name or f".github/workflows/{job.workflow}",
        "head_ref": job.head_ref,
        "base_ref": job.base_ref,
        "event_name": job.event_name,
        "ref_protected": "true" if job.ref_protected else "false",
        "ref_type": "tag" if job.ref.startswith("refs/tags/") else "branch",
        "workflow_ref": workflow_ref,
        "workflow_sha": job.sha,
        "job_workflow_ref": job.called or workflow_ref,
        "job_workflow_sha": job.called_sha or job.sha,
        "runner_environment": job.runner,
        "check_run_id": job.check_run_id,
    }
    if job.environment:
        claims |= {"environment": job.environment, "environment_node_id": job.environment_node_id}
    return claims


def subject(job: Job) -> str:
    """The `sub` claim by GitHub's default template, in the older or the immutable shape."""
    prefix = f"repo:{job.owner}/{job.repository}"
    if job.immutable_subject:
        prefix = f"repo:{job.owner}@{job.owner_id}/{job.repository}@{job.repository_id}"
    if job.environment:
        return f"{prefix}:environment:{job.environment.replace(':', '%3A')}"
    if job.event_name in PULL_REQUEST_EVENTS:
        return f"{prefix}:pull_request"
    return f"{prefix}:ref:{job.ref.replace(':', '%3A')}"
