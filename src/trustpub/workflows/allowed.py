"""Which contexts and functions GitHub knows at which key of a workflow file.

`secrets` in a job's `if`, `env` in `runs-on`, `hashFiles()` outside of a step: GitHub refuses the whole file.
Mirrors: actions/languageservices workflow-parser/src/workflow-v1.0.json (the `context` of each definition).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.expressions import Call, Context, Wrong, walk

if TYPE_CHECKING:
    from trustpub.workflows.expressions import Expression

Allowed = frozenset[str]
"""Names of contexts, and of the functions that are not known everywhere, these with `()`; `(0)` allows them no arguments."""

NOTHING: Allowed = frozenset()
_RUN = frozenset(("github", "inputs", "vars"))
_JOB = _RUN | {"needs"}
_LEG = _JOB | {"strategy", "matrix"}
_RUNNER = _LEG | {"steps", "job", "runner", "env"}
_STATUS_OF_JOB = frozenset(("always()", "cancelled()", "failure()", "success()"))
_STATUS_OF_STEP = frozenset(("always(0)", "cancelled(0)", "failure(0)", "success(0)"))

WHERE: dict[str, Allowed] = {
    "": NOTHING,
    "run": _RUN,
    "workflow-env": _RUN | {"secrets"},
    "call-output": _RUN | {"jobs"},
    "job-if": _JOB | _STATUS_OF_JOB,
    "strategy": _JOB,
    "leg": _LEG,
    "job-env": _LEG | {"secrets"},
    "defaults": _LEG | {"env"},
    "credentials": _RUN | {"secrets", "env"},
    "runner": _RUNNER | {"secrets"},
    "url": _RUNNER,
    "step": _RUNNER | {"secrets", "hashFiles()"},
    "step-if": _RUNNER | _STATUS_OF_STEP | {"hashFiles()"},
    "snapshot-if": _LEG,
}
"""By the name that `shapes` uses. What a key allows, everything inside of it allows as well."""
_SOMEWHERE = {"always": "always", "cancelled": "cancelled", "failure": "failure", "success": "success", "hashfiles": "hashFiles"}


def refused(tree: Expression, allowed: Allowed) -> Wrong | None:
    """Say the first thing in an expression that GitHub does not know at such a place, or None."""
    for node in walk(tree):
        if isinstance(node, Context) and node.name.lower() not in allowed:
            known = ", ".join(f"`{name}`" for name in sorted(allowed) if "(" not in name)
            why = f"`{node.name}` is not known here; GitHub knows {known}" if known else f"`{node.name}` is not known here"
            return Wrong(why, node.start, node.end)
        if isinstance(node, Call) and node.name in _SOMEWHERE:
            name = _SOMEWHERE[node.name]
            if f"{name}()" not in allowed and (f"{name}(0)" not in allowed or node.arguments):
                with_them = " with arguments" if f"{name}(0)" in allowed else ""
                return Wrong(f"`{name}()` is not known here{with_them}", node.start, node.end)
    return None
