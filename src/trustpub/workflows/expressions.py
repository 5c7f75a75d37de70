"""GitHub's expressions as trees: what stands between `${{` and `}}`, and what an `if:` holds.

A lexer and a Pratt parser; every node knows where it begins and ends in the text, so that a finding can point at it. Nothing is
evaluated here (see `evaluation`). Broken text is an outcome, `Wrong`, never an exception.
Mirrors: actions/languageservices expressions/src/{lexer,parser}.ts (tokens, precedence, depth limit, arities).
"""

from __future__ import annotations

from functools import lru_cache, wraps
from typing import TYPE_CHECKING, TypeVar

from trustpub.record import NamedTuple
from trustpub.workflows.tokens import WORDS, Failed, Token, tokens
from trustpub.workflows.tokens import Wrong as Wrong  # noqa: PLC0414 - part of what this module gives

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Tree = TypeVar("_Tree")
MAX_DEPTH = 50
"""How deep an expression may nest: GitHub's own limit."""
MAX_LENGTH = 21_000
"""How long an expression may be: GitHub's own limit, in characters."""


class Literal(NamedTuple):
    """`'text'`, `1`, `true`, `null`. Numbers are floats, as GitHub has them."""

    value: str | float | bool | None
    start: int
    end: int = 0


class Context(NamedTuple):
    """The root of a dereference: `github`, `inputs`, `needs`."""

    name: str
    start: int
    end: int = 0


class Member(NamedTuple):
    """`base.name` and `base['name']`; `key` is an expression."""

    base: Expression
    key: Expression
    start: int
    end: int = 0


class Each(NamedTuple):
    """`base.*` or `base[*]`: every value of a list or a map."""

    base: Expression
    start: int
    end: int = 0


class Call(NamedTuple):
    """A function call; the name is in lower case, as GitHub compares it without case."""

    name: str
    arguments: tuple[Expression, ...]
    start: int
    end: int = 0


class Not(NamedTuple):
    """`!operand`."""

    operand: Expression
    start: int
    end: int = 0


class Logic(NamedTuple):
    """`a && b && c` or `a || b || c`: flat, because GitHub does not count these as depth."""

    operator: str
    operands: tuple[Expression, ...]
    start: int
    end: int = 0


class Comparison(NamedTuple):
    """`==`, `!=`, `<`, `<=`, `>`, `>=`."""

    operator: str
    left: Expression
    right: Expression
    start: int
    end: int = 0


Expression = Literal | Context | Member | Each | Call | Not | Logic | Comparison


class Template(NamedTuple):
    """A scalar's text in pieces: literal text and expressions by turns. Pieces of expressions that are `Wrong` stay in place.

    `starts` says where each piece's own text begins in the scalar's: the places inside an expression count from there.
    """

    parts: tuple[str | Expression | Wrong, ...]
    starts: tuple[int, ...] = ()

    @property
    def only(self) -> Expression | Wrong | None:
        """The single expression that the whole text is, or None."""
        if len(self.parts) == 1 and not isinstance(self.parts[0], str):
            return self.parts[0]
        return None

    @property
    def static(self) -> str | None:
        """The text when it holds no expression, else None."""
        if not self.parts:
            return ""
        return self.parts[0] if len(self.parts) == 1 and isinstance(self.parts[0], str) else None


