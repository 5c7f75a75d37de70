"""Evaluating expressions when not everything is known.

A value may be `Unknown`; it then remembers what it hangs on, and whether it counts as true or false all the same. So
`false && secrets.X` is false, and `needs.build.outputs.tag == ''` is unknown because of that output.
Mirrors: actions/languageservices expressions/src/{evaluator,result,funcs}.ts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.expressions import Call, Comparison, Context, Each, Literal, Logic, Member, Not, Wrong, path_of
from trustpub.workflows.functions import FUNCTIONS, TOO_LARGE
from trustpub.workflows.values import (
    MAX_TEXT,
    Items,
    Record,
    Ruled,
    Unknown,
    Value,
    as_number,
    compare,
    fold,
    from_data,
    refused,
    text,
    truth,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.expressions import Expression, Template

__all__ = [
    "STATUS_FUNCTIONS", "Items", "Record", "Ruled", "Unknown", "Value", "World", "evaluate", "fold", "from_data", "render",
    "text", "truth", "union",
]  # fmt: skip

STATUS_FUNCTIONS = frozenset(("success", "always", "failure", "cancelled"))


class World(NamedTuple):
    """What an expression may ask: the contexts by name, and whether examples stand for rules.

    `success` is None where it is not known whether a job before this one ran; a skipped one makes it false, and `failure()` too.
    Nothing fails here unless the world is a `failed` one.
    """

    contexts: Mapping[str, Value]
    success: bool | None = True
    as_rule: bool = False
    failed: bool = False


def evaluate(node: Expression | Wrong, world: World) -> Value:
    """Evaluate a tree. A broken expression is unknown, and says so."""
    if isinstance(node, Wrong):
        return refused(node)
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Context):
        return world.contexts.get(node.name.lower(), Unknown(frozenset((node.name,))))
    if isinstance(node, Member):
        return _member(node, world)
    if isinstance(node, Each):
        return _each(evaluate(node.base, world))
    if isinstance(node, Not):
        return _not(evaluate(node.operand, world))
    if isinstance(node, Logic):
        return _logic(node, world)
    if isinstance(node, Comparison):
        return compare(node.operator, evaluate(node.left, world), evaluate(node.right, world), world.as_rule)
    return _call(node, world)


def render(pieces: Template, world: World) -> Value:
    """Evaluate a scalar with `${{ }}` in it: a single expression keeps its type, anything else becomes text."""
    if pieces.only is not None:
        return evaluate(pieces.only, world)
    values = [part if isinstance(part, str) else text(evaluate(part, world)) for part in pieces.parts]
    if any(isinstance(value, Unknown) for value in values):
        return union(*values)
    rules = [value.name for value in values if isinstance(value, Ruled) and not value.exact] if world.as_rule else []
    if rules:  # another ref or input gives another text, but never an empty one when some of it is fixed
        return Unknown(frozenset(rules), True if any(part for part in pieces.parts if isinstance(part, str)) else None)
    texts = [value for value in values if isinstance(value, str)]
    return "".join(texts) if sum(map(len, texts)) <= 2 * MAX_TEXT else refused(Wrong(TOO_LARGE, 0))


def _member(node: Member, world: World) -> Value:
    base = evaluate(node.base, world)
    key = evaluate(node.key, world)
    if isinstance(key, Unknown):
        return union(base, key)
    if isinstance(base, Unknown):
        path = path_of(node) if len(base.on) == 1 and base.wrong is None else None
        return Unknown(frozenset((path,)) if path is not None else base.on, wrong=base.wrong)
    if isinstance(base, Items) and base.filtered:
        return _picked(base, key)
    return _of(base, key)


def _of(base: Value, key: Value) -> Value:
    """Take one member of a record or a list; null where there is none."""
    if isinstance(base, Record):
        return None if isinstance(key, Items | Record) else _of_record(base, text(key))
    if isinstance(base, Items):
        index = as_number(key)
        return base.values[int(index)] if 0 <= index < len(base.values) else None
    return None


def _of_record(base: Record, key: str | Unknown) -> Value:
    name = str(key).lower()
    if name in base.values:
        return base.values[name]
    return Unknown(frozenset((f"{base.path}.{name}",))) if base.open else None


def _picked(base: Items, key: Value) -> Value:
    """Take one member of every item that has it."""
    found: list[Value] = []
    for item in base.values:
        if isinstance(item, Unknown):
            return union(*base.values)  # whether it has one is not known, so the length of the list is not either
        if isinstance(item, Record):
            value = _of(item, key)
            if isinstance(value, Unknown) and not isinstance(key, Items | Record) and str(text(key)).lower() not in item.values:
                return value
            if value is not None or (isinstance(key, str) and key.lower() in item.values):
                found.append(value)
        elif isinstance(item, Items) and 0 <= as_number(key) < len(item.values):
            found.append(item.values[int(as_number(key))])
    return Items(tuple(found), True)


def _each(base: Value) -> Value:
    if isinstance(base, Unknown):
        return base._replace(truth=None if base.truth is not True else True)
    if isinstance(base, Items) and base.filtered:
        return _flattened(base)
    return Items(base.values, True) if isinstance(base, Items) else _values_of(base)


def _values_of(base: Value) -> Value:
    if isinstance(base, Record):
        return Unknown(frozenset((f"{base.path}.*",))) if base.open else Items(tuple(base.values.values()), True)
    return Items((), True)


def _flattened(base: Items) -> Value:
    found: list[Value] = []
    for item in base.values:
        inner = item if isinstance(item, Unknown | Items) else _values_of(item)
        if isinstance(inner, Unknown):
            return union(*base.values, inner)
        found += inner.values if isinstance(inner, Items) else ()
    return Items(tuple(found), True)


def _not(value: Value) -> Value:
    known = truth(value)
    return value if known is None else not known


def _logic(node: Logic, world: World) -> Value:
    """`&&` gives the first false operand, `||` the first true one, else the last one; unknowns before it make it unknown."""
    stops_at = node.operator == "||"
    doubts: list[Value] = []
    value: Value = None
    for operand in node.operands:
        value = evaluate(operand, world)
        if isinstance(value, Unknown) and value.wrong is not None:
            return Unknown(union(*doubts, value).on) if doubts else value
        known = truth(value)
        if known is stops_at:
            break
        if known is None:
            doubts.append(value)
    if not doubts:
        return value
    # whichever operand it stops at: when the last one stops there too, the whole counts as that
    return Unknown(union(*doubts, value).on, stops_at if truth(value) is stops_at else None)


def _call(node: Call, world: World) -> Value:
    if node.name in STATUS_FUNCTIONS:
        return _status(node, world)
    function = FUNCTIONS.get(node.name)
    if function is None:
        return Unknown(frozenset((f"{node.name}()",)))
    values = [evaluate(argument, world) for argument in node.arguments]
    value = function(values, world.as_rule)
    if sum(len(part) for part in (*values, value) if isinstance(part, str)) > MAX_TEXT:
        return refused(Wrong(TOO_LARGE, node.start, node.end))
    if isinstance(value, Unknown) and value.wrong is not None and not value.wrong.end:
        return value._replace(wrong=value.wrong._replace(start=node.start, end=node.end))
    return value


def _status(node: Call, world: World) -> Value:
    """Say what a status function gives when nothing fails: with names of jobs it asks for those, and may not be known."""
    if node.arguments:
        return Unknown(frozenset((f"{node.name}()",)))
    if node.name == "success":
        known = False if world.failed else world.success
        return Unknown(frozenset(("success()",))) if known is None else known
    return node.name == "always" or (node.name == "failure" and world.failed)
