"""The claims of the ID token that a job will present, each exact, unknown, or one of several.

Every value is a text, as GitHub has them. `sub` has two shapes: repositories made (or renamed) after 15 July 2026 carry the ids
in it, older ones do not unless they asked for it; a file cannot tell, so it is an alternative, never exact.
Source: GitHub's OpenID Connect reference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.evaluation import Items
from trustpub.workflows.events import CALLED, FORK_EVENTS
from trustpub.workflows.model import word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.contexts import Repository
    from trustpub.workflows.evaluation import Value
    from trustpub.workflows.events import Scenario
    from trustpub.workflows.model import Workflow

NEVER_KNOWN = (
    "jti", "sha", "workflow_sha", "job_workflow_sha", "actor", "actor_id", "run_id", "run_number", "run_attempt", "check_run_id",
    "ref_protected", "repository_visibility", "iat", "nbf", "exp",
)  # fmt: skip
"""Claims that only a run has."""
HOSTED_LABELS = ("ubuntu-", "windows-", "macos-")


class Presented(NamedTuple):
    """What a job presents: exact values, the names of those that a file cannot tell, and what `sub` may be."""

    exact: dict[str, str]
    unknown: tuple[str, ...]
    sub: tuple[str, ...]


class Run(NamedTuple):
    """What the claims are made of. `called` is the file whose job runs: the workflow itself, or the one that it calls."""

    scenario: Scenario
    repository: Repository
    workflow: Workflow
    called: Workflow
    environment: str | None
    issuer: str
    audience: str
    runner: str


def presented(run: Run) -> Presented:
    """Build the claims. An `environment` of None is one that a file cannot tell; an empty one is none."""
    repository, ref = run.repository, str(run.scenario.ref)
    known = {
        "iss": run.issuer,
        "aud": run.audience,
        "repository": repository.slug,
        "repository_owner": repository.owner,
        "repository_owner_id": repository.owner_id,
        "repository_id": repository.id,
        "ref": ref,
        "ref_type": run.scenario.ref_type,
        "event_name": run.scenario.event if run.scenario.event != CALLED else "",
        "workflow": word(run.workflow.name) or run.workflow.path,
        "workflow_ref": f"{repository.slug}/{run.workflow.path}@{ref}" if repository.slug and ref else "",
        "job_workflow_ref": f"{repository.slug}/{run.called.path}@{ref}" if repository.slug and ref else "",
        "runner_environment": run.runner,
    }
    exact = {name: value for name, value in known.items() if value}
    unknown = [name for name, value in known.items() if not value]
    if run.scenario.event in FORK_EVENTS or run.scenario.event == CALLED:
        unknown += ["head_ref", "base_ref"]
    else:
        exact |= {"head_ref": "", "base_ref": ""}
    if run.environment:
        exact["environment"] = run.environment
        unknown.append("environment_node_id")
    elif run.environment is None:
        unknown += ["environment", "environment_node_id"]
    return Presented(exact, (*unknown, *NEVER_KNOWN), _subjects(run))


def _subjects(run: Run) -> tuple[str, ...]:
    """Write `sub` in both of its shapes; an id that is not known stands there by its name."""
    repository = run.repository
    if not repository.slug or run.environment is None or not run.scenario.ref:
        return ()
    if run.environment:
        context = f"environment:{run.environment.replace(':', '%3A')}"
    elif run.scenario.event in FORK_EVENTS:
        context = "pull_request"
    else:
        context = f"ref:{run.scenario.ref}"
    owner = f"{repository.owner}@{repository.owner_id or '<repository_owner_id>'}"
    name = f"{repository.name}@{repository.id or '<repository_id>'}"
    return f"repo:{repository.slug}:{context}", f"repo:{owner}/{name}:{context}"


def runner_environment(runs_on: Value) -> str:
    """Say "github-hosted" or "self-hosted" from `runs-on`, empty when it cannot be told (a runner group, an own label)."""
    labels = runs_on.values if isinstance(runs_on, Items) else (runs_on,)
    words = [label.lower() for label in labels if isinstance(label, str)]
    if "self-hosted" in words:
        return "self-hosted"
    return "github-hosted" if len(words) == 1 and words[0].startswith(HOSTED_LABELS) else ""


def placeholders(exact: Mapping[str, str]) -> dict[str, str]:
    """Fill in what matching asks for and a file cannot tell: values that cannot change the answer."""
    return {"sha": "0" * 40, "jti": "predicted", "repository_owner_id": "0", "ref": "refs/heads/main", **exact}
