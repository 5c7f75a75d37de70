"""The environment's gate: whether GitHub lets this ref into the job's environment, and who must say yes.

The declared rules are judged, because GitHub's own settings are not read here. Mirrors: GitHub's deployment branches and tags,
whose patterns are Ruby's `File.fnmatch` with `FNM_PATHNAME`, matched against the short name of the ref by its type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
    if (declared.tags or declared.branches) and not any(admits(pattern, short) for pattern in patterns):
        return _closed(environment, kind, short, tuple(patterns))
    rule = f"admits {kind} {short} (declared: {', '.join(patterns)})" if patterns else f"admits {kind} {short} (any ref)"
    return GateOutcome(ok=True, evidence="; ".join([f"environment {environment} {rule}", *_people(declared)]))


def ref_kind(ref: str) -> tuple[str, str]:
    """Split a full ref into its kind (tag or branch) and the short name that rules are matched against."""
    if ref.startswith("refs/tags/"):
        return "tag", ref.removeprefix("refs/tags/")
    return "branch", ref.removeprefix("refs/heads/")


def admits(pattern: str, name: str) -> bool:
    """Whether a deployment pattern matches a short ref name: `*` and `?` stop at a slash, `**/` crosses any number of folders."""
    try:
        return re.fullmatch(_regex(pattern), name) is not None
    except re.error:
        return False


def _regex(pattern: str) -> str:
    out, at = [], 0
    while at < len(pattern):
        piece, at = _piece(pattern, at)
        out.append(piece)
    return "".join(out)


def _piece(pattern: str, at: int) -> tuple[str, int]:
    here = pattern[at]
    if pattern.startswith("**/", at) and (at == 0 or pattern[at - 1] == "/"):
        return "(?:[^/]+/)*", at + 3
    if here == "*":
        return "[^/]*", at + 1
    if here == "?":
        return "[^/]", at + 1
    if here == "\\" and at + 1 < len(pattern):
        return re.escape(pattern[at + 1]), at + 2
    end = pattern.find("]", at + 2)
    if here == "[" and end > 0:
        body = pattern[at + 1 : end]
        negated = body[0] in "!^"
        inner = (body[1:] if negated else body).replace("\\", "\\\\").replace("[", "\\[")
        return f"(?!/)[{'^' if negated else ''}{inner}]", end + 1
    return re.escape(here), at + 1


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
