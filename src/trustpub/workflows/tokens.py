"""The words of GitHub's expressions: numbers, texts in single quotes, names, operators.

Mirrors: actions/languageservices expressions/src/lexer.ts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.source import whole

if TYPE_CHECKING:
    from collections.abc import Iterator


class Wrong(NamedTuple):
    """A text that is no expression, or one that cannot be evaluated: why, and from which index to which."""

    why: str
    start: int
    end: int = 0


class Token(NamedTuple):
    """One word, with what it means when it is a literal."""

    kind: str  # "literal", "name", "operator", "end"
    text: str
    value: str | float | bool | None
    start: int
    end: int


_TOKEN = re.compile(
    r"""\s*(?:
        (?P<number>(?:0x[0-9a-fA-F]+|0o[0-7]+|[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)(?![A-Za-z0-9_.+-])
          |(?:[-+]?Infinity|NaN)(?![A-Za-z0-9_-]))
      | '(?P<text>(?:[^']|'')*)'
      | (?P<name>[A-Za-z_][A-Za-z0-9_-]*)
      | (?P<operator>&&|\|\||==|!=|<=|>=|[!<>()\[\].,*])
      )""",
    re.VERBOSE,
)
WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}


def number(text: str) -> float:
    """Read a number as GitHub does: decimal, `0x`, `0o`, `Infinity`; anything else is not a number (NaN), empty is 0."""
    text = text.strip()
    if not text:
        return 0.0
    if re.fullmatch(r"0x[0-9a-fA-F]+|0o[0-7]+", text):
        return whole(text)
    if re.fullmatch(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?Infinity", text):
        return float(text)
    return float("nan")


class Failed(Exception):
    """Carries a `Wrong` out of the parser; it never leaves the parser."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.why)
        self.wrong = wrong


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of an expression and its end. Raises `Failed` where there is none."""
    index = 0
    end = len(text.rstrip())
    while index < end:
        match = _TOKEN.match(text, index)
        if match is None:
            start = index + len(text[index:]) - len(text[index:].lstrip())
            why = "a text without its closing `'`" if text[start] == "'" else f"`{text[start]}` does not belong here"
            raise Failed(Wrong("texts stand in single quotes" if text[start] == '"' else why, start, end))
        yield _token(match)
        index = match.end()
    yield Token("end", "", None, end, end)


def _token(match: re.Match[str]) -> Token:
    kind = match.lastgroup or ""
    start, end = match.span(kind)
    word = match[kind]
    if kind == "number":
        return Token("literal", word, number(word), start, end)
    if kind == "text":
        return Token("literal", word, word.replace("''", "'"), start - 1, end + 1)
    if kind == "name" and word in WORDS:
        return Token("literal", word, WORDS[word], start, end)
    return Token(kind, word, None, start, end)
