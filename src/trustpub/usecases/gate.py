"""The environment's gate: whether GitHub lets this ref into the job's environment, and who must say yes.

The declared rules are judged, because GitHub's own settings are not read here. The words of a refusal are GitHub's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from trustpub.workflows.environments import environment_admits

if TYPE_CHECKING:
    from trustpub.domain.declaration import DeclaredEnvironment


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """Whether the job may start, in a sentence; `problem` is GitHub's own message when it may not."""

    ok: bool
    evidence: str
    problem: str = ""


def pass_gate(environment: str, declared: DeclaredEnvironment | None, ref: str) -> GateOutcome:
    """Judge `ref` (full, such as refs/tags/v1) at the gate of `environment`; reviewers and wait are told, and approved here."""
    if not environment:
        return GateOutcome(ok=True, evidence="the job names no environment, so no rule of GitHub stands before it")
    if declared is None:
        return GateOutcome(
            ok=True,
            evidence=f"environment {environment}: no rules are declared, so any ref would pass (the real settings were not read)",
        )
    kind, short = ref_kind(ref)
    patterns = (declared.tags if kind == "tag" else declared.branches) or ()
    if environment_admits(declared, ref) is False:
        return _closed(environment, kind, short, tuple(patterns))
    rule = f"admits {kind} {short} (declared: {', '.join(patterns)})" if patterns else f"admits {kind} {short} (any ref)"
    return GateOutcome(ok=True, evidence="; ".join([f"environment {environment} {rule}", *_people(declared)]))


def ref_kind(ref: str) -> tuple[str, str]:
    """Split a full ref into its kind (tag or branch) and the short name that rules are matched against."""
    if ref.startswith("refs/tags/"):
        return "tag", ref.removeprefix("refs/tags/")
    return "branch", ref.removeprefix("refs/heads/")


def _closed(environment: str, kind: str, short: str, patterns: tuple[str, ...]) -> GateOutcome:
    problem = f'{kind.capitalize()} "{short}" is not allowed to deploy to {environment} due to environment protection rules.'
    allowed = f"declared for a {kind}: {', '.join(patterns)}" if patterns else f"no {kind} is declared"
    return GateOutcome(ok=False, evidence=f"GitHub would stop the job: {problem} ({allowed})", problem=problem)


def _people(declared: DeclaredEnvironment) -> list[str]:
    said = []
    if declared.reviewers:
        said.append(f"would wait for {' or '.join(declared.reviewers)}: approved here by you")
    if declared.wait_minutes:
        said.append(f"would wait {declared.wait_minutes} min: not waited for here")
    return said
