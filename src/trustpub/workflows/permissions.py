"""What a job's token may do, and above all whether the job may ask for an ID token.

The job's `permissions` count, else the workflow's, else the repository's default, of which only `id-token` is known: none. A map
sets every scope that it does not list to none; `write-all` includes `id-token: write`, `read-all` does not (there is nothing to
read). A called workflow may ask for no more than its caller has: GitHub then refuses to start the whole run.
Mirrors: actions/runner src/Sdk/WorkflowParser Permissions and Conversion/PermissionsHelper.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.record import NamedTuple
from trustpub.workflows.event_table import EVENTS
from trustpub.workflows.model import word
from trustpub.workflows.shapes import SCOPES, SHAPES
from trustpub.workflows.source import Map, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.workflows.model import Job, Workflow
    from trustpub.workflows.source import Node

Level = Literal["none", "read", "write", "unknown"]
ID_TOKEN = "id-token"  # noqa: S105 - the name of a scope
_RANK: Mapping[str, int] = {"none": 0, "read": 1, "write": 2}


class IdToken(NamedTuple):
    """Whether `id-token: write` is granted, one sentence why, and the index of the words that decide it (or None).

    `doubt` is a sentence when something outside of the files decides as well.
    """

    granted: bool
    why: str
    start: int | None
    doubt: str = ""


class Excess(NamedTuple):
    """A scope of which a called workflow asks for more than its caller may hand down."""

    scope: str
    asked: Level
    allowed: Level


def id_token(workflow: Workflow, job: Job) -> IdToken:
    """Say whether a job gets `id-token: write`."""
    if job.permissions is not None:
        return _granted(job.permissions, f"the job `{job.id}`")
    if workflow.permissions is not None:
        return _granted(workflow.permissions, "the workflow")
    why = "nothing grants `id-token: write`, and a repository's default never does"
    return IdToken(False, why, None)


def within(called: IdToken, caller: IdToken, same_owner: bool = True) -> IdToken:
    """Cap what a called workflow grants by what its caller may hand down. GitHub refuses to start a run that asks for more.

    A caller without any `permissions` may hand it down to workflows of its own owner where the repository's default is the
    permissive one, which no file says.
    """
    if not called.granted or caller.granted:
        return called._replace(doubt=called.doubt or caller.doubt) if called.granted else called
    if same_owner and caller.start is None:
        doubt = (
            "its caller says nothing about `permissions`: GitHub starts the run only when the repository's default for workflows"
            " is `Read and write permissions`"
        )
        return called._replace(doubt=doubt)
    why = f"the called job asks for `id-token: write`, but its caller may not give it: {caller.why}"
    return IdToken(False, why, caller.start)


def _granted(node: Node, who: str) -> IdToken:
    if isinstance(node, Scalar):
        if node.value == "write-all":
            return IdToken(True, f"{who} has `permissions: write-all`", node.start)
        shown = f" (`permissions: {node.value}`)" if node.value else ""
        return IdToken(False, f"{who} grants no `id-token: write`{shown}", node.start)
    value = node.get(ID_TOKEN) if isinstance(node, Map) else None
    if isinstance(value, Scalar) and value.value == "write":
        return IdToken(True, f"{who} grants `id-token: write`", value.start)
    if value is None:
        return IdToken(False, f"{who} has `permissions` without `id-token: write`, which sets it to none", node.start)
    return IdToken(False, f"{who} sets `id-token` to `{value.value if isinstance(value, Scalar) else '?'}`", value.start)


def written(node: Node) -> dict[str, Level]:
    """Return the level of every scope that a `permissions` value sets, none for those that it does not list."""
    if isinstance(node, Scalar):
        wanted: Level = "write" if node.value == "write-all" else "read" if node.value == "read-all" else "none"
        return {scope: _at_most(scope, wanted) for scope in SCOPES}
    listed = {name: value.value for name, value in node.items() if isinstance(value, Scalar)} if isinstance(node, Map) else {}
    return {scope: _level(listed.get(scope, "none")) for scope in SCOPES}


def _at_most(scope: str, level: Level) -> Level:
    """Take a level that a scope does not have for the next lower one."""
    if level in SHAPES[SCOPES[scope]].words:
        return level
    return "read" if level == "write" and "read" in SHAPES[SCOPES[scope]].words else "none"


def _level(text: str) -> Level:
    return "write" if text == "write" else "read" if text == "read" else "none"


def default(policy: Literal["", "restricted", "permissive"] = "") -> dict[str, Level]:
    """Return what a repository's default gives: of an unknown policy only that `id-token` is none."""
    if policy == "restricted":
        return {scope: "read" if scope in ("contents", "packages") else "none" for scope in SCOPES}
    rest: Level = "write" if policy == "permissive" else "unknown"
    return {scope: "none" if scope == ID_TOKEN else _at_most(scope, rest) if policy else rest for scope in SCOPES}


def effective(workflow: Workflow, job: Job, cap: Mapping[str, Level] | None = None) -> Mapping[str, Level]:
    """Return the level of every scope that a job has.

    `cap` is what the caller hands down when the workflow is a called one; it is also what a called job has when neither it nor
    its workflow says anything.
    """
    node = job.permissions if job.permissions is not None else workflow.permissions
    return written(node) if node is not None else cap if cap is not None else default()


def excesses(asked: Mapping[str, Level], cap: Mapping[str, Level]) -> Iterator[Excess]:
    """Yield the scopes of which more is asked for than the cap surely allows."""
    for scope, level in asked.items():
        allowed = cap[scope]
        if "unknown" not in (level, allowed) and _RANK[level] > _RANK[allowed]:
            yield Excess(scope, level, allowed)


def call_refusal(uses: str, called: Workflow, cap: Mapping[str, Level]) -> str | None:
    """Say in GitHub's own words why it refuses to start a run that calls this workflow with this cap, or None."""
    if called.permissions is not None and (found := tuple(excesses(written(called.permissions), cap))):
        return f"Error calling workflow '{uses}'. The workflow '{uses}' is {_requesting(found)}"
    for job in called.jobs.values():
        if job.permissions is not None and (found := tuple(excesses(written(job.permissions), cap))):
            return f"Error calling workflow '{uses}'. The nested job '{word(job.name) or job.id}' is {_requesting(found)}"
    return None


def _requesting(found: tuple[Excess, ...]) -> str:
    asked = ", ".join(f"{one.scope}: {one.asked}" for one in found)
    allowed = ", ".join(f"{one.scope}: {one.allowed}" for one in found)
    return f"requesting '{asked}', but is only allowed '{allowed}'."


def from_fork(levels: Mapping[str, Level], event: str) -> Mapping[str, Level]:
    """Return what a job's levels come to when a fork's (or Dependabot's) pull request starts the run: no ID token, no writing.

    Unless the administrators of a private repository send write tokens to such runs, which no file says.
    """
    known = EVENTS.get(event)
    if known is None or known.own_code:
        return levels
    return {scope: "none" if scope == ID_TOKEN else "read" if level == "write" else level for scope, level in levels.items()}
