"""Where the lines of a map or a list begin and end in a file, so that one more fits in and one of them can go.

A file is read once more for this (the last few are kept): what a node's neighbours and its parents are, and whether an alias
repeats it, is not in the node. Whatever looks otherwise than expected gives None, never a guess.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING

from trustpub.domain.findings import Edit
from trustpub.errors import BrokenFile
from trustpub.pattern import lazy_pattern
from trustpub.record import NamedTuple
from trustpub.workflows.source import Map, Scalar, Sequence, Source

if TYPE_CHECKING:
    from trustpub.workflows.source import Document, Entry, Node

_LEAD = lazy_pattern(r" *(?:- +)*")
_REST = lazy_pattern(r"[ \t]*(?:#[^\n\r\x85\u2028\u2029]*)?(?:\r?\n|\Z)")
_BLANK = lazy_pattern(r"[ \t]*\r?\n")
_COLON = lazy_pattern(r"[ \t]*:")
_COMMA = lazy_pattern(r"[ \t]*,[ \t]*")


class Site(NamedTuple):
    """A node that may be changed: the nodes that hold it, outermost first, itself last; `flow` when one is in brackets."""

    source: Source
    chain: tuple[Node, ...]
    flow: bool

    @property
    def node(self) -> Node:
        """The node itself."""
        return self.chain[-1]


def site_of(source: Source, node: Node) -> Site | None:
    """Find a node in its file. None for an alias, for what an alias repeats, and for a node of another file."""
    if source.text[node.start : node.start + 1] == "*" and not (isinstance(node, Scalar) and node.style):
        return None
    chain = _chain(source, node.start, node.end)
    for index, holder in enumerate(chain):
        if type(holder) is type(node) and (holder.start, holder.end) == (node.start, node.end):
            chain = chain[: index + 1]
            if _shared(source, chain):
                return None
            return Site(source, chain, any(is_flow(source, each) for each in chain[:-1]))
    return None


def repeated(source: Source, start: int, end: int) -> bool:
    """Say whether a piece of the file stands inside a node that an alias repeats."""
    return _shared(source, _chain(source, start, end))


def parsed(text: str) -> Node | None:
    """Read a piece of YAML, or None when it is none."""
    document = _document(Source("", text))
    return document.root if document is not None else None


def is_flow(source: Source, node: Node) -> bool:
    """Say whether a node is written in brackets or braces."""
    return not isinstance(node, Scalar) and source.text[node.start : node.start + 1] in ("{", "[")


def line_break(source: Source) -> str:
    """Say how the file ends its lines, by its first one."""
    first = source.text.find("\n")
    return "\r\n" if first > 0 and source.text[first - 1] == "\r" else "\n"


@lru_cache(maxsize=8)
def _document(source: Source) -> Document | None:
    from trustpub.workflows.tree import build

    try:
        return build(source)
    except BrokenFile:
        return None


@lru_cache(maxsize=8)
def _anchors(source: Source) -> frozenset[int]:
    """Return where the anchored nodes start, when the file has aliases at all."""
    document = _document(source)
    if document is None or not document.anchors or document.root is None:
        return frozenset()
    waiting: list[Node] = [document.root]
    while waiting:
        node = waiting.pop()
        if source.text[node.start : node.start + 1] == "*":
            return frozenset(document.anchors)
        waiting += _children(node)
    return frozenset()


def _children(node: Node) -> list[Node]:
    if isinstance(node, Map):
        return [child for entry in node.entries for child in entry]
    return list(node.items) if isinstance(node, Sequence) else []


def _chain(source: Source, start: int, end: int) -> tuple[Node, ...]:
    """List the nodes around a piece of the file, outermost first."""
    document = _document(source)
    node = document.root if document is not None else None
    chain: list[Node] = []
    while node is not None:
        chain.append(node)
        node = next((child for child in _near(node, start) if child.start <= start and end <= child.end), None)
    return tuple(chain)


def _near(node: Node, index: int) -> tuple[Node, ...]:
    """Return the children among which a piece of the file that begins there can stand: they are in the order of the file."""
    if isinstance(node, Map):
        return node.entries[max(bisect_right(node.entries, index, key=_key_start) - 1, 0)] if node.entries else ()
    if isinstance(node, Sequence):
        return node.items[max(bisect_right(node.items, index, key=_item_start) - 1, 0) :][:1]
    return ()


def _key_start(entry: Entry) -> int:
    return entry.key.start


def _item_start(item: Node) -> int:
    return item.start


def _shared(source: Source, chain: tuple[Node, ...]) -> bool:
    anchors = _anchors(source)
    return bool(anchors) and any(node.start in anchors for node in chain)


def is_missing(site: Site) -> bool:
    """Say whether this is the place of a value that nobody wrote, directly behind a colon or a dash."""
    parent = site.chain[-2] if len(site.chain) > 1 else None
    before = site.source.text[: site.node.start]
    if isinstance(parent, Map):
        return before.endswith(":")
    return isinstance(parent, Sequence) and not site.flow and before.endswith("-")


def filled(site: Site, text: str) -> Edit | None:
    """Put a first entry below a key that has no value."""
    scalar, source = site.node, site.source
    parent = site.chain[-2] if len(site.chain) > 1 else None
    if scalar.start != scalar.end or site.flow or not isinstance(parent, Map):
        return None
    key = next((entry.key for entry in parent.entries if entry.value is scalar), None)
    column = _column(source, key.start) if key is not None else None
    end = _after(source, scalar)
    if column is None or end is None or not is_missing(site):
        return None
    return _line(source, end, text, " " * (column + _step(site)))


def put_after(site: Site, position: int, text: str) -> Edit | None:
    """Put an entry or an item behind another one; -1 is the place before the first, which only an empty flow map or list has."""
    source, node = site.source, site.node
    if is_flow(source, node):
        return _put_in_flow(site, position, text)
    column = _begin(site, 0)
    if column is None or position < 0:
        return None
    ends = _ends(node)
    if _begin(site, position) is None:
        return None
    end = _after(source, ends[position])
    if end is None or _unended(source, ends[position], end):
        return None
    indent = " " * (column - _line_start(source, column))
    return _line(source, end, _dashed(node, text), indent)


def put_first(site: Site, text: str) -> Edit | None:
    """Put an entry or an item before all others."""
    source, node = site.source, site.node
    if is_flow(source, node):
        return _put_in_flow(site, -1, text)
    begin = _begin(site, 0)
    if begin is None:
        return None
    indent = " " * (begin - _line_start(source, begin))
    return Edit(source.path, begin, begin, _indented(source, f"{_dashed(node, text)}\n", indent) + indent)


def cut(site: Site, position: int) -> Edit | None:
    """Take an entry or an item out; when it is the only one, its map or list goes from where that stands."""
    source, chain = site.source, site.chain
    while len(_ends(chain[-1])) == 1:
        if len(chain) == 1:
            return None
        child, chain = chain[-1], chain[:-1]
        position = next((index for index, end in enumerate(_ends(chain[-1])) if end is child), -1)
        if position < 0:
            return None
    site = Site(source, chain, site.flow)
    edit = _cut_in_flow(site, position) if is_flow(source, chain[-1]) else _cut_block(site, position)
    if edit is None or any(edit.start <= anchor < edit.end for anchor in _anchors(source)):
        return None
    return edit


def _cut_block(site: Site, position: int) -> Edit | None:
    """Take whole lines; a first entry behind a dash makes room for the next one, and comments between them stay."""
    source = site.source
    begin, end = _begin(site, position), _after(source, _ends(site.node)[position])
    if begin is None or end is None:
        return None
    start = _line_start(source, begin)
    if not source.text[start:begin].strip(" "):
        return Edit(source.path, start, end, "")
    following = _begin(site, position + 1) if position + 1 < len(_ends(site.node)) else None
    if following is None:
        return None
    return Edit(source.path, begin, following, source.text[end:following].lstrip())


def _cut_in_flow(site: Site, position: int) -> Edit | None:
    source, node = site.source, site.node
    starts, ends = _starts(node), [each.end for each in _ends(node)]
    if "\n" in source.text[node.start : node.end]:
        return None
    if position:
        between = source.text[ends[position - 1] : starts[position]]
        return Edit(source.path, ends[position - 1], ends[position], "") if _COMMA.fullmatch(between) else None
    between = source.text[ends[0] : starts[1]]
    alone = not source.text[node.start + 1 : starts[0]].strip()
    return Edit(source.path, starts[0], starts[1], "") if alone and _COMMA.fullmatch(between) else None


def _put_in_flow(site: Site, position: int, text: str) -> Edit | None:
    """Put one more between braces or brackets, when they stand in one line and the text means the same there."""
    source, node = site.source, site.node
    opening, closing = source.text[node.start], source.text[node.end - 1]
    if "\n" in source.text[node.start : node.end] or not _same_in_flow(text, opening, closing):
        return None
    if position >= 0:
        end = _ends(node)[position].end
        return Edit(source.path, end, end, f", {text}")
    start = node.start + 1
    if not _ends(node):
        return Edit(source.path, start, start, text) if not source.text[start : node.end - 1].strip() else None
    start = _starts(node)[0]
    return Edit(source.path, start, start, f"{text}, ") if not source.text[node.start + 1 : start].strip() else None


def _same_in_flow(text: str, opening: str, closing: str) -> bool:
    if "\n" in text:
        return False
    inside, outside = parsed(f"{opening}{text}{closing}"), parsed(text if opening == "{" else f"- {text}")
    return inside is not None and outside is not None and plain(inside) == plain(outside)


def plain(node: Node | None) -> object:
    """Return what a node says, without its places: two nodes that say the same give equal values."""
    if isinstance(node, Map):
        return "map", tuple((plain(entry.key), plain(entry.value)) for entry in node.entries)
    if isinstance(node, Sequence):
        return "list", tuple(plain(item) for item in node.items)
    return ("word", node.value, bool(node.style), node.tag) if node is not None else None


def _starts(node: Node) -> list[int]:
    if isinstance(node, Map):
        return [entry.key.start for entry in node.entries]
    return [item.start for item in node.items] if isinstance(node, Sequence) else []


def _ends(node: Node) -> list[Node]:
    """Return the nodes with which the entries or items of a node end."""
    if isinstance(node, Map):
        return [entry.value for entry in node.entries]
    return list(node.items) if isinstance(node, Sequence) else []


def _begin(site: Site, position: int) -> int | None:
    """Find where an entry (its key) or an item (its dash) of a block map or list begins."""
    source, node = site.source, site.node
    if site.flow:
        return None
    if isinstance(node, Map):
        key = node.entries[position].key
        simple = _column(source, key.start) is not None and _COLON.match(source.text, key.end)
        return key.start if simple else None
    if source.text[node.start : node.start + 1] != "-":
        return None
    if position == 0:
        return node.start if _column(source, node.start) is not None else None
    before, item = _ends(node)[position - 1], _ends(node)[position]
    column = node.start - _line_start(source, node.start)
    dashes = re.compile(rf"^ {{{column}}}-(?=[ \r\n])", re.MULTILINE)
    found = [match.end() - 1 for match in dashes.finditer(source.text, before.end, item.start)]
    return found[-1] if found else None


def _line_start(source: Source, index: int) -> int:
    return source.text.rfind("\n", 0, index) + 1


def _column(source: Source, index: int) -> int | None:
    """Say how far a key or a dash is indented; None when there is more before it than space and dashes."""
    lead = source.text[_line_start(source, index) : index]
    return len(lead) if _LEAD.fullmatch(lead) else None


def _step(site: Site) -> int:
    """Say by how much the file indents, by the first map that stands below a key."""
    root = site.chain[0]
    for entry in root.entries if isinstance(root, Map) else ():
        if isinstance(entry.value, Map) and not is_flow(site.source, entry.value):
            column = _column(site.source, entry.value.start)
            return column - (_column(site.source, entry.key.start) or 0) if column else 2
    return 2


def _after(source: Source, node: Node) -> int | None:
    """Find the begin of the line after a value and the comment behind it; None when more stands in that line."""
    leaf = _last(source, node)
    match = _REST.match(source.text, node.end)
    if match is None:
        return None
    index = match.end()
    if isinstance(leaf, Scalar) and leaf.style in ("|", ">"):
        return _after_block(source, leaf, index)
    return index


def _after_block(source: Source, leaf: Scalar, index: int) -> int:
    """Step over the empty lines below a block text, where they belong to it."""
    end = index
    while end < len(source.text) and (match := _BLANK.match(source.text, end)):
        end = match.end()
    keeps = "+" in source.text[leaf.start : leaf.start + 3]
    return end if keeps or source.text[index:end].strip("\r\n") else index


def _last(source: Source, node: Node) -> Node:
    """Find the last word of a node; a flow map or an alias is a word here."""
    while not isinstance(node, Scalar) and source.text[node.start : node.start + 1] not in ("{", "[", "*"):
        ends = _ends(node)
        if not ends:
            break
        node = ends[-1]
    return node


def _unended(source: Source, node: Node, end: int) -> bool:
    """Say whether a block text ends with the file and without a line end: one more line would give it one."""
    leaf = _last(source, node)
    block = isinstance(leaf, Scalar) and leaf.style in ("|", ">") and "-" not in source.text[leaf.start : leaf.start + 3]
    return block and not source.text[:end].endswith("\n")


def _dashed(node: Node, text: str) -> str:
    return "- " + re.sub(r"\n(?=[^\n])", "\n  ", text) if isinstance(node, Sequence) else text


def _indented(source: Source, text: str, indent: str) -> str:
    """Indent all lines but the first, and end them as the file does."""
    return re.sub(r"\n(?=[^\n])", f"\n{indent}", text).replace("\n", line_break(source))


def _line(source: Source, index: int, text: str, indent: str) -> Edit:
    """Put lines at the begin of a line, or behind the last one when that has no end; a block text among them needs one."""
    lines, end = _indented(source, indent + text, indent), line_break(source)
    if index and source.text[index - 1] != "\n":
        return Edit(source.path, index, index, f"{end}{lines}{end if end in lines else ''}")
    return Edit(source.path, index, index, f"{lines}{end}")
