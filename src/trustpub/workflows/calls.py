"""Whether a call of a reusable workflow fits what that workflow takes. Where it does not, GitHub refuses to start the run.

Mirrors: actions/languageservices workflow-parser/src/model/converter/job/{inputs,secrets}.ts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.model import Problem
from trustpub.workflows.source import Map, Scalar, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.model import Interface, Job, Workflow


def call_problems(job: Job, called: Workflow) -> Iterator[Problem]:
    """Yield what does not fit between a calling job and the file that it calls; the places are in the caller's file."""
    uses = job.uses
    if uses is None:
        return
    if called.called is None:
        yield Problem(f"`{called.path}` has no `workflow_call`: nobody may call it", uses.start, uses.end)
        return
    yield from _inputs(job, uses, called.called)
    yield from _secrets(job, uses, called.called)


def _inputs(job: Job, uses: Scalar, interface: Interface) -> Iterator[Problem]:
    known = {name.upper(): spec for name, spec in interface.inputs.items()}
    node = job.node.get("with")
    given = node.entries if isinstance(node, Map) else ()
    for key, value in given:
        spec = known.get(key.value.upper())
        if spec is None:
            yield Problem(f"the called workflow has no input `{key.value}`", key.start, key.end)
        elif isinstance(value, Scalar) and "${{" not in value.value and not _fits(value, spec.type):
            yield Problem(f"the input `{key.value}` is a {spec.type}: `{value.value}` is none", value.start, value.end)
    names = {key.value.upper() for key, _ in given}
    for name, spec in interface.inputs.items():
        if spec.required and spec.default is None and name.upper() not in names:
            yield Problem(f"the called workflow requires the input `{name}`", uses.start, uses.end)


def _fits(value: Scalar, kind: str) -> bool:
    found = plain_value(value)
    if kind == "boolean":
        return isinstance(found, bool)
    return kind != "number" or (isinstance(found, int | float) and not isinstance(found, bool))


def _secrets(job: Job, uses: Scalar, interface: Interface) -> Iterator[Problem]:
    if isinstance(job.secrets, Scalar):
        return
    given = job.secrets.entries if isinstance(job.secrets, Map) else ()
    known = {name.upper() for name in interface.secrets} | {"GITHUB_TOKEN"}
    for key, _ in given:
        if key.value.upper() not in known:
            yield Problem(f"the called workflow has no secret `{key.value}`", key.start, key.end)
    names = {key.value.upper() for key, _ in given}
    for name, required in interface.secrets.items():
        if required and name.upper() not in names:
            yield Problem(f"the called workflow requires the secret `{name}`", uses.start, uses.end)
