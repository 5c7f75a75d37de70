"""Comments of a file, and those among them that tell `check` to be silent: `# trustpub: ignore[CODE] why`.

YAML's own reader drops comments, so they are looked for in the gaps between words: never inside quotes, plain text or a block
text. In the lines of a `run:` a shell's comment counts too, for what stands in that very script.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.source import Map, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.source import Node, Source

MARK = "trustpub:"
"""What a file must hold to be looked at more closely."""


class Word(NamedTuple):
    """One word of a comment, such as a code, and its place in the file."""

    text: str
    start: int
    end: int


class Ignore(NamedTuple):
    """One `# trustpub: ignore[...]` in line `at`; `line` is the one that it speaks of: its own, or the one below the comments.

    `start` and `end` are those of the comment from its `#`; `alone` when nothing else stands in its line. `inside` is the place
    of the script that holds it, for a comment of the shell.
    """

    path: str
    start: int
    end: int
    at: int
    line: int
    codes: tuple[Word, ...]
    reason: str
    alone: bool
    inside: tuple[int, int] | None = None

    def covers(self, line: int, start: int) -> bool:
        """Say whether it speaks of what begins at an index and in a line."""
        return line == self.line and (self.inside is None or self.inside[0] <= start <= self.inside[1])


def comments(source: Source, root: Node | None) -> Iterator[tuple[int, int]]:
    """Yield where YAML's comments are, in order: from the `#` to the end of the line."""
    pattern = re.compile(r"(?<![^\s])#[^\n\r\x85\u2028\u2029]*")
    index = 0
    for start, end in [*_texts(source, root), (len(source.text), len(source.text))]:
        if "#" in source.text[index:start]:
            yield from (match.span() for match in pattern.finditer(source.text, index, start))
        index = end


def ignores(source: Source, root: Node | None) -> tuple[Ignore, ...]:
    """Read the comments that tell `check` to be silent. Without a tree (another kind of file, a broken one) by quotes alone."""
    if MARK not in source.text:
        return ()
    found: list[tuple[int, int, tuple[int, int] | None]]
    if root is None:
        found = [(start, end, None) for start, end in _unquoted(source.text, 0, len(source.text))]
    else:
        found = [(start, end, None) for start, end in comments(source, root)]
        found += [(*place, script) for script in _scripts(source, root) for place in _unquoted(source.text, *script)]
    return tuple(read for start, end, inside in sorted(found) if (read := _read(source, start, end, inside)) is not None)


def _texts(source: Source, root: Node | None) -> list[tuple[int, int]]:
    """List where words stand that may hold a `#`, in order; of a block text only what is below its first line."""
    found: list[tuple[int, int]] = []
    for word in _words(source, root):
        start = source.text.find("\n", word.start, word.end) if word.style in ("|", ">") else word.start
        if 0 <= start < word.end:
            found.append((start, word.end))
    return sorted(found)


def _words(source: Source, root: Node | None) -> Iterator[Scalar]:
    """Yield every word that stands in the file; what an alias repeats stands where its anchor is."""
    waiting = [root] if root is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            yield node
        elif source.text[node.start : node.start + 1] != "*":
            waiting += [part for entry in node.entries for part in entry] if isinstance(node, Map) else node.items


def _scripts(source: Source, root: Node) -> Iterator[tuple[int, int]]:
    """Yield the places of the lines of every `run: |`."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar) or source.text[node.start : node.start + 1] == "*":
            continue
        if isinstance(node, Map):
            for key, value in node.entries:
                if key.value == "run" and isinstance(value, Scalar) and value.style in ("|", ">"):
                    yield source.text.find("\n", value.start), value.end
            waiting += [entry.value for entry in node.entries]
        else:
            waiting += node.items


def _unquoted(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the comments of any language in which `#` begins one, as far as a single line can tell: quotes are stepped over."""
    pattern = re.compile(r"""\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|(?<![^\s])#[^\n\r]*""")
    for match in pattern.finditer(text, max(start, 0), end):
        if match[0].startswith("#"):
            yield match.span()


def _read(source: Source, start: int, end: int, inside: tuple[int, int] | None) -> Ignore | None:
    text = source.text
    match = re.compile(r"#[ \t]*trustpub:[ \t]*ignore\b[ \t]*(\[[^\]\n]*\]?)?[ \t]*([^\n]*)").search(text, start, end)
    if match is None:
        return None
    codes = tuple(_codes(text, *match.span(1))) if match[1] else ()
    line = source.place(start).line
    alone = not text[text.rfind("\n", 0, start) + 1 : match.start()].strip()
    reason = re.split(r"\s#", f" {match[2]}", maxsplit=1)[0].strip(" \t\r:,;-–—")  # noqa: RUF001 - dashes that people write
    return Ignore(
        path=source.path,
        start=match.start(),
        end=match.end() - (len(match[0]) - len(match[0].rstrip())),
        at=line,
        line=_below(source, line) if alone else line,
        codes=codes,
        reason=reason if any(char.isalnum() for char in reason) else "",
        alone=alone,
        inside=inside,
    )


def _codes(text: str, start: int, end: int) -> Iterator[Word]:
    for match in re.compile(r"[^\s,\[\]]+").finditer(text, start, end):
        yield Word(match[0], *match.span())


def _below(source: Source, line: int) -> int:
    """Find the line below a comment and the comments that follow it without a gap."""
    last = source.text.count("\n") + 1
    line += 1
    while line < last and source.line(line).lstrip().startswith("#"):
        line += 1
    return line
