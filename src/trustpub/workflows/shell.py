"""Shell scripts cut into simple commands: enough to find an upload and its options, and no more.

Quotes, comments, continuation lines, here-documents, and `${{ }}` (which may hold anything) are understood; control flow is not
run, only stepped over, and what stands in a substitution is cut into commands too. What a word cannot be known to be stays in it
as it was written (`$VERSION`). PowerShell and cmd are read by the same rules, as far as simple commands look the same there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EXPRESSION = lazy_pattern(r"\$\{\{(?:[^'}]|'(?:[^']|'')*+'|}(?!}))*+}}")
_SPACE = lazy_pattern(r"(?:[ \t\r]|[\\`^]\r?\n)+")
_END = lazy_pattern(r"&&|\|\||;;|[;|&\n()]")
_PLAIN = lazy_pattern(r"[^\s'\"\\$;|&()<>`^]+")
_HERE = lazy_pattern(r"<<-?\s*(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\1")
_REDIRECT = lazy_pattern(r"[0-9]*(?:>>|>&|<&|[<>])\s*")
_BACKTICKS = lazy_pattern(r"`([^`\n]*)`")
KEYWORDS = frozenset(
    ("if", "then", "else", "elif", "do", "while", "until", "!", "{", "}", "time", "exec", "sudo", "env", "command", "nohup")
)
"""Words that stand before a command without changing what it is."""
_ASSIGNMENT = lazy_pattern(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)
_POWERSHELL = lazy_pattern(r"\$env:([A-Za-z_][A-Za-z0-9_]*)(?:=(.*))?", re.DOTALL | re.IGNORECASE)
MOST_TEXT = 10_000
"""How long a text may get by variables that are put into it: a few lines could double one for ever."""
MOST_NESTED = 8
"""How deep substitutions in substitutions are looked into."""


class Word(NamedTuple):
    """One word with its quotes taken off, and where it begins in the script. `raw` words in single quotes expand nothing.

    `inside` are the places of the scripts in it that a substitution runs: `$(...)` and backticks.
    """

    text: str
    start: int
    raw: bool = False
    inside: tuple[tuple[int, int], ...] = ()


class Command(NamedTuple):
    """One simple command: the variables set for it, its words, and the file that it writes to, if it says one.

    `document` is the text of its here-document.
    """

    variables: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    start: int
    into: Word | None = None
    document: str = ""


def commands(script: str) -> Iterator[Command]:
    """Yield the simple commands of a script in order, whatever `if`, loop or function they stand in."""
    return _Cutter(script).commands()


def all_commands(script: str, depth: int = 0) -> Iterator[Command]:
    """Yield the simple commands of a script, and before each those that its substitutions run."""
    for command in commands(script):
        words = (*(word for _, word in command.variables), *command.words)
        for start, end in (place for word in words for place in word.inside):
            if depth < MOST_NESTED:
                yield from (_moved(inner, start) for inner in all_commands(script[start:end], depth + 1))
        yield command


def _moved(command: Command, by: int) -> Command:
    words = tuple(word._replace(start=word.start + by) for word in command.words)
    return command._replace(words=words, start=command.start + by)


class _Cutter:
    def __init__(self, script: str) -> None:
        self.script = script
        self.words: list[Word] = []
        self.into: Word | None = None
        self.marks: list[str] = []

    def commands(self) -> Iterator[Command]:
        script, index = self.script, 0
        while index < len(script):
            if match := _SPACE.match(script, index):
                index = match.end()
            elif script[index] == "#":
                index = _line_end(script, index)
            elif match := _HERE.match(script, index):
                self.marks.append(match[2])
                index = match.end()
            elif match := _REDIRECT.match(script, index):
                self.into, index = _word(script, match.end())
            elif match := _END.match(script, index):
                index = match.end()
                document, index = self.after_documents(index) if match[0] == "\n" and self.marks else ("", index)
                yield from self.command(document)
            else:
                word, index = _word(script, index)
                self.words.append(word)
        yield from self.command("")

    def command(self, document: str) -> Iterator[Command]:
        variables: list[tuple[str, Word]] = []
        words, into = self.words, self.into
        self.words, self.into = [], None
        rest = list(words)
        while rest:
            match = _ASSIGNMENT.fullmatch(rest[0].text)
            if match is not None:
                variables.append((match[1], rest[0]._replace(text=match[2])))
            elif rest[0].text not in KEYWORDS:
                break
            rest.pop(0)
        power = _POWERSHELL.fullmatch(rest[0].text) if rest and rest[0].text[:1] == "$" else None
        if power is not None:  # `$env:NAME = "value"`
            value = rest[2:3] if len(rest) > 1 and rest[1].text == "=" else [rest[0]._replace(text=power[2] or "")]
            variables, rest = [(power[1], value[0])] if value else [], []
        if rest or variables:
            yield Command(tuple(variables), tuple(rest), (rest or words)[0].start, into, document)

    def after_documents(self, index: int) -> tuple[str, int]:
        """Step over the here-documents that were announced on the line before, and return the text of the first."""
        documents: list[str] = []
        for mark in self.marks:
            closing = re.compile(rf"^[ \t]*{mark}[ \t\r]*$", re.MULTILINE).search(self.script, index)
            documents.append(self.script[index : closing.start() if closing else len(self.script)])
            index = closing.end() if closing else len(self.script)
        self.marks = []
        return documents[0], index


def _line_end(script: str, index: int) -> int:
    end = script.find("\n", index)
    return end if end >= 0 else len(script)


def _word(script: str, index: int) -> tuple[Word, int]:
    start = index
    parts: list[str] = []
    inside: list[tuple[int, int]] = []
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
            text, index = _double_quoted(script, index + 1, inside)
            parts.append(text)
        elif char in "\\`^" and script.startswith(("\n", "\r\n"), index + 1):
            break
        elif char == "\\":
            parts.append(script[index + 1 : index + 2])
            index += 2
        elif char in "$`":
            text, index = _substitution(script, index, inside)
            parts.append(text)
        elif match := _PLAIN.match(script, index):
            parts.append(match[0])
            index = match.end()
        elif char == "^":
            parts.append(char)
            index += 1
        else:
            break
    return Word("".join(parts), start, raw, tuple(inside)), max(index, start + 1)


def _double_quoted(script: str, index: int, inside: list[tuple[int, int]]) -> tuple[str, int]:
    parts: list[str] = []
    while index < len(script) and script[index] != '"':
        if match := _EXPRESSION.match(script, index):
            parts.append(match[0])
            index = match.end()
        elif script[index] == "\\" and script[index + 1 : index + 2] in ('"', "\\", "$", "`", "\n"):
            parts.append(script[index + 1].replace("\n", ""))
            index += 2
        elif script.startswith("$(", index) or script[index] == "`":
            text, index = _substitution(script, index, inside)
            parts.append(text)
        else:
            parts.append(script[index])
            index += 1
    return "".join(parts), index + 1


def _substitution(script: str, index: int, inside: list[tuple[int, int]]) -> tuple[str, int]:
    """Take a substitution as it is written: `$(...)` with its brackets, `${...}`, backticks, or a bare `$`."""
    if match := _BACKTICKS.match(script, index):
        inside.append(match.span(1))
        return match[0], match.end()
    for opening, closing in (("$(", ")"), ("${", "}")):
        if script.startswith(opening, index):
            depth, end = 1, index + 2
            while end < len(script) and depth:
                depth += (script[end] == opening[1]) - (script[end] == closing)
                end += 1
            if opening == "$(" and not script.startswith("$((", index):
                inside.append((index + 2, end - 1 if not depth else end))
            return script[index:end], end
    return script[index], index + 1


_VARIABLE = lazy_pattern(
    r"\$(?:\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)\}|env:([A-Za-z_][A-Za-z0-9_]*)|(?!\{)([A-Za-z_][A-Za-z0-9_]*))"
)


def expand(word: Word, variables: Mapping[str, str]) -> str:
    """Put the known variables into a word; an unknown one stays as it is written."""
    return word.text if word.raw else filled(word.text, variables)


def filled(text: str, variables: Mapping[str, str]) -> str:
    """Put the known variables into a text: `$NAME`, `${NAME}`, `${NAME:-default}`, and PowerShell's `$env:NAME`."""
    if "$" not in text:
        return text

    def put(match: re.Match[str]) -> str:
        name = match[1] or match[2] or match[3]
        return variables[name] if name in variables else match[0]

    result = _VARIABLE.sub(put, text)
    return result if len(result) <= MOST_TEXT else text
