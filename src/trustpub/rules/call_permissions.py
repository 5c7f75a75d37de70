"""A called workflow that asks for more than its caller may give: the whole run refuses to start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule, Span
from trustpub.record import NamedTuple
from trustpub.rules import spans
from trustpub.workflows import edit
from trustpub.workflows.source import Map, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.sites import Call

RULE = Rule(
    code="M12",
    name="call-asks-for-more",
    severity="blocker",
    title="A called workflow asks for more than its caller may give",
    why=(
        "A reusable workflow never gets more than the job that calls it. When it asks for `id-token: write`, or any other scope, "
        "and the caller does not grant that, GitHub does not start the run at all: the only trace is one line on its page."
    ),
    source="GitHub's documentation: reusing workflow configurations, access and permissions",
    help="Add `id-token: write` to the `permissions` of the job that calls.",
)


_RANKS = {"none": 0, "read": 1, "write": 2}


class _Asked(NamedTuple):
    """What a called file asks for: the scope and its level, where, and who asks."""

    scope: str
    level: str
    node: Scalar
    who: str


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each scope that a call on the way to an upload does not grant as the called file asks for."""
    seen: set[tuple[str, str, str]] = set()
    for site, predictions in facts.trusted():
        files = [*(call.workflow for call in site.calls[1:]), site.workflow]
        for call, called in zip(site.calls, files, strict=False):
            for asked in _asked(called) if any(each.reached for each in predictions) else ():
                key = (call.workflow.path, call.job.id, asked.scope)
                if key not in seen and _is_more(asked, _given(call, asked.scope)):
                    seen.add(key)
                    yield _finding(call, called, asked)


def _asked(workflow: Workflow) -> Iterator[_Asked]:
    """Yield what a file asks for, at its top and in its jobs, whether they run or not."""
    jobs = [(job.permissions, f"the job `{job.id}`") for job in workflow.jobs.values()]
    for node, who in ((workflow.permissions, "the file"), *jobs):
        if isinstance(node, Scalar) and node.value == "write-all":
            yield _Asked("id-token", "write", node, who)
        for scope, value in node.items() if isinstance(node, Map) else ():
            if isinstance(value, Scalar) and value.value in ("read", "write"):
                yield _Asked(scope, value.value, value, who)


def _given(call: Call, scope: str) -> str | None:
    """Say what the caller's own permissions grant; None when it has none, and the repository's default decides."""
    node = call.job.permissions if call.job.permissions is not None else call.workflow.permissions
    if isinstance(node, Map):
        value = node.get(scope)
        return value.value if isinstance(value, Scalar) else "none"
    if isinstance(node, Scalar) and node.value in ("read-all", "write-all"):
        return "write" if node.value == "write-all" else "none" if scope == "id-token" else "read"
    return None


def _is_more(asked: _Asked, given: str | None) -> bool:
    """Say whether more is asked for. A default may grant anything but the ID token without being told."""
    if given is None:
        return asked.scope == "id-token"
    return _RANKS[asked.level] > _RANKS.get(given, 2)


def _finding(call: Call, called: Workflow, asked: _Asked) -> Finding:
    given, job = _given(call, asked.scope), call.job
    gives = f"`{call.workflow.file_name}`, which calls it, says nothing of permissions"
    if given is not None:
        has = f"`{asked.scope}: {given}`" if given != "none" else "none of it"
        gives = f"the job `{job.id}`, which calls it, gives {has}"
    todo = f"Add `{asked.scope}: {asked.level}` to the `permissions` of the job `{job.id}`"
    certain = "else the run does not start."
    default = "the run starts without only where the repository's default permissions let the token write."
    return Finding(
        rule=RULE.code,
        severity="medium" if given is None else RULE.severity,
        message=f"`{called.file_name}` asks for `{asked.scope}: {asked.level}`, but {gives}",
        span=_place(call, asked.scope),
        help=f"{todo}: {default if given is None else certain}",
        related=(Related(spans.of_word(called, asked.node), f"{asked.who} asks for it here"),),
        fix=_fix(call, asked),
    )


def _place(call: Call, scope: str) -> Span:
    """Point at what the caller says of the scope, else at the call."""
    workflow, job = call
    node = job.permissions if job.permissions is not None else workflow.permissions
    if isinstance(node, Map) and isinstance(value := node.get(scope), Scalar):
        return spans.of_word(workflow, value)
    return spans.of_word(workflow, job.uses) if job.uses is not None else spans.of_job(workflow, job)


def _fix(call: Call, asked: _Asked) -> Fix | None:
    """Add the permission to the caller's own map; where the job has none, what it then needs beside it is not known."""
    workflow, job = call
    if not isinstance(job.permissions, Map):
        return None
    value = job.permissions.get(asked.scope)
    if isinstance(value, Scalar):
        change = edit.replaced(workflow.source, value, asked.level)
    else:
        change = edit.inserted(workflow.source, job.permissions, asked.scope, asked.level)
    return (
        Fix(f"grant `{asked.scope}: {asked.level}` to the job `{job.id}`", (change,), safe=True) if change is not None else None
    )
