"""Shell scripts cut into simple commands: enough to find an upload and its options, and no more.

Quotes, comments, continuation lines, here-documents, and `${{ }}` (which may hold anything) are understood; substitutions and
control flow are not run, only stepped over. What a word cannot be known to be stays in it as it was written (`$VERSION`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXPRESSION = re.compile(r"\$\{\{(?:[^'}]|'(?:[^']|'')*'|}(?!}))*}}")
_SPACE = re.compile(r"(?:[ \t\r]|[\\`]\r?\n)+")
_END = re.compile(r"&&|\|\||[;|&\n()]")
_PLAIN = re.compile(r"[^\s'\"\\$;|&()<>`]+")
_HERE = re.compile(r"<<-?\s*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\1")
_REDIRECT = re.compile(r"[0-9]*(?:>>|>&|<&|[<>])\s*")
KEYWORDS = frozenset(
    ("if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "time", "exec", "sudo", "env", "command")
)
"""Words that stand before a command without changing what it is."""
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


class Word(NamedTuple):
    """One word with its quotes taken off, and where it begins in the script. `raw` words in single quotes expand nothing."""

    text: str
    start: int
    raw: bool = False


class Command(NamedTuple):
    """One simple command: the variables set for it, and its words."""

    variables: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    start: int


def commands(script: str) -> Iterator[Command]:
    """Yield the simple commands of a script in order, whatever `if` or loop they stand in."""
    words: list[Word] = []
    index = 0
    documents: list[str] = []
    while index < len(script):
        if match := _SPACE.match(script, index):
            index = match.end()
        elif script[index] == "#":
            index = _line_end(script, index)
        elif match := _HERE.match(script, index):
            documents.append(match[2])
            index = match.end()
        elif match := _REDIRECT.match(script, index):
            _, index = _word(script, match.end())
        elif match := _END.match(script, index):
            yield from _command(words)
            words = []
            index = match.end()
            if match[0] == "\n" and documents:
                index = _after_documents(script, index, documents)
        else:
            word, index = _word(script, index)
            words.append(word)
    yield from _command(words)


def _command(words: list[Word]) -> Iterator[Command]:
    variables: list[tuple[str, Word]] = []
    rest = list(words)
    while rest:
        match = _ASSIGNMENT.fullmatch(rest[0].text)
        if match is not None:
            variables.append((match[1], Word(match[2], rest[0].start, rest[0].raw)))
        elif rest[0].text not in KEYWORDS:
            break
        rest.pop(0)
    if rest or variables:
        yield Command(tuple(variables), tuple(rest), (rest or words)[0].start)


def _line_end(script: str, index: int) -> int:
    end = script.find("\n", index)
    return end if end >= 0 else len(script)


def _after_documents(script: str, index: int, documents: list[str]) -> int:
    """Step over the here-documents that were announced on the line before."""
    while documents:
        mark = documents.pop(0)
        closing = re.compile(rf"^\t*{mark}[ \t\r]*$", re.MULTILINE).search(script, index)
        index = closing.end() if closing else len(script)
    return index


def _word(script: str, index: int) -> tuple[Word, int]:
    start = index
    parts: list[str] = []
    raw = False
    while index < len(script):
        char = script[index]
        if match := _EXPRESSION.match(script, index):
            parts.append(match[0])
            index = match.end()
        elif char == "'":
            end = script.find("'", index + 1)
            end = end if end >= 0 else len(script)
            parts.append(script[index + 1 : end])
            raw, index = True, end + 1
        elif char == '"':
            text, index = _double_quoted(script, index + 1)
            parts.append(text)
        elif char == "\\":
            if script.startswith(("\\\n", "\\\r\n"), index):
                break
            parts.append(script[index + 1 : index + 2])
            index += 2
        elif char == "$":
            text, index = _dollar(script, index)
            parts.append(text)
        elif char == "`":
            if script.startswith(("`\n", "`\r\n"), index):
                break
            parts.append(char)
            index += 1
        elif match := _PLAIN.match(script, index):
            parts.append(match[0])
            index = match.end()
        else:
            break
    return Word("".join(parts), start, raw), max(index, start + 1)


def _double_quoted(script: str, index: int) -> tuple[str, int]:
    parts: list[str] = []
    while index < len(script) and script[index] != '"':
        if match := _EXPRESSION.match(script, index):
            parts.append(match[0])
            index = match.end()
        elif script[index] == "\\" and script[index + 1 : index + 2] in ('"', "\\", "$", "`", "\n"):
            parts.append(script[index + 1].replace("\n", ""))
            index += 2
        else:
            parts.append(script[index])
            index += 1
    return "".join(parts), index + 1


def _dollar(script: str, index: int) -> tuple[str, int]:
    """Take a substitution as it is written: `$(...)` with its brackets, `${...}`, or a bare `$`."""
    for opening, closing in (("$(", ")"), ("${", "}")):
        if script.startswith(opening, index):
            depth, end = 1, index + 2
            while end < len(script) and depth:
                depth += (script[end] == opening[1]) - (script[end] == closing)
                end += 1
            return script[index:end], end
    return "$", index + 1


def expand(word: Word, variables: dict[str, str]) -> str:
    """Put the known variables into a word; an unknown one stays as it is written."""
    if word.raw or "$" not in word.text:
        return word.text

    def put(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return variables[name] if name in variables else match[0]

    return re.sub(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|(?!\{)([A-Za-z_][A-Za-z0-9_]*))", put, word.text)
