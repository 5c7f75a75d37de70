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
    from collections.abc import Iterable, Mapping

    from trustpub.workflows.evaluation import Value, World
    from trustpub.workflows.source import Node

MOST_LEGS = 256
"""GitHub's own limit."""
MOST_COMBINATIONS = 20_000
"""How many combinations are looked at before `exclude`."""
UNKNOWN_LEG = Record({}, "matrix", open=True)


def legs(node: Node | None, world: World) -> tuple[Record, ...]:
    """List a job's legs: one empty leg without a matrix, one of unknown values when the matrix is computed in the run.

    When only `include` is computed, the known legs may have more values, and there may be others.
    """
    if node is None:
        return (Record({}),)
    value = value_of(node, world)
    if not isinstance(value, Record):
        return (UNKNOWN_LEG,)
    axes = {name: axis for name, axis in value.values.items() if name not in ("include", "exclude")}
    if not all(isinstance(axis, Items) for axis in axes.values()):
        return (UNKNOWN_LEG,)
    additions, complete = _records(value.values.get("include"))
    kept = _kept(axes, _records(value.values.get("exclude"))[0])
    result = tuple(Record(leg, "matrix", open=not complete) for leg in _included(kept, set(axes), additions)[:MOST_LEGS])
    return result if result and complete else (*result, UNKNOWN_LEG)


def _kept(axes: Mapping[str, Value], excluded: tuple[Record, ...]) -> list[dict[str, Value]]:
    """Multiply the lists, without what is excluded."""
    lists = [axis.values if isinstance(axis, Items) else () for axis in axes.values()]
    combined = (dict(zip(axes, values, strict=True)) for values in islice(product(*lists), MOST_COMBINATIONS))
    return list(islice((leg for leg in combined if not any(_agrees(leg, no) for no in excluded)), MOST_LEGS)) if axes else []


def _included(kept: list[dict[str, Value]], axes: set[str], additions: Iterable[Record]) -> list[dict[str, Value]]:
    """Add what is included to every leg whose own values it does not contradict, and else as a leg of its own."""
    result = list(kept)
    for addition in additions:
        own = axes & set(addition.values)
        fitting = [leg for leg in kept if all(_same(leg.get(name), addition.values[name]) for name in own)]
        for leg in fitting:
            leg.update(addition.values)
        if not fitting:
            result.append(dict(addition.values))
    return result


def _agrees(leg: dict[str, Value], pattern: Record) -> bool:
    return all(name in leg and _same(leg[name], value) for name, value in pattern.values.items())


def _same(one: Value, other: Value) -> bool:
    """Compare with types: `1` and `true` are two values."""
    return one == other and isinstance(one, bool) is isinstance(other, bool)


def _records(value: Value) -> tuple[tuple[Record, ...], bool]:
    """Return the maps of a list, and whether they are all that the list will have."""
    if isinstance(value, Items):
        return tuple(item for item in value.values if isinstance(item, Record)), not any(map(_is_unknown, value.values))
    return (), not _is_unknown(value)


def _is_unknown(value: Value) -> bool:
    return isinstance(value, Unknown)


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
