"""What an expression comes to, when some of the world is not known yet.

Values are GitHub's (null, boolean, number, text, list, map) and one more: `Unknown`, which remembers what it hangs on, and
whether it counts as true or false all the same. So `false && secrets.X` is false, and `needs.build.outputs.tag == ''` is
unknown because of that output. Coercions and comparisons are GitHub's own: texts compare without case, a missing member is null.
Mirrors: actions/languageservices expressions/src/{evaluator,result,funcs}.ts.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, NamedTuple

from trustpub.workflows.expressions import (
    Call,
    Comparison,
    Context,
    Each,
    Literal,
    Logic,
    Member,
    Not,
    Wrong,
    number,
    path_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from trustpub.workflows.expressions import Expression, Template


class Unknown(NamedTuple):
    """A value that is not known. `on` names what it hangs on; `truth` is what it counts as in a condition when even so known."""

    on: frozenset[str]
    truth: bool | None = None


class Items(NamedTuple):
    """A list."""

    values: tuple[Value, ...]


class Record(NamedTuple):
    """A map whose keys are compared without case (held in lower case).

    A missing key is null in a closed record; in an open one it is unknown, by its dotted `path`.
    """

    values: Mapping[str, Value]
    path: str = ""
    open: bool = False


class Ruled(str):
    """A text that is only an example of a rule: the tag `v1.2.3` for the pattern `v*`.

    Evaluated as an example it is simply that text. Evaluated as a rule, only what holds for every text that the rule `admits` is
    known; `fixed` is how all of those begin, and `exact` says that the example is the only one.
    """

    __slots__ = ("admits", "exact", "fixed", "name")

    name: str
    fixed: str
    exact: bool
    admits: Callable[[str], bool]

    @classmethod
    def of(cls, example: str, name: str, fixed: str, exact: bool, admits: Callable[[str], bool]) -> Ruled:
        """Make the example of a rule; `name` is what it is called, such as `github.ref`."""
        self = cls(example)
        self.name, self.fixed, self.exact, self.admits = name, fixed, exact, admits
        return self


Value = None | bool | float | str | Items | Record | Unknown

STATUS_FUNCTIONS = frozenset(("success", "always", "failure", "cancelled"))


class World(NamedTuple):
    """What an expression may ask: the contexts by name, and whether examples stand for rules.

    Nothing ever fails here, but a needed job may be skipped: then `success` is false, and so is `failure()`.
    """

    contexts: Mapping[str, Value]
    success: bool = True
    as_rule: bool = False


def truth(value: Value) -> bool | None:
    """Say whether a value counts as true; None when that is unknown."""
    if isinstance(value, Unknown):
        return value.truth
    if value is None or value is False or value == "":
        return False
    if isinstance(value, float):
        return value != 0.0 and not math.isnan(value)
    return True


def text(value: Value) -> str | Unknown:
    """Turn a value into text as GitHub does when it stands inside other text."""
    if isinstance(value, Unknown):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, str):
        return value
    return "Array" if isinstance(value, Items) else "Object"


def _number_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"


def fold(word: str) -> str:
    """Take the case off a text as .NET's ordinal comparison does: character by character, never changing the length."""
    if word.isascii():
        return word.upper()
    return "".join(upper if len(upper := char.upper()) == 1 else char for char in word)


def union(*values: Value) -> Unknown:
    """Hang on everything that these values hang on."""
    names: frozenset[str] = frozenset()
    return Unknown(names.union(*(value.on for value in values if isinstance(value, Unknown))))


def evaluate(node: Expression | Wrong, world: World) -> Value:
    """Evaluate a tree. A broken expression is unknown, and says so."""
    if isinstance(node, Wrong):
        return Unknown(frozenset((f"an expression that GitHub refuses ({node.why})",)))
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
        return _compare(node.operator, evaluate(node.left, world), evaluate(node.right, world), world.as_rule)
    return _call(node, world)


def render(pieces: Template, world: World) -> Value:
    """Evaluate a scalar with `${{ }}` in it: a single expression keeps its type, anything else becomes text."""
    if pieces.only is not None:
        return evaluate(pieces.only, world)
    values = [part if isinstance(part, str) else text(evaluate(part, world)) for part in pieces.parts]
    if any(isinstance(value, Unknown) for value in values):
        return union(*values)
    return "".join(value for value in values if isinstance(value, str))