_BINDING = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}
_NOT_BINDING = 5
_MANY = 1 << 30
ARITIES = {
    "contains": (2, 2),
    "startswith": (2, 2),
    "endswith": (2, 2),
    "format": (1, 255),
    "join": (1, 2),
    "tojson": (1, 1),
    "fromjson": (1, 1),
    "case": (3, _MANY),
    "hashfiles": (1, 255),
    "always": (0, 0),
    "cancelled": (0, 0),
    "success": (0, _MANY),
    "failure": (0, _MANY),
}
"""Every function that GitHub knows, with its least and most arguments. Names are compared without case."""


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens = list(tokens(text))
        self.position = 0
        self.depth = 0
        self.depths: dict[int, int] = {}
        self.nodes: list[Expression] = []  # keeps every id of `depths` alive

    def parse(self) -> Expression:
        if self.peek.kind == "end":
            return Literal(None, 0, self.peek.end)
        result = self.expression(0)
        if self.peek.kind != "end":
            raise Failed(Wrong(f"`{self.peek.text}` does not belong here", self.peek.start, self.peek.end))
        return result

    @property
    def peek(self) -> Token:
        return self.tokens[self.position]

    @property
    def end(self) -> int:
        """Where the token ends that was taken last."""
        return self.tokens[max(self.position - 1, 0)].end

    def at(self, operator: str) -> bool:
        return self.peek.kind == "operator" and self.peek.text == operator

    def take(self) -> Token:
        token = self.peek
        if token.kind != "end":
            self.position += 1
        return token

    def expect(self, text: str) -> None:
        token = self.take()
        if token.kind != "operator" or token.text != text:
            found = f"`{token.text}`" if token.text else "the end"
            raise Failed(Wrong(f"`{text}` is missing before {found}", token.start, token.end))

    def expression(self, binding: int) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.too_deep(self.peek.start)
        left = self.prefix()
        while self.peek.kind == "operator" and _BINDING.get(self.peek.text, 0) > binding:
            left = self.infix(left, self.take())
        self.depth -= 1
        return left

    def too_deep(self, start: int) -> Failed:
        return Failed(Wrong(f"nested deeper than {MAX_DEPTH} levels", start, self.peek.end))

    def infix(self, left: Expression, token: Token) -> Expression:
        right = self.expression(_BINDING[token.text])
        if token.text not in ("&&", "||"):
            return self.made(Comparison(token.text, left, right, left.start, self.end))
        operands = [left, right]
        while self.at(token.text):
            self.take()
            operands.append(self.expression(_BINDING[token.text]))
        return self.made(Logic(token.text, tuple(operands), left.start, self.end))

    def made(self, node: Expression) -> Expression:
        """Refuse a tree that is deeper than GitHub allows, however it got so deep; whoever walks a tree may then recurse."""
        depth = 1 + max((self.depths.get(id(child), 1) for child in _children(node)), default=0)
        if depth > MAX_DEPTH:
            raise self.too_deep(node.start)
        self.depths[id(node)] = depth
        self.nodes.append(node)
        return node

    def prefix(self) -> Expression:
        token = self.take()
        if token.kind == "literal":
            return Literal(token.value, token.start, token.end)
        if token.kind == "name":
            return self.members(self.call(token) if self.at("(") else Context(token.text, token.start, token.end))
        if token.kind == "operator" and token.text == "!":
            return self.made(Not(self.expression(_NOT_BINDING), token.start, self.end))
        if token.kind == "operator" and token.text == "(":
            inner = self.expression(0)
            self.expect(")")
            return self.members(inner._replace(start=token.start, end=self.end))
        why = f"`{token.text}` does not belong here" if token.text else "the expression ends too early"
        raise Failed(Wrong(why, token.start, token.end))

    def call(self, name: Token) -> Expression:
        self.expect("(")
        arguments: list[Expression] = []
        while not self.at(")"):
            if arguments:
                self.expect(",")
            arguments.append(self.expression(0))
        self.expect(")")
        wrong = _arity(name, len(arguments))
        if wrong is not None:
            raise Failed(wrong)
        return self.made(Call(name.text.lower(), tuple(arguments), name.start, self.end))

    def members(self, base: Expression) -> Expression:
        while self.at(".") or self.at("["):
            base = self.made(self.dotted(base) if self.take().text == "." else self.bracketed(base))
        return base

    def dotted(self, base: Expression) -> Expression:
        token = self.take()
        if token.kind == "operator" and token.text == "*":
            return Each(base, base.start, token.end)
        if token.kind == "name" or (token.kind == "literal" and token.text in _NAMES):
            return Member(base, Literal(token.text, token.start, token.end), base.start, token.end)
        raise Failed(Wrong("a name is missing after `.`", token.start, token.end))

    def bracketed(self, base: Expression) -> Expression:
        if self.at("*"):
            self.take()
            self.expect("]")
            return Each(base, base.start, self.end)
        key = self.expression(0)
        self.expect("]")
        return Member(base, key, base.start, self.end)


_NAMES = frozenset((*WORDS, "NaN", "Infinity"))


