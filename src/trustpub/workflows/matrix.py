"""The legs of a matrix, as far as the file says them.

Mirrors: GitHub's `jobs.<id>.strategy.matrix`: the product of the lists, minus `exclude`, plus `include` (which extends the legs
that it does not contradict, and else adds a leg of its own).
"""

from __future__ import annotations

from itertools import islice, product
from typing import TYPE_CHECKING

from trustpub.workflows.evaluation import Items, Record, Unknown, from_data, render
from trustpub.workflows.expressions import template
from trustpub.workflows.source import Map, Sequence, plain_value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.workflows.evaluation import Value, World
    from trustpub.workflows.source import Node

MOST_LEGS = 256
"""GitHub's own limit."""
UNKNOWN_LEG = Record({}, "matrix", open=True)


def legs(node: Node | None, world: World) -> tuple[Record, ...]:
    """List a job's legs: one empty leg without a matrix, one of unknown values when the matrix is computed in the run."""
    if node is None:
        return (Record({}),)
    value = value_of(node, world)
    if not isinstance(value, Record):
        return (UNKNOWN_LEG,)
    axes = {name: axis for name, axis in value.values.items() if name not in ("include", "exclude")}
    if not all(isinstance(axis, Items) for axis in axes.values()):
        return (UNKNOWN_LEG,)
    lists = [axis.values if isinstance(axis, Items) else () for axis in axes.values()]
    combined = [dict(zip(axes, values, strict=True)) for values in islice(product(*lists), MOST_LEGS)] if axes else []
    kept = [leg for leg in combined if not any(_agrees(leg, no) for no in _records(value.values.get("exclude")))]
    result = _included(kept, set(axes), _records(value.values.get("include")))
    return tuple(Record(leg) for leg in result[:MOST_LEGS]) or (UNKNOWN_LEG,)


def _included(kept: list[dict[str, Value]], axes: set[str], additions: Iterable[Record]) -> list[dict[str, Value]]:
    result = list(kept)
    for addition in additions:
        fitting = [leg for leg in kept if all(leg.get(name) == addition.values[name] for name in axes & set(addition.values))]
        for leg in fitting:
            leg.update(addition.values)
        if not fitting:
            result.append(dict(addition.values))
    return result


def _agrees(leg: dict[str, Value], pattern: Record) -> bool:
    return all(leg.get(name) == value for name, value in pattern.values.items())


def _records(value: Value) -> tuple[Record, ...]:
    return tuple(item for item in value.values if isinstance(item, Record)) if isinstance(value, Items) else ()


def value_of(node: Node, world: World) -> Value:
    """Turn a node into a value, its expressions evaluated."""
    if isinstance(node, Map):
        return Record({name.lower(): value_of(child, world) for name, child in node.items()})
    if isinstance(node, Sequence):
        return Items(tuple(value_of(child, world) for child in node.items))
    return render(template(node.value), world) if "${{" in node.value else from_data(plain_value(node))


def shown(leg: Record) -> dict[str, str | float | bool | None] | None:
    """Write a leg as plain data for a report; None when there is no matrix."""
    if not leg.values and not leg.open:
        return None
    return {name: _plain(value) for name, value in leg.values.items()}


def _plain(value: Value) -> str | float | bool | None:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Unknown | Items | Record):
        return "?"
    return value
