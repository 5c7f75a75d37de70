"""The functions of expressions, over known and unknown values.

Each takes the values of its arguments and says what is known of the result. Those that only a run can answer (`hashFiles`) are
not here. A result that GitHub stops at, such as `fromJSON('')`, is an `Unknown` that says what is wrong.
Mirrors: actions/languageservices expressions/src/funcs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.workflows.expressions import Wrong
from trustpub.workflows.values import (
    MAX_TEXT,
    Items,
    Record,
    Ruled,
    Unknown,
    compare,
    fold,
    from_data,
    open_rule,
    plain_text,
    refused,
    text,
    union,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trustpub.workflows.values import Value

MAX_DEPTH = 50
"""How deep JSON may nest that is looked into here."""
TOO_LARGE = "its texts are larger than GitHub's memory for an expression"


def _contains(values: Sequence[Value], as_rule: bool) -> Value:
    where, what = values
    if isinstance(where, Items):
        found = [compare("==", item, what, as_rule) for item in where.values]
        if any(item is True for item in found):
            return True
        return union(*found) if any(isinstance(item, Unknown) for item in found) else False
    if isinstance(where, Record | Unknown) or isinstance(what, Record | Items | Unknown):
        return union(where, what) if isinstance(where, Unknown) or isinstance(what, Unknown) else False
    whole, part = fold(plain_text(where)), fold(plain_text(what))
    if (rule := open_rule(where, as_rule)) is not None:
        if part.startswith("REFS/") and rule.fixed.startswith("refs/"):  # no ref holds another one in its middle
            return _rule_starts_with(rule, part)
        return True if part in fold(rule.fixed) else Unknown(frozenset((rule.name,)))
    if (rule := open_rule(what, as_rule)) is not None:
        return Unknown(frozenset((rule.name,)))
    return part in whole


def _starts_with(values: Sequence[Value], as_rule: bool) -> Value:
    if any(isinstance(value, Unknown) for value in values):
        return union(*values)
    if any(isinstance(value, Items | Record) for value in values):
        return False
    whole, start = (fold(plain_text(value)) for value in values)
    rule = open_rule(values[0], as_rule)
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
    if (rule := open_rule(values[0], as_rule)) is not None:
        return Unknown(frozenset((rule.name,)))
    whole, end = (fold(plain_text(value)) for value in values)
    return whole.endswith(end)


def _format(values: Sequence[Value], as_rule: bool) -> Value:
    known = _all_known(values, as_rule)
    if known is not None:
        return known
    pattern, *pieces = (plain_text(value) for value in values)
    result: list[str] = []
    end = size = 0
    for match in re.finditer(r"\{\{|\}\}|\{([0-9]+)([^}]*)\}|[{}]", pattern):
        result.append(pattern[end : match.start()])
        end = match.end()
        if match[0] in ("{{", "}}"):
            result.append(match[0][0])
        elif match[1] is None or match[2]:
            return _stop(f"`{pattern}` is no format")
        elif len(match[1]) > 3 or int(match[1]) >= len(pieces):
            return _stop(f"the format `{pattern}` asks for more texts than follow it")
        else:
            result.append(pieces[int(match[1])])
        size += len(result[-1])
        if size > MAX_TEXT:
            return _stop(TOO_LARGE)
    return "".join(result) + pattern[end:]


def _all_known(values: Sequence[Value], as_rule: bool) -> Unknown | None:
    """Say what a text made of these values hangs on, or None when it is known."""
    if any(isinstance(value, Unknown) for value in values):
        return union(*values)
    rules = frozenset(rule.name for value in values if (rule := open_rule(value, as_rule)) is not None)
    return Unknown(rules) if rules else None


def _stop(why: str) -> Unknown:
    return refused(Wrong(why, 0))


def _join(values: Sequence[Value], as_rule: bool) -> Value:
    if not isinstance(values[0], Items):
        return (_all_known(values, as_rule) or text(values[0])) if not isinstance(values[0], Record) else ""
    known = _all_known((*values[0].values, *values[1:]), as_rule)
    if known is not None:
        return known
    between = values[1] if len(values) > 1 else ","
    separator = "," if isinstance(between, Items | Record) else plain_text(between)
    texts = [plain_text(item) for item in values[0].values]
    if sum(map(len, texts)) + len(separator) * len(texts) > 2 * MAX_TEXT:
        return _stop(TOO_LARGE)
    return separator.join(texts)


def _from_json(values: Sequence[Value], as_rule: bool) -> Value:
    known = _all_known(values, as_rule)
    if known is not None:
        return known
    written = plain_text(values[0])
    if not written.strip():
        return _stop("`fromJSON()` of an empty text")
    import json

    try:
        data: object = json.loads(written, parse_int=float)
    except ValueError:
        return _stop("`fromJSON()` of a text that is not JSON")
    except RecursionError:
        return _DEEP
    return from_data(data) if _is_flat(data) else _DEEP


_DEEP = Unknown(frozenset(("`fromJSON()` of a deeply nested text",)))


def _is_flat(data: object) -> bool:
    """Say whether data nests no deeper than is looked into."""
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [
            item
            for outer in level
            if isinstance(outer, dict | list)
            for item in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return True
    return False


def _to_json(values: Sequence[Value], as_rule: bool) -> Value:
    doubts = _doubts(values[0], as_rule)
    return union(*doubts) if doubts else _written(values[0], "")


def _doubts(value: Value, as_rule: bool) -> list[Value]:
    """List everything in a value that is not known."""
    if isinstance(value, Unknown):
        return [value]
    if isinstance(value, Items):
        return [doubt for item in value.values for doubt in _doubts(item, as_rule)]
    if isinstance(value, Record):
        inner = [doubt for item in value.values.values() for doubt in _doubts(item, as_rule)]
        return [Unknown(frozenset((f"{value.path}.*",))), *inner] if value.open else inner
    rule = open_rule(value, as_rule)
    return [Unknown(frozenset((rule.name,)))] if rule is not None else []


def _written(value: Value, indent: str) -> str:
    import json

    deeper = indent + "  "
    if isinstance(value, Items):
        parts = [f"{deeper}{_written(item, deeper)}" for item in value.values]
        return "[\n" + ",\n".join(parts) + f"\n{indent}]" if parts else "[]"
    if isinstance(value, Record):
        names = {name: json.dumps(value.names.get(name, name), ensure_ascii=False) for name in value.values}
        parts = [f"{deeper}{names[name]}: {_written(item, deeper)}" for name, item in value.values.items()]
        return "{\n" + ",\n".join(parts) + f"\n{indent}}}" if parts else "{}"
    if isinstance(value, str):
        return json.dumps(str(value), ensure_ascii=False)
    return "null" if value is None else plain_text(value)


def _case(values: Sequence[Value], _as_rule: bool) -> Value:
    """Give the value behind the first true predicate, else the last; every predicate that is looked at must be a boolean."""
    doubts: list[Value] = []
    for predicate, value in zip(values[0:-1:2], values[1::2], strict=True):
        if isinstance(predicate, Unknown) and not predicate.wrong:
            doubts.append(predicate)
        elif not isinstance(predicate, bool):
            wrong = predicate if isinstance(predicate, Unknown) else _stop("a predicate of `case()` is neither true nor false")
            return union(*doubts) if doubts else wrong
        elif predicate:
            return _unless(doubts, value)
    return _unless(doubts, values[-1])


def _unless(doubts: list[Value], value: Value) -> Value:
    return Unknown(union(*doubts, value).on) if doubts else value


FUNCTIONS: dict[str, Callable[[Sequence[Value], bool], Value]] = {
    "contains": _contains,
    "startswith": _starts_with,
    "endswith": _ends_with,
    "format": _format,
    "join": _join,
    "fromjson": _from_json,
    "tojson": _to_json,
    "case": _case,
}
"""Functions whose value can be known without a runner; any other is unknown by its name."""
