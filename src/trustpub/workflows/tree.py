"""Turning YAML's events into nodes with true places.

Apart from `source`, because importing the YAML library costs more than many a check: who reads nothing does not load it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.reader import ReaderError

from trustpub.workflows.source import MAX_DEPTH, MAX_NODES, Document, Duplicate, Entry, Map, Scalar, Sequence

if TYPE_CHECKING:
    from trustpub.errors import BrokenFile
    from trustpub.workflows.source import Node, Source

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml when PyYAML was built with it, else the pure parser: the same events, twelve times slower."""
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*(?:\s+|$))+")


def build(source: Source) -> Document:
    """Read a file's text into a tree. Raises `BrokenFile` where it is not the YAML that GitHub accepts."""
    builder = _Builder(source)
    try:
        builder.read()
    except ReaderError as problem:
        raise source.broken(_reader_index(problem, source.text), str(problem.reason)) from None
    except yaml.MarkedYAMLError as problem:
        raise _syntax(source, problem) from None
    return builder.document()


class _Open:
    """A container whose end has not been seen yet. `extra` counts the nodes below its children."""

    __slots__ = ("anchor", "children", "extra", "flow", "is_map", "start")

    def __init__(self, is_map: bool, anchor: str | None, start: int, flow: bool) -> None:
        self.is_map = is_map
        self.anchor = anchor
        self.start = start
        self.flow = flow
        self.children: list[Node] = []
        self.extra = 0


class _Builder:
    """Keeps a stack of its own: a deep file is refused, never a deep recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: Node | None = None
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.anchored: list[int] = []
        self.duplicates: list[Duplicate] = []
        self.tagged: list[Scalar] = []
        self.merges: list[Scalar] = []
        self.documents = 0

    def document(self) -> Document:
        marks = tuple(self.tagged), tuple(self.merges), tuple(self.anchored)
        return Document(self.source, self.root, tuple(self.duplicates), *marks)

    def read(self) -> None:
        """Take every event. Words first and in line: they are two thirds of all events, and this loop is most of the time."""
        text = self.source.text
        event_of = _LOADER(text).get_event
        children: list[Node] | None = None
        while True:
            event = event_of()
            kind = type(event)
            if kind is ScalarEvent:
                style = event.style
                start = event.start_mark.index
                bare = event.anchor is None and event.tag is None and style not in ("|", ">") and children is not None
                if bare and (style or text[start : start + 1] != "!"):
                    children.append(Scalar(event.value, style or "", start, event.end_mark.index))
                    continue
                self.word(event)
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                children = self.open(event, kind is MappingStartEvent)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                children = self.close(event.end_mark.index)
            elif kind is AliasEvent:
                self.alias(event)
            elif kind is DocumentStartEvent:
                self.start(event)
            elif kind is StreamEndEvent:
                return

    def start(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self.source.broken(_start(event), "a second YAML document starts here, GitHub reads one")

    def word(self, event: ScalarEvent) -> None:
        """Take a word that is more than its text: a block, an anchored or a tagged one, or a whole file."""
        text, style = self.source.text, event.style or ""
        start, end = _start(event), _end(event)
        written = not style and text[start : start + 1] == "!" and not event.value.startswith("!")
        tag = event.tag if event.tag is not None and not any(event.implicit) else "!" if written else None
        if event.anchor is not None or event.tag is not None or written:
            start = _after_properties(text, start, end)
        if style in ("|", ">"):
            end = _trimmed(text, start, end)
        node = Scalar(event.value, style, start, max(end, start), tag)
        if tag is not None:
            self.tagged.append(node)
        self.add(node, 1, event.anchor)

    def open(self, event: MappingStartEvent | SequenceStartEvent, is_map: bool) -> list[Node]:
        start = _start(event)
        if len(self.stack) >= MAX_DEPTH:
            raise self.source.broken(start, f"nested deeper than {MAX_DEPTH} levels")
        anchor = event.anchor
        if anchor is not None or event.tag is not None:
            start = _after_properties(self.source.text, start, len(self.source.text))
            self.anchors.pop(anchor or "", None)
        top = _Open(is_map, anchor, start, bool(event.flow_style))
        self.stack.append(top)
        return top.children

    def close(self, end: int) -> list[Node] | None:
        done = self.stack.pop()
        children = done.children
        if not done.flow:
            end = children[-1].end if children else done.start
        node: Node = self.map(done, end) if done.is_map else Sequence(tuple(children), done.start, end)
        self.add(node, 1 + len(children) + done.extra, done.anchor)
        return self.stack[-1].children if self.stack else None

    def map(self, done: _Open, end: int) -> Map:
        """Pair keys and values. Keys are the same when they differ in case only: GitHub refuses both."""
        entries: list[Entry] = []
        words = set()
        pairs = iter(done.children)
        for key in pairs:
            if type(key) is not Scalar:
                raise self.source.broken(key.start, "a key must be one word, not a list or a map")
            entries.append(Entry(key, next(pairs)))
            words.add(key.value.upper())
        node = Map(tuple(entries), done.start, end)
        if len(words) < len(entries):
            self.note_duplicates(node)
        if "<<" in words:
            self.merges += [entry.key for entry in entries if entry.key.value == "<<" and not entry.key.style]
        return node

    def note_duplicates(self, node: Map) -> None:
        seen: dict[str, Scalar] = {}
        for entry in node.entries:
            first = seen.setdefault(entry.key.value.upper(), entry.key)
            if first is not entry.key and entry.key.value:
                self.duplicates.append(Duplicate(entry.key, first))

    def alias(self, event: AliasEvent) -> None:
        start, end = _start(event), _end(event)
        if event.anchor not in self.anchors:
            why = f"`*{event.anchor}` stands for nothing: no complete `&{event.anchor}` comes before it"
            raise self.source.broken(start, why)
        node, weight = self.anchors[event.anchor]
        self.add(node._replace(start=start, end=end), weight, None)

    def add(self, node: Node, weight: int, anchor: str | None) -> None:
        if anchor is not None:
            self.anchors[anchor] = (node, weight)
            self.anchored.append(node.start)
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        top.children.append(node)
        top.extra += weight - 1
        if top.extra > MAX_NODES:
            raise self.source.broken(node.start, f"aliases make this more than {MAX_NODES} nodes")


def _after_properties(text: str, start: int, end: int) -> int:
    """Step over `&anchor` and `!tag`: a node starts with its own first character."""
    match = _PROPERTIES.match(text, start, end)
    return match.end() if match is not None else start


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
