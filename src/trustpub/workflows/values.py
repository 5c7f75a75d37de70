"""The values of expressions: known ones, unknown ones, and how GitHub turns one kind into another and compares them.

An `Unknown` remembers what it hangs on. Texts compare without case, other kinds by number; lists and maps equal only themselves.
Mirrors: actions/languageservices expressions/src/{result,data}.ts.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.source import number_text
from trustpub.workflows.tokens import number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trustpub.workflows.expressions import Wrong


MAX_TEXT = 1 << 19
"""How many characters the texts of one call may have in all: GitHub allows an expression one mebibyte, two bytes a character."""


class Unknown(NamedTuple):
    """A value that is not known. `on` names what it hangs on; `truth` is what it counts as in a condition when even so known.

    `wrong` says that there will be no value at all: GitHub stops at this place with an error.
    """

    on: frozenset[str]
    truth: bool | None = None
    wrong: Wrong | None = None


class Items(NamedTuple):
    """A list. One that `.*` made is `filtered`: a name behind it picks from every item, and drops those without it."""

    values: tuple[Value, ...]
    filtered: bool = False


class Record(NamedTuple):
    """A map whose keys are compared without case (held in lower case; `names` has the others as they were written).

    A missing key is null in a closed record; in an open one it is unknown, by its dotted `path`.
    """

    values: Mapping[str, Value]
    path: str = ""
    open: bool = False
    names: Mapping[str, str] = {}


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
        return number_text(value)
    if isinstance(value, str):
        return value
    return "Array" if isinstance(value, Items) else "Object"


def fold(word: str) -> str:
    """Take the case off a text as .NET's ordinal comparison does: character by character, never changing the length."""
    return word.upper() if word.isascii() else "".join(map(_upper, word))


def _upper(char: str) -> str:
    upper = char.upper()
    return upper if len(upper) == 1 and char != "\N{LATIN SMALL LETTER DOTLESS I}" else char


def union(*values: Value) -> Unknown:
    """Hang on everything that these values hang on; an error among them stays one."""
    names: frozenset[str] = frozenset()
    unknown = [value for value in values if isinstance(value, Unknown)]
    return Unknown(
        names.union(*(value.on for value in unknown)), wrong=next((value.wrong for value in unknown if value.wrong), None)
    )


def refused(wrong: Wrong) -> Unknown:
    """Make the value of something that GitHub refuses."""
    return Unknown(frozenset((f"an expression that GitHub refuses ({wrong.why})",)), wrong=wrong)


def compare(operator: str, left: Value, right: Value, as_rule: bool) -> Value:
    """Compare as GitHub does. `as_rule` takes examples for the rules that they stand for."""
    if isinstance(left, Unknown) or isinstance(right, Unknown):
        return union(left, right)
    doubt = open_rule(left, as_rule) or open_rule(right, as_rule)
    if doubt is not None:
        other = right if doubt is left else left
        if operator in ("==", "!=") and isinstance(other, str) and not _may_equal(doubt, other):
            return operator == "!="
        return Unknown(frozenset((doubt.name,)))
    if operator in ("==", "!="):
        return _equal(left, right) is (operator == "==")
    return _ordered(operator, left, right)


def open_rule(value: Value, as_rule: bool) -> Ruled | None:
    """Return the rule that a value is only an example of, or None."""
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
    return as_number(left) == as_number(right)


def _ordered(operator: str, left: Value, right: Value) -> bool:
    if operator in ("<=", ">=") and _equal(left, right):
        return True
    if isinstance(left, str) and isinstance(right, str):
        a, b = fold(left), fold(right)
        return a < b if operator in ("<", "<=") else a > b
    if isinstance(left, Items | Record) or isinstance(right, Items | Record):
        return False
    x, y = as_number(left), as_number(right)
    return x < y if operator in ("<", "<=") else x > y


def as_number(value: Value) -> float:
    """Turn a known value into a number as GitHub does: null is 0, true is 1, lists and maps are not a number."""
    if isinstance(value, str):
        return number(value)
    if isinstance(value, bool | float):
        return float(value)
    return 0.0 if value is None else float("nan")


def plain_text(value: Value) -> str:
    """Turn a value that is surely known into text."""
    result = text(value)
    return result if isinstance(result, str) else ""


def from_data(data: object) -> Value:
    """Turn plain data (of JSON or YAML) into a value: maps are closed records; of two keys that are one, the first stays."""
    if isinstance(data, dict):
        values: dict[str, Value] = {}
        names: dict[str, str] = {}
        for key, item in data.items():
            name = str(key).lower()
            if name not in values:
                values[name] = from_data(item)
                if name != key:
                    names[name] = str(key)
        return Record(values, names=names)
    if isinstance(data, list | tuple):
        return Items(tuple(from_data(item) for item in data))
    if isinstance(data, bool) or data is None or isinstance(data, str):
        return data
    return float(data) if isinstance(data, int | float) else str(data)
