"""Whether a job may ask for an ID token.

The job's `permissions` count, else the workflow's, else the repository's default, which never includes `id-token`. A map sets
every scope that it does not list to none; `write-all` includes `id-token: write`, `read-all` does not (there is nothing to read).
Mirrors: actions/runner src/Sdk/WorkflowParser Permissions and Conversion/PermissionsHelper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.source import Map, Scalar

if TYPE_CHECKING:
    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.source import Node


class IdToken(NamedTuple):
    """Whether `id-token: write` is granted, one sentence why, and the index of the words that decide it (or None)."""

    granted: bool
    why: str
    start: int | None


def id_token(workflow: Workflow, job: Job) -> IdToken:
    """Say whether a job gets `id-token: write`."""
    if job.permissions is not None:
        return _granted(job.permissions, f"the job `{job.id}`")
    if workflow.permissions is not None:
        return _granted(workflow.permissions, "the workflow")
    why = "nothing grants `id-token: write`, and a repository's default never does"
    return IdToken(False, why, None)


def within(called: IdToken, caller: IdToken) -> IdToken:
    """Cap what a called workflow grants by what its caller may hand down. GitHub refuses to start a run that asks for more."""
    if called.granted and not caller.granted:
        why = f"the called job asks for `id-token: write`, but its caller may not give it: {caller.why}"
        return IdToken(False, why, caller.start)
    return called


def _granted(node: Node, who: str) -> IdToken:
    if isinstance(node, Scalar):
        if node.value == "write-all":
            return IdToken(True, f"{who} has `permissions: write-all`", node.start)
        shown = f" (`permissions: {node.value}`)" if node.value else ""
        return IdToken(False, f"{who} grants no `id-token: write`{shown}", node.start)
    value = node.get("id-token") if isinstance(node, Map) else None
    if isinstance(value, Scalar) and value.value == "write":
        return IdToken(True, f"{who} grants `id-token: write`", value.start)
    if value is None:
        return IdToken(False, f"{who} has `permissions` without `id-token: write`, which sets it to none", node.start)
    return IdToken(False, f"{who} sets `id-token` to `{value.value if isinstance(value, Scalar) else '?'}`", value.start)
