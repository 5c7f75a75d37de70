"""YAML as GitHub reads it, with the place of every word.

Built from libyaml's events, because nothing faster gives true places and nothing else keeps the place of an alias. The types of
plain words are YAML 1.2's core schema, as GitHub's reader has them: `on` is a word, `1:30` is a word, `yes` is a word.
Mirrors: actions/runner src/Sdk/WorkflowParser (YAML objects: core schema, one document, duplicate keys refused, bounded depth).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

from trustpub.errors import BrokenFile

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 50
"""How deep a workflow file may nest: GitHub's own limit."""
MAX_BYTES = 1 << 20
"""How large a workflow file may be: GitHub's own limit."""
MAX_NODES = 500_000
"""How many nodes a file may hold once its aliases are written out: a 1 MiB file has far fewer, an alias bomb has more."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml when PyYAML was built with it, else the pure parser: the same events, twelve times slower."""

BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


class Place(NamedTuple):
    """A line and a column, both from 1, the column in code points."""

    line: int
    column: int


class Scalar(NamedTuple):
    """One word of the file. `style` is empty for a plain one, else its quote or block sign; `tag` only when one was written."""

    value: str
    style: str
    start: int
    end: int
    tag: str | None = None


class Entry(NamedTuple):
    """One `key: value` of a map."""

    key: Scalar
    value: Node


class Map(NamedTuple):
    """A map in the order of the file, duplicate keys included (the first one wins in `get`)."""

    entries: tuple[Entry, ...]
    start: int
    end: int

    def get(self, key: str) -> Node | None:
        """Return the value of `key`, or None."""
        for entry in self.entries:
            if entry.key.value == key:
                return entry.value
        return None

    def items(self) -> Iterator[tuple[str, Node]]:
        """Yield the keys' text and the values."""
        for entry in self.entries:
            yield entry.key.value, entry.value


class Sequence(NamedTuple):
    """A list in the order of the file."""

    items: tuple[Node, ...]
    start: int
    end: int


Node = Scalar | Map | Sequence
Plain = str | int | float | bool | None


class Duplicate(NamedTuple):
    """A key that stands twice in one map. GitHub refuses such a file."""

    key: Scalar
    first: Scalar


