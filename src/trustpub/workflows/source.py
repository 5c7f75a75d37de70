"""YAML as GitHub reads it, with the place of every word.

Built from libyaml's events, because nothing faster gives true places and nothing else keeps the place of an alias. The types of
plain words are YAML 1.2's core schema, as GitHub's reader has them: `on` is a word, `1:30` is a word, `yes` is a word.
Mirrors: actions/runner src/Sdk/WorkflowParser (YAML objects: core schema, one document, duplicate keys refused, bounded depth).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from math import isinf, isnan
from typing import TYPE_CHECKING

from trustpub.errors import BrokenFile
from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.workflows.placing import place_in as place_in  # noqa: PLC0414 - who reads a source asks it for places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.placing import Alignment

MAX_DEPTH = 50
"""How deep a workflow file may nest: GitHub's own limit."""
MAX_BYTES = 1 << 20
"""How large a workflow file may be: GitHub's own limit."""
MAX_NODES = 500_000
"""How many nodes a file may hold once its aliases are written out: a 1 MiB file has far fewer, an alias bomb has more."""

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
    """A key that stands twice in one map, in whatever case. GitHub refuses such a file."""

    key: Scalar
    first: Scalar


class Source:
    """The text of one file and where its lines are. Indexes count code points after the byte order mark, if there is one."""

    __slots__ = ("_lines", "alignments", "bom", "path", "text")

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.bom = text.startswith(BOM)
        self.text = text[1:] if self.bom else text
        self._lines: list[int] | None = None
        self.alignments: dict[int, Alignment] = {}

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
    """Make a piece of a file fit to print: a column a character, no control characters (they can drive a terminal), no secret."""
    from trustpub.workflows.secrecy import hidden

    text = hidden(text)
    return "".join(char if char.isprintable() else " " if char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


class Document(NamedTuple):
    """One parsed file: its text, its root (None when the file is empty), and what of YAML GitHub reads otherwise or not at all.

    `tagged` are words with a tag, `merges` the keys `<<`, `anchors` the places of anchored nodes (GitHub Enterprise Server does
    not know anchors, github.com does).
    """

    source: Source
    root: Node | None
    duplicates: tuple[Duplicate, ...]
    tagged: tuple[Scalar, ...] = ()
    merges: tuple[Scalar, ...] = ()
    anchors: tuple[int, ...] = ()


_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = lazy_pattern(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = lazy_pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ODD_FLOAT = lazy_pattern(r"([-+]?)\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")


CORE = "tag:yaml.org,2002:"
_TYPES = {"null": _NULL, "bool": _BOOL}


def plain_value(node: Scalar) -> Plain:
    """Return what a word means: only a plain one without a tag, or with one of YAML's own, can be anything but text."""
    text = node.value
    if node.style or (node.tag is not None and (not node.tag.startswith(CORE) or node.tag == CORE + "str")):
        return text
    if text in _NULL:
        return None
    if text[0] not in "+-.0123456789":
        return _BOOL.get(text, text)
    if _INT.fullmatch(text):
        return _int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if _ODD_FLOAT.fullmatch(text):
        return float(text.replace(".", "", 1))
    return text


def _int(text: str) -> int | float:
    if text.startswith(("0o", "0x")):
        return whole(text)
    return int(text) if len(text) < 16 else float(text)


def whole(text: str) -> float:
    """Read a number with the prefix `0x` or `0o`; one that is too large is infinite, as GitHub has it."""
    return float(int(text, 0)) if len(text) < 200 else float("inf")


def odd_tag(node: Scalar) -> str | None:
    """Say why GitHub refuses a tagged word, or None: it knows YAML's own five tags, on plain words of their type."""
    tag = node.tag or ""
    if not tag.startswith(CORE):
        return "a leading `!` starts a YAML tag: put the text in quotes, or a condition in `${{ }}`"
    name = tag.removeprefix(CORE)
    if name not in ("str", "null", "bool", "int", "float"):
        return f"GitHub knows no YAML tag `!!{name}`: leave it out"
    if name == "str":
        return None
    if node.style:
        return f"the tag `!!{name}` does not go with a quoted or block text"
    return None if _is(node.value, name) else f"`{node.value}` is not of the type that its tag `!!{name}` says"


def _is(text: str, name: str) -> bool:
    if name in _TYPES:
        return text in _TYPES[name]
    return bool(_INT.fullmatch(text) or (name == "float" and (_FLOAT.fullmatch(text) or _ODD_FLOAT.fullmatch(text))))


def number_text(value: float) -> str:
    """Write a number as GitHub does where a text is asked for: fifteen digits, `1.5`, `3`, `1.2E+18`, `NaN`, `Infinity`."""
    if value == 0:
        return "0"
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return f"{value:.15G}"


def text_of(node: Scalar) -> str:
    """Return the text that GitHub makes of a word: `3.10` is `3.1`, `0x1F` is `31`, `True` is `true`, null is empty."""
    text = node.value
    if node.style or not text or (node.tag is None and text[0] not in "+-.0123456789tTfFnN~"):
        return text
    value = plain_value(node)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else number_text(float(value))


def parse(data: bytes, path: str) -> Document:
    """Read one file. Raises `BrokenFile` with the line itself where it is not the YAML that GitHub accepts."""
    from trustpub.workflows.tree import build

    return build(Source(path, _decode(data, path)))


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
