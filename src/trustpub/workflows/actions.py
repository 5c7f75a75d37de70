"""An action's own file (`action.yml`): its inputs, and its steps when it is composite.

A composite action runs its steps inside the job that uses it, with the job's rights; so whoever looks for uploads reads them too.
Source: GitHub's metadata syntax reference for actions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.model import truthy, word
from trustpub.workflows.reader import Reader
from trustpub.workflows.source import Map, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.model import Problem, Step
    from trustpub.workflows.source import Document, Node, Source


class ActionInput(NamedTuple):
    """One declared input. Without a `default` it is an empty text in the action when the caller leaves it out."""

    key: Scalar
    default: Scalar | None
    required: bool


class Action(NamedTuple):
    """One action. `using` says how it runs (`composite`, `docker`, `node20`); only a composite one has `steps`.

    `inputs` and `outputs` are by name as written; GitHub compares input names without case. `outputs` hold the `value` of each.
    """

    path: str
    source: Source
    name: Scalar | None
    inputs: Mapping[str, ActionInput]
    using: str
    steps: tuple[Step, ...]
    outputs: Mapping[str, Scalar]
    problems: tuple[Problem, ...]
    node: Map


def read_action(document: Document) -> Action | None:
    """Read a parsed `action.yml`; None when it is no action at all (no map, or no `runs` map in it)."""
    root = document.root
    runs = root.get("runs") if isinstance(root, Map) else None
    if not isinstance(root, Map) or not isinstance(runs, Map):
        return None
    reader = Reader(document)
    using = word(reader.scalar(runs.get("using")))
    steps = reader.steps(runs.get("steps")) if using == "composite" else ()
    return Action(
        path=document.source.path,
        source=document.source,
        name=reader.scalar(root.get("name")),
        inputs=_inputs(root.get("inputs")),
        using=using,
        steps=steps,
        outputs=_outputs(root.get("outputs")),
        problems=tuple(reader.problems),
        node=root,
    )


def _inputs(node: Node | None) -> dict[str, ActionInput]:
    result: dict[str, ActionInput] = {}
    for key, spec in node.entries if isinstance(node, Map) else ():
        inner = spec if isinstance(spec, Map) else Map((), key.start, key.end)
        default = inner.get("default")
        given = default if isinstance(default, Scalar) else None
        result[key.value] = ActionInput(key, given, truthy(inner.get("required")))
    return result


def _outputs(node: Node | None) -> dict[str, Scalar]:
    entries = node.entries if isinstance(node, Map) else ()
    values = {key.value: spec.get("value") for key, spec in entries if isinstance(spec, Map)}
    return {name: value for name, value in values.items() if isinstance(value, Scalar)}