class Source:
    """The text of one file and where its lines are. Indexes count code points after the byte order mark, if there is one."""

    __slots__ = ("_lines", "bom", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.bom = text.startswith(BOM)
        self.text = text[1:] if self.bom else text
        self._lines: list[int] | None = None

    def place(self, index: int) -> Place:
        """Say the line and column of an index. Only a line feed ends a line here, as in editors and in GitHub's views."""
        if self._lines is None:
            self._lines = [0, *(match.end() for match in re.finditer("\n", self.text))]
        line = bisect_right(self._lines, index)
        return Place(line, index - self._lines[line - 1] + 1)

    def line(self, number: int) -> str:
        """Return the text of a line (from 1) without its end."""
        self.place(0)
        lines = self._lines or [0]
        end = lines[number] - 1 if number < len(lines) else len(self.text)
        return self.text[lines[number - 1] : end].rstrip("\r")

    def broken(self, index: int, why: str, next_step: str = "") -> BrokenFile:
        """Build the error that points at an index, with the line itself."""
        line, column = self.place(min(index, len(self.text)))
        text = shown(self.line(line))[: column + 80]
        return BrokenFile(self.path, why, line=line, column=column, text=text, next_step=next_step)


def shown(text: str) -> str:
    """Make a piece of a stranger's file fit to print: a column a character, no control characters (they can drive a terminal)."""
    return "".join(char if char.isprintable() else " " if char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


class Document(NamedTuple):
    """One parsed file: its text, its root (None when the file is empty), and its duplicate keys."""

    source: Source
    root: Node | None
    duplicates: tuple[Duplicate, ...]


_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ODD_FLOAT = re.compile(r"([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


def plain_value(node: Scalar) -> Plain:
    """Return what a word means: only a plain one without a tag can be anything but text."""
    text = node.value
    if node.style or node.tag is not None:
        return text
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _INT.fullmatch(text):
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _ODD_FLOAT.fullmatch(text):
        return float(text.replace(".", "", 1))
    return text


def parse(data: bytes, path: str) -> Document:
    """Read one file. Raises `BrokenFile` with the line itself where it is not the YAML that GitHub accepts."""
    source = Source(path, _decode(data, path))
    return _Builder(source).build()


def _decode(data: bytes, path: str) -> str:
    if len(data) > MAX_BYTES:
        raise BrokenFile(path, f"the file has {len(data)} bytes, GitHub reads at most {MAX_BYTES}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        before = data[: problem.start].decode("utf-8")
        line, column = Source(path, before).place(len(before))
        text = shown(before.rsplit("\n", 1)[-1])
        raise BrokenFile(path, "not UTF-8 text", line=line, column=column, text=text) from None


def place_in(source: Source, node: Scalar, offset: int) -> int:
    """Find the index in the file of a character of a scalar's value.

    Exact for block scalars that keep their lines (`|`) and for words that stand as they are; else the scalar's own start.
    """
    if node.style == "|":
        return _place_in_block(source.text, node, offset)
    start = node.start + (1 if node.style in ("'", '"') else 0)
    return start + offset if source.text.startswith(node.value, start) else node.start


def _place_in_block(text: str, node: Scalar, offset: int) -> int:
    before = node.value[:offset]
    line_number, column = before.count("\n"), offset - (before.rfind("\n") + 1)
    index = text.find("\n", node.start) + 1
    lines = node.value.split("\n")
    first = next((line for line in lines if line.strip()), "")
    raw = text[index:].split("\n", len(lines))
    indent = next((len(line.rstrip("\r")) - len(first) for line in raw if line.strip() and line.rstrip("\r").endswith(first)), 0)
    return min(index + sum(len(line) + 1 for line in raw[:line_number]) + max(indent, 0) + column, node.end)


class _Open:
    """A container whose end has not been seen yet."""

    __slots__ = ("anchor", "children", "flow", "is_map", "start", "weight")

    def __init__(self, is_map: bool, anchor: str | None, start: int, flow: bool) -> None:
        self.is_map = is_map
        self.anchor = anchor
        self.start = start
        self.flow = flow
        self.children: list[Node] = []
        self.weight = 1


class _Builder:
    """Turns events into nodes with a stack of its own: a deep file is refused, never a deep recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: Node | None = None
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.duplicates: list[Duplicate] = []
        self.documents = 0

    def build(self) -> Document:
        try:
            for event in yaml.parse(self.source.text, Loader=_LOADER):
                self._take(event)
        except ReaderError as problem:
            index = _reader_index(problem, self.source.text)
            raise self.source.broken(index, str(problem.reason)) from None
        except yaml.MarkedYAMLError as problem:
            raise _syntax(self.source, problem) from None
        return Document(self.source, self.root, tuple(self.duplicates))

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, ScalarEvent):
            tag = None if event.implicit[0] or event.implicit[1] else event.tag
            end = _end(event)
            if event.style in ("|", ">"):
                end = _trimmed(self.source.text, _start(event), end)
            node = Scalar(event.value, event.style or "", _start(event), end, tag)
            self._add(node, 1, event.anchor)
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._open(event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._close(_end(event))
        elif isinstance(event, AliasEvent):
            self._alias(event)
        elif isinstance(event, DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self.source.broken(_start(event), "a second YAML document starts here, GitHub reads one")

    def _open(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        start = _start(event)
        if len(self.stack) >= MAX_DEPTH:
            raise self.source.broken(start, f"nested deeper than {MAX_DEPTH} levels")
        self.stack.append(_Open(isinstance(event, MappingStartEvent), event.anchor, start, bool(event.flow_style)))
        if event.anchor is not None:
            self.anchors.pop(event.anchor, None)

    def _close(self, end: int) -> None:
        done = self.stack.pop()
        if not done.flow:
            end = done.children[-1].end if done.children else done.start
        node: Node
        if done.is_map:
            node = Map(tuple(self._entries(done.children)), done.start, end)
            self._note_duplicates(node)
        else:
            node = Sequence(tuple(done.children), done.start, end)
        self._add(node, done.weight, done.anchor)

    def _entries(self, children: list[Node]) -> Iterator[Entry]:
        pairs = iter(children)
        for key, value in zip(pairs, pairs, strict=True):
            if not isinstance(key, Scalar):
                raise self.source.broken(key.start, "a key must be one word, not a list or a map")
            yield Entry(key, value)

    def _note_duplicates(self, node: Map) -> None:
        seen: dict[str, Scalar] = {}
        for entry in node.entries:
            first = seen.setdefault(entry.key.value, entry.key)
            if first is not entry.key:
                self.duplicates.append(Duplicate(entry.key, first))

    def _alias(self, event: AliasEvent) -> None:
        start, end = _start(event), _end(event)
        if event.anchor not in self.anchors:
            why = f"`*{event.anchor}` stands for nothing: no complete `&{event.anchor}` comes before it"
            raise self.source.broken(start, why)
        node, weight = self.anchors[event.anchor]
        self._add(node._replace(start=start, end=end), weight, None)

    def _add(self, node: Node, weight: int, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = (node, weight)
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.children.append(node)
        top.weight += weight
        if top.weight > MAX_NODES:
            raise self.source.broken(node.start, f"aliases make this more than {MAX_NODES} nodes")


def _trimmed(text: str, start: int, end: int) -> int:
    """Take the blank lines off the end of a block scalar: libyaml counts them in."""
    while end > start and text[end - 1] in " \r\n":
        end -= 1
    return end


def _start(event: yaml.Event) -> int:
    return event.start_mark.index if event.start_mark is not None else 0


def _end(event: yaml.Event) -> int:
    return event.end_mark.index if event.end_mark is not None else 0


def _reader_index(problem: ReaderError, text: str) -> int:
    """Find the character that may not stand in YAML: libyaml counts bytes, the pure reader code points."""
    wrong = problem.character
    return max(text.find(chr(wrong) if isinstance(wrong, int) else str(wrong)), 0)


def _syntax(source: Source, problem: yaml.MarkedYAMLError) -> BrokenFile:
    mark = problem.problem_mark or problem.context_mark
    index = mark.index if mark is not None else 0
    why = str(problem.problem or problem.context or "not YAML")
    next_step = ""
    if "scanning an alias" in str(problem.context):
        next_step = "A leading `*` starts a YAML alias: put the pattern in quotes"
    elif "tab" in why:
        next_step = "Indent with spaces"
    return source.broken(index, why, next_step)
