"""The inputs of an action put into its own texts, so that they say what they mean where the action is used.

`${{ inputs.x }}` becomes the text that the caller gave; inside a larger expression it becomes that text as a literal, or the
caller's own expression. So the caller's contexts can evaluate what stands in the action.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.workflows.model import word

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trustpub.workflows.actions import Action
    from trustpub.workflows.model import Step
    from trustpub.workflows.source import Scalar

_EXPRESSION = lazy_pattern(r"\$\{\{((?:[^'}]|'(?:[^']|'')*+'|}(?!}))*+)}}")
_INPUT = lazy_pattern(
    r"'(?:[^']|'')*+'|(?<![\w.-])inputs(?:\s*\.\s*([A-Za-z_][A-Za-z0-9_-]*)|\s*\[\s*'([^']*)'\s*\])(?![\w-])", re.IGNORECASE
)


class Bound(NamedTuple):
    """A text with the inputs put in, and for each place after an input: where it is now, and where it was."""

    text: str
    places: tuple[tuple[int, int], ...] = ()

    def original(self, offset: int) -> int:
        """Return where a character of the bound text stands in the written one."""
        now, was = 0, 0
        for place, written in self.places:
            if place > offset:
                break
            now, was = place, written
        return was + offset - now


def inputs_of(action: Action, step: Step) -> dict[str, str]:
    """Return what the inputs of an action hold when a step uses it, by name in lower case."""
    values = {name.lower(): word(declared.default) for name, declared in action.inputs.items()}
    return values | {name.lower(): word(node) for name, node in step.with_.items()}


def bind_step(step: Step, inputs: Mapping[str, str]) -> Step:
    """Put the inputs into a step of an action. `run` and `uses` stay as they are written, as places are counted in them."""

    def all_bound(nodes: Mapping[str, Scalar]) -> dict[str, Scalar]:
        return {name: node._replace(value=bind(word(node), inputs).text) for name, node in nodes.items()}

    return step._replace(
        if_=step.if_._replace(value=bind_condition(word(step.if_), inputs)) if step.if_ is not None else None,
        with_=all_bound(step.with_),
        env=all_bound(step.env),
        shell=step.shell._replace(value=bind(word(step.shell), inputs).text) if step.shell is not None else None,
        working_directory=(
            step.working_directory._replace(value=bind(word(step.working_directory), inputs).text)
            if step.working_directory is not None
            else None
        ),
    )


def bind(text: str, inputs: Mapping[str, str]) -> Bound:
    """Put the inputs into a text with `${{ }}` in it."""
    if "${{" not in text:
        return Bound(text)
    parts: list[str] = []
    places: list[tuple[int, int]] = []
    length = index = 0
    for match in _expressions(text):
        alone = _INPUT.fullmatch(match[1].strip())
        name = ((alone[1] or alone[2]) if alone else None) or ""
        new = inputs.get(name.lower(), "") if name else f"${{{{{bind_expression(match[1], inputs)}}}}}"
        parts += [text[index : match.start()], new]
        length += match.start() - index + len(new)
        index = match.end()
        places.append((length, index))
    return Bound("".join((*parts, text[index:])), tuple(places))


def bind_condition(text: str, inputs: Mapping[str, str]) -> str:
    """Put the inputs into an `if`, which is an expression also without `${{ }}`."""
    if "${{" not in text:
        return bind_expression(text, inputs)
    only = _EXPRESSION.fullmatch(text.strip())
    if only is not None:
        return f"${{{{{bind_expression(only[1], inputs)}}}}}"
    parts: list[str] = []
    index = 0
    for match in _expressions(text):
        parts += [text[index : match.start()], f"${{{{{bind_expression(match[1], inputs)}}}}}"]
        index = match.end()
    return "".join((*parts, text[index:]))


def bind_expression(text: str, inputs: Mapping[str, str]) -> str:
    """Put the inputs into an expression: each becomes the expression that gives its text."""

    def put(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return as_expression(inputs.get(name.lower(), "")) if name else match[0]

    return _INPUT.sub(put, text)


def as_expression(text: str) -> str:
    """Write an expression that gives a text, whatever `${{ }}` it holds."""
    if "${{" not in text:
        return _quoted(text)
    only = _EXPRESSION.fullmatch(text.strip())
    if only is not None:
        return f"({only[1].strip()})"
    found: list[str] = []
    pieces: list[str] = []
    index = 0
    for number, match in enumerate(_expressions(text)):
        pieces += [_braced(text[index : match.start()]), f"{{{number}}}"]
        found.append(match[1].strip())
        index = match.end()
    return f"format({', '.join((_quoted(''.join((*pieces, _braced(text[index:])))), *found))})"


def _expressions(text: str) -> Iterator[re.Match[str]]:
    """Yield the expressions of a text up to the first that is not closed: GitHub refuses such a text."""
    index = text.find("${{")
    while index >= 0 and (match := _EXPRESSION.match(text, index)):
        yield match
        index = text.find("${{", match.end())


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
