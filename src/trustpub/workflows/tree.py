"""Turning YAML's events into nodes with true places.

Apart from `source`, because importing the YAML library costs more than many a check: who reads nothing does not load it.
"""

from __future__ import annotations

from itertools import repeat
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

from trustpub.pattern import lazy_pattern
from trustpub.workflows.source import MAX_DEPTH, MAX_NODES, Document, Duplicate, Entry, Map, Scalar, Sequence

if TYPE_CHECKING:
    from trustpub.errors import BrokenFile
    from trustpub.workflows.source import Node, Source

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml when PyYAML was built with it, else the pure parser: the same events, twelve times slower."""
_BLOCKS = ("|", ">")
_PROPERTIES = lazy_pattern(r"(?:(?:!<[^>\s]*>|![^\s,\[\]{}]*|&[A-Za-z0-9_-]*)(?:\s+(?:#[^\n]*\s*)*|$|(?=[?:,\]}%@`])))+")
"""Anchors and tags before a node; an anchor ends at the first sign that libyaml does not take into its name."""


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


_new = tuple.__new__  # the nodes' own constructor, without the call that sorts its arguments
_Open = tuple["list[Node]", int, "str | None", bool, int]
"""A container whose end has not been seen yet: what its parent holds so far, its start, its anchor, whether it is written in
brackets, and how many nodes came before it.
"""


class _Builder:
    """Keeps a stack of its own: a deep file is refused, never a deep recursion."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.roots: list[Node] = []
        self.anchors: dict[str, tuple[Node, int]] = {}
        self.anchored: list[int] = []
        self.duplicates: list[Duplicate] = []
        self.tagged: list[Scalar] = []
        self.merges: list[Scalar] = []
        self.documents = 0
        self.nodes = 0  # below the containers that are closed, aliases written out

    def document(self) -> Document:
        marks = tuple(self.tagged), tuple(self.merges), tuple(self.anchored)
        return Document(self.source, self.roots[0] if self.roots else None, tuple(self.duplicates), *marks)

    def read(self) -> None:
        """Take every event. Words first and in line: they are two thirds of all events, and this loop is most of the time."""
        text = self.source.text
        event_of = _LOADER(text).get_event
        no_signs = "! " not in text and "!\t" not in text and "!\n" not in text  # the parser drops a lone one without a tag
        stack: list[_Open] = []
        children = self.roots
        while True:
            event = event_of()
            kind = type(event)
            if kind is ScalarEvent:
                style, start = event.style, event.start_mark.index
                bare = event.tag is None and event.anchor is None and style not in _BLOCKS
                if bare and (no_signs or style or text[start : start + 1] != "!"):
                    children.append(_new(Scalar, (event.value, style, start, event.end_mark.index, None)))
                else:
                    children.append(self.word(event))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                stack.append((children, self.start(event, len(stack)), event.anchor, event.flow_style, self.nodes))
                children = []
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                parent, start, anchor, flow, before = stack.pop()
                end = event.end_mark.index if flow else children[-1].end if children else start
                self.nodes += len(children)
                if kind is MappingEndEvent:
                    parent.append(self.map(children, start, end))
                else:
                    parent.append(_new(Sequence, (tuple(children), start, end)))
                if anchor is not None:
                    self.anchor(anchor, parent[-1], self.nodes - before + 1)
                children = parent
            elif kind is AliasEvent:
                children.append(self.alias(event))
            elif kind is DocumentStartEvent:
                self.document_starts(event)
            elif kind is StreamEndEvent:
                return

    def document_starts(self, event: DocumentStartEvent) -> None:
        self.documents += 1
        if self.documents > 1:
            raise self.source.broken(_start(event), "a second YAML document starts here, GitHub reads one")

    def start(self, event: MappingStartEvent | SequenceStartEvent, depth: int) -> int:
        """Return where a container starts; an anchor of this name stands for nothing until it ends."""
        start = _start(event)
        if depth >= MAX_DEPTH:
            raise self.source.broken(start, f"nested deeper than {MAX_DEPTH} levels")
        if event.anchor is None and event.tag is None:
            return start
        self.anchors.pop(event.anchor or "", None)
        return _after_properties(self.source.text, start, len(self.source.text))

    def word(self, event: ScalarEvent) -> Scalar:
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
        if event.anchor is not None:
            self.anchor(event.anchor, node, 1)
        return node

    def map(self, children: list[Node], start: int, end: int) -> Map:
        """Pair keys and values. Keys are the same when they differ in case only: GitHub refuses both."""
        keys = children[::2]
        names = [key.value for key in keys if type(key) is Scalar]
        if len(names) < len(keys):
            wrong = next(key for key in keys if type(key) is not Scalar)
            raise self.source.broken(wrong.start, "a key must be one word, not a list or a map")
        node = Map(tuple(map(_new, repeat(Entry), zip(keys, children[1::2], strict=True))), start, end)
        words = set(map(str.upper, names))
        if len(words) < len(keys):
            self.note_duplicates(node)
        if "<<" in words:
            self.merges += [entry.key for entry in node.entries if entry.key.value == "<<" and not entry.key.style]
        return node

    def note_duplicates(self, node: Map) -> None:
        seen: dict[str, Scalar] = {}
        for entry in node.entries:
            first = seen.setdefault(entry.key.value.upper(), entry.key)
            if first is not entry.key and entry.key.value:
                self.duplicates.append(Duplicate(entry.key, first))

    def alias(self, event: AliasEvent) -> Node:
        start, end = _start(event), _end(event)
        if event.anchor not in self.anchors:
            why = f"`*{event.anchor}` stands for nothing: no complete `&{event.anchor}` comes before it"
            raise self.source.broken(start, why)
        node, weight = self.anchors[event.anchor]
        self.nodes += weight - 1
        if self.nodes > MAX_NODES:
            raise self.source.broken(start, f"aliases make this more than {MAX_NODES} nodes")
        return node._replace(start=start, end=end)

    def anchor(self, name: str, node: Node, weight: int) -> None:
        self.anchors[name] = (node, weight)
        self.anchored.append(node.start)


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
    elif "\t" in source.text[source.text.rfind("\n", 0, index + 1) + 1 : index + 1]:
        next_step = "YAML allows no tab here: indent with spaces"
    return source.broken(index, why, next_step)