def _arity(name: Token, given: int) -> Wrong | None:
    least, most = ARITIES.get(name.text.lower(), (-1, 0))
    if least < 0:
        return Wrong(f"there is no function `{name.text}`", name.start, name.end)
    if least <= given <= most and (name.text.lower() != "case" or given % 2):
        return None
    wanted = "an odd number of" if least <= given <= most else f"at least {least}" if given < least else f"at most {most}"
    return Wrong(f"`{name.text}` takes {wanted} arguments, here it has {given}", name.start, name.end)


def _remembered(function: Callable[[str], _Tree]) -> Callable[[str], _Tree]:
    """Keep what came of short texts: the same few are asked for in every example run. Long ones would fill the memory."""
    known = lru_cache(maxsize=4096)(function)

    @wraps(function)
    def remembering(text: str) -> _Tree:
        return known(text) if len(text) < 1000 else function(text)

    return remembering


@_remembered
def parse(text: str) -> Expression | Wrong:
    """Parse one expression (without `${{ }}`). An empty one is null."""
    if len(text) > MAX_LENGTH:
        return Wrong(f"longer than {MAX_LENGTH} characters", 0, len(text))
    try:
        return _Parser(text).parse()
    except Failed as failed:
        return failed.wrong


@_remembered
def template(text: str) -> Template:
    """Split a scalar's text into literal pieces and expressions. Starts inside an expression count from its own text."""
    parts: list[str | Expression | Wrong] = []
    starts: list[int] = []
    index = 0
    while (opening := text.find("${{", index)) >= 0:
        if opening > index:
            parts.append(text[index:opening])
            starts.append(index)
        closing = _closing(text, opening + 3)
        if closing < 0:
            parts.append(Wrong("`${{` without its `}}`", opening, len(text)))
            return Template(tuple(parts), (*starts, 0))
        inner = text[opening + 3 : closing]
        parts.append(parse(inner) if inner.strip() else Wrong("an expression is missing in `${{ }}`", 0, len(inner)))
        starts.append(opening + 3)
        index = closing + 2
    if index < len(text):
        parts.append(text[index:])
        starts.append(index)
    return Template(tuple(parts), tuple(starts))


def _closing(text: str, start: int) -> int:
    """Find the `}}` that ends an expression: the first one outside of quotes; -1 when there is none."""
    end = text.find("}}", start)
    while end >= 0:
        quote = text.find("'", start, end)
        if quote < 0:
            return end
        start = text.find("'", quote + 1) + 1
        if not start:
            return -1
        end = end if end >= start else text.find("}}", start)
    return -1


@_remembered
def condition(text: str) -> Expression | Wrong:
    """Parse an `if:`. Bare text is one expression; text around `${{ }}` makes a text, and a text that is not empty is true.

    `${{ a }} && ${{ b }}` is therefore always true, and so is a block whose last line break follows `}}`: GitHub's well-known
    traps, kept as they are.
    """
    pieces = template(text if "${{" in text else text.strip())
    if pieces.static is not None:
        return parse(pieces.static) if pieces.static else Call("success", (), 0, 0)
    if pieces.only is not None:
        return pieces.only
    broken = next((part for part in pieces.parts if isinstance(part, Wrong)), None)
    return broken or Literal(text, 0, len(text))


def condition_start(text: str) -> int:
    """Say where in the text of an `if:` the places of its tree count from: behind white space and `${{`."""
    pieces = template(text.strip())
    return len(text) - len(text.lstrip()) + (pieces.starts[0] if pieces.only is not None else 0)


def walk(node: Expression) -> Iterator[Expression]:
    """Yield a node and everything below it."""
    waiting: list[Expression] = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(_children(node))))


def _children(node: Expression) -> Iterator[Expression]:
    if isinstance(node, Member):
        yield from (node.base, node.key)
    elif isinstance(node, Each):
        yield node.base
    elif isinstance(node, Call):
        yield from node.arguments
    elif isinstance(node, Not):
        yield node.operand
    elif isinstance(node, Logic):
        yield from node.operands
    elif isinstance(node, Comparison):
        yield from (node.left, node.right)


def path_of(node: Expression) -> str | None:
    """Return the dotted path of a plain dereference, such as `github.event.action`, in lower case; None for anything else."""
    names: list[str] = []
    while isinstance(node, Member):
        if not isinstance(node.key, Literal) or not isinstance(node.key.value, str):
            return None
        names.append(node.key.value)
        node = node.base
    return ".".join([node.name, *reversed(names)]).lower() if isinstance(node, Context) else None