def _member(node: Member, world: World) -> Value:
    base = evaluate(node.base, world)
    key = evaluate(node.key, world)
    if isinstance(key, Unknown):
        return union(base, key)
    if isinstance(base, Unknown):
        path = path_of(node)
        return Unknown(frozenset((path,))) if path is not None and len(base.on) == 1 else Unknown(base.on)
    if isinstance(base, Record):
        return _of_record(base, text(key))
    if isinstance(base, Items):
        index = _as_number(key)
        return base.values[int(index)] if 0 <= index < len(base.values) else None
    return None


def _of_record(base: Record, key: str | Unknown) -> Value:
    name = str(key).lower()
    if name in base.values:
        return base.values[name]
    return Unknown(frozenset((f"{base.path}.{name}",))) if base.open else None


def _each(base: Value) -> Value:
    if isinstance(base, Unknown | Items):
        return base
    if isinstance(base, Record):
        return Unknown(frozenset((f"{base.path}.*",))) if base.open else Items(tuple(base.values.values()))
    return Items(())


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
        known = truth(value)
        if known is stops_at:
            break
        if known is None:
            doubts.append(value)
    if not doubts:
        return value
    # whichever operand it stops at: when the last one stops there too, the whole counts as that
    return Unknown(union(*doubts, value).on, stops_at if truth(value) is stops_at else None)


def _compare(operator: str, left: Value, right: Value, as_rule: bool) -> Value:
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return union(left, right)
    doubt = _open_rule(left, as_rule) or _open_rule(right, as_rule)
    if doubt is not None:
        other = right if doubt is left else left
        if operator in ("==", "!=") and isinstance(other, str) and not _may_equal(doubt, other):
            return operator == "!="
        return Unknown(frozenset((doubt.name,)))
    if operator in ("==", "!="):
        return _equal(left, right) is (operator == "==")
    return _ordered(operator, left, right)


def _open_rule(value: Value, as_rule: bool) -> Ruled | None:
    return value if as_rule and isinstance(value, Ruled) and not value.exact else None


def _may_equal(rule: Ruled, other: str) -> bool:
    """Texts compare without case but refs do not: ask for the spellings that somebody may have meant."""
    return any(rule.admits(spelling) for spelling in (other, other.lower(), other.upper()))


def _equal(left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return fold(left) == fold(right)
    if isinstance(left, Items | Record) or isinstance(right, Items | Record):
        return left is right
    if type(left) is type(right):
        return left == right
    return _as_number(left) == _as_number(right)


def _ordered(operator: str, left: Value, right: Value) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        a, b = fold(left), fold(right)
        return a < b if operator == "<" else a <= b if operator == "<=" else a > b if operator == ">" else a >= b
    if isinstance(left, Items | Record) or isinstance(right, Items | Record):
        return False
    x, y = _as_number(left), _as_number(right)
    return x < y if operator == "<" else x <= y if operator == "<=" else x > y if operator == ">" else x >= y


def _as_number(value: Value) -> float:
    if isinstance(value, str):
        return number(value)
    if isinstance(value, bool | float):
        return float(value)
    return 0.0 if value is None else float("nan")


def _call(node: Call, world: World) -> Value:
    if node.name in STATUS_FUNCTIONS and not node.arguments:
        return node.name == "always" or (node.name == "success" and world.success)
    function, least, most = _FUNCTIONS.get(node.name, (None, 0, 0))
    if function is None or not least <= len(node.arguments) <= most:
        return Unknown(frozenset((f"{node.name}()",)))
    return function([evaluate(argument, world) for argument in node.arguments], world.as_rule)


def _contains(values: Sequence[Value], as_rule: bool) -> Value:
    where, what = values
    if isinstance(where, Items):
        found = [_compare("==", item, what, as_rule) for item in where.values]
        if any(item is True for item in found):
            return True
        return union(*found) if any(isinstance(item, Unknown) for item in found) else False
    if isinstance(where, Record | Unknown) or isinstance(what, Record | Items | Unknown):
        return union(where, what) if isinstance(where, Unknown) or isinstance(what, Unknown) else False
    whole, part = fold(_plain(where)), fold(_plain(what))
    if (rule := _open_rule(where, as_rule)) is not None:
        if part.startswith("REFS/") and rule.fixed.startswith("refs/"):  # no ref holds another one in its middle
            return _rule_starts_with(rule, part)
        return True if part in fold(rule.fixed) else Unknown(frozenset((rule.name,)))
    if (rule := _open_rule(what, as_rule)) is not None:
        return Unknown(frozenset((rule.name,)))
    return part in whole


def _starts_with(values: Sequence[Value], as_rule: bool) -> Value:
    if any(isinstance(value, Unknown) for value in values):
        return union(*values)
    if any(isinstance(value, Items | Record) for value in values):
        return False
    whole, start = (fold(_plain(value)) for value in values)
    rule = _open_rule(values[0], as_rule)
    return whole.startswith(start) if rule is None else _rule_starts_with(rule, start)


def _rule_starts_with(rule: Ruled, start: str) -> Value:
    """Say whether everything that a rule admits begins with a (folded) text."""
    fixed = fold(rule.fixed)
    if fixed.startswith(start):
        return True
    return Unknown(frozenset((rule.name,))) if start.startswith(fixed) else False


def _ends_with(values: Sequence[Value], as_rule: bool) -> Value:
    if any(isinstance(value, Unknown) for value in values):
        return union(*values)
    if any(isinstance(value, Items | Record) for value in values):
        return False
    if (rule := _open_rule(values[0], as_rule)) is not None:
        return Unknown(frozenset((rule.name,)))
    whole, end = (fold(_plain(value)) for value in values)
    return whole.endswith(end)


def _format(values: Sequence[Value], as_rule: bool) -> Value:
    if any(isinstance(value, Unknown) for value in values):
        return union(*values)
    rules = frozenset(rule.name for value in values if (rule := _open_rule(value, as_rule)) is not None)
    if rules:
        return Unknown(rules)
    pattern, *pieces = (_plain(value) for value in values)

    def put(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0][0]
        index = int(match[1])
        return pieces[index] if index < len(pieces) else ""

    return re.sub(r"\{\{|\}\}|\{([0-9]{1,3})\}", put, pattern)


def _join(values: Sequence[Value], _as_rule: bool) -> Value:
    if any(isinstance(value, Unknown) for value in values):
        return union(*values)
    between = _plain(values[1]) if len(values) > 1 else ","
    if not isinstance(values[0], Items):
        return text(values[0])
    items = values[0].values
    if any(isinstance(item, Unknown) for item in items):
        return union(*items)
    return between.join(_plain(item) for item in items)


def _from_json(values: Sequence[Value], _as_rule: bool) -> Value:
    if isinstance(values[0], Unknown):
        return values[0]
    try:
        return from_data(json.loads(_plain(values[0])))
    except (ValueError, RecursionError):
        return Unknown(frozenset(("fromJSON() of a text that is not JSON",)))


def _plain(value: Value) -> str:
    """Turn a value that is surely known into text."""
    result = text(value)
    return result if isinstance(result, str) else ""


def from_data(data: object) -> Value:
    """Turn plain data (of JSON or YAML) into a value: maps are closed records."""
    if isinstance(data, dict):
        return Record({str(key).lower(): from_data(item) for key, item in data.items()})
    if isinstance(data, list | tuple):
        return Items(tuple(from_data(item) for item in data))
    if isinstance(data, bool) or data is None or isinstance(data, str):
        return data
    return float(data) if isinstance(data, int | float) else str(data)


_FUNCTIONS: dict[str, tuple[Callable[[Sequence[Value], bool], Value], int, int]] = {
    "contains": (_contains, 2, 2),
    "startswith": (_starts_with, 2, 2),
    "endswith": (_ends_with, 2, 2),
    "format": (_format, 1, 255),
    "join": (_join, 1, 2),
    "fromjson": (_from_json, 1, 1),
}
"""Functions whose value can be known without a runner, with their least and most arguments; any other is unknown by its name."""
