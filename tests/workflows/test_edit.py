"""Changes at spans: in files of every style, the change is exactly the one that was asked for, at every node."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workflows.styles import STYLES
from trustpub.domain.findings import Edit
from trustpub.workflows import edit
from trustpub.workflows.source import Document, Map, Node, Scalar, Sequence, parse
from trustpub.workflows.splices import plain

Path = tuple[int, ...]


def document(text: str) -> Document:
    """Read a file."""
    return parse(text.encode(), "w.yml")


def nodes(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every node with the positions that lead to it."""
    yield path, node
    children = [entry.value for entry in node.entries] if isinstance(node, Map) else []
    children += list(node.items) if isinstance(node, Sequence) else []
    for index, child in enumerate(children):
        yield from nodes(child, (*path, index))


def words(node: Node) -> list[object]:
    """What a node says, as lists that can be changed: `[key, value]` pairs, items, or a word."""
    if isinstance(node, Map):
        return ["map", *([plain(entry.key), words(entry.value)] for entry in node.entries)]
    if isinstance(node, Sequence):
        return ["list", *(words(item) for item in node.items)]
    return ["word", node.value, bool(node.style), node.tag]


def at(tree: list[object], path: Path) -> list[object]:
    """Follow positions down a tree."""
    for index in path:
        child = tree[index + 1]
        assert isinstance(child, list)
        tree = child[1] if tree[0] == "map" else child
    return tree


def without(root: Node, path: Path, index: int) -> list[object]:
    """The tree without one entry or item, and without what would be left empty."""
    tree = words(root)
    while len(at(tree, path)) == 2:
        path, index = path[:-1], path[-1]
    del at(tree, path)[index + 1]
    return tree


def changed(text: str, change: Edit) -> str:
    """Make one change in a file, its byte order mark kept."""
    mark = text[: text.startswith("\N{ZERO WIDTH NO-BREAK SPACE}")]
    return mark + edit.apply(text[len(mark) :], [change])


def comments(text: str) -> list[str]:
    """The lines that hold nothing but a comment."""
    return [line.strip() for line in text.splitlines() if line.strip().startswith("#")]


def kept(text: str, change: Edit) -> str:
    """Say which change it is when a test fails."""
    return f"{change!r} made of {text!r}: {changed(text, change)!r}"


@pytest.mark.parametrize("style", STYLES)
def test_removed_takes_one_entry_and_nothing_else(style: str) -> None:
    """Every entry of every map: the tree without it, and every line of comment still there."""
    text = STYLES[style]
    read = document(text)
    assert read.root is not None
    for path, node in nodes(read.root):
        if not isinstance(node, Map):
            continue
        for index, key in enumerate(entry.key.value for entry in node.entries):
            change = edit.removed(read.source, node, key)
            if change is not None:
                after = document(changed(text, change)).root
                assert after is not None
                assert without(read.root, path, index) == words(after), kept(text, change)
                assert len(comments(text[change.start : change.end])) >= len(comments(text)) - len(
                    comments(changed(text, change))
                )


@pytest.mark.parametrize("style", STYLES)
def test_removed_item_takes_one_item_and_nothing_else(style: str) -> None:
    """Every item of every list: the tree without it."""
    text = STYLES[style]
    read = document(text)
    assert read.root is not None
    for path, node in nodes(read.root):
        if not isinstance(node, Sequence):
            continue
        for index in range(len(node.items)):
            change = edit.removed_item(read.source, node, index)
            if change is not None:
                after = document(changed(text, change)).root
                assert after is not None
                assert without(read.root, path, index) == words(after), kept(text, change)


NEW: dict[str, tuple[str, list[object] | None]] = {
    "permissions": ("write", ["word", "write", False, None]),
    "with": ("\n  a: b\n  c: |\n    d\n\n    e", None),
    "quoted": ('"a, b"', ["word", "a, b", True, None]),
    "braces": ("{a: b}", ["map", [plain(Scalar("a", "", 0, 0)), ["word", "b", False, None]]]),
    "dollar": ("${{ github.ref }}", ["word", "${{ github.ref }}", False, None]),
}
"""What is added: the value as written, and what it says."""


@pytest.mark.parametrize("key", NEW)
@pytest.mark.parametrize("style", STYLES)
def test_inserted_adds_one_entry_and_nothing_else(style: str, key: str) -> None:
    """Behind every key of every map, and below every key without a value."""
    text, (value, said) = STYLES[style], NEW[key]
    read = document(text)
    own = document(f"x-{key}: {value}" if value[0] != "\n" else f"x-{key}:{value}\n").root
    assert read.root is not None
    assert own is not None
    assert said is None or at(words(own), (0,)) == said
    for path, node in nodes(read.root):
        if isinstance(node, Sequence) or (isinstance(node, Scalar) and node.value):
            continue
        entries = node.entries if isinstance(node, Map) else ()
        for index, after in [*enumerate(entry.key.value for entry in entries), (len(entries) - 1, None)]:
            change = edit.inserted(read.source, node, f"x-{key}", value, after)
            if change is not None:
                tree = words(read.root)
                place = at(tree, path)
                if isinstance(node, Scalar):
                    place[:] = ["map"]
                place.insert(index + 2, words(own)[1])
                assert change.start == change.end
                new = document(changed(text, change)).root
                assert new is not None
                assert tree == words(new), kept(text, change)


@pytest.mark.parametrize("style", STYLES)
def test_prepended_adds_one_first_entry(style: str) -> None:
    """Before the first key of every map."""
    text = STYLES[style]
    read = document(text)
    assert read.root is not None
    for path, node in nodes(read.root):
        change = edit.prepended(read.source, node, "x-new", "yes") if isinstance(node, Map) else None
        if change is not None:
            tree = words(read.root)
            at(tree, path).insert(1, [plain(Scalar("x-new", "", 0, 0)), ["word", "yes", False, None]])
            new = document(changed(text, change)).root
            assert new is not None
            assert tree == words(new), kept(text, change)


@pytest.mark.parametrize("item", ["word", "uses: a/b@v1\nwith:\n  c: d", "{a: b}"])
@pytest.mark.parametrize("style", STYLES)
def test_inserted_item_adds_one_item(style: str, item: str) -> None:
    """Before every item of every list, and at its end."""
    text = STYLES[style]
    read = document(text)
    own = document(item).root
    assert read.root is not None
    assert own is not None
    for path, node in nodes(read.root):
        for before in [*range(len(node.items)), None] if isinstance(node, Sequence) else ():
            assert isinstance(node, Sequence)
            change = edit.inserted_item(read.source, node, item, before)
            if change is not None:
                tree = words(read.root)
                at(tree, path).insert(len(node.items) + 1 if before is None else before + 1, words(own))
                new = document(changed(text, change)).root
                assert new is not None
                assert tree == words(new), kept(text, change)


@pytest.mark.parametrize(
    "new", ["write", "it's", 'say "x"', "a, b", "# no", "3.10", "x: y", "${{ a }}", "true", "", "\t", "[a]", "é 🚀", "-"]
)
@pytest.mark.parametrize("style", STYLES)
def test_replaced_changes_one_word_and_keeps_its_quotes(style: str, new: str) -> None:
    """Every word of every file, by texts that fit and texts that do not."""
    text = STYLES[style]
    read = document(text)
    assert read.root is not None
    for path, node in nodes(read.root):
        change = edit.replaced(read.source, node, new) if isinstance(node, Scalar) else None
        if change is not None:
            assert isinstance(node, Scalar)
            tree = words(read.root)
            at(tree, path)[1] = new
            after = document(changed(text, change)).root
            assert after is not None
            assert tree == words(after), kept(text, change)


def test_builders_refuse_what_they_cannot_change_safely() -> None:
    """Nothing inside what an alias repeats, nothing at an alias, nothing in braces over several lines."""
    read = document(STYLES["anchors"])
    root = read.root
    assert isinstance(root, Map)
    jobs = root.get("jobs")
    assert isinstance(jobs, Map)
    one, two, three, four = (entry.value for entry in jobs.entries)
    assert isinstance(one, Map)
    assert isinstance(two, Map)
    assert isinstance(three, Map)
    assert isinstance(four, Map)
    assert edit.removed(read.source, jobs, "one") is None
    assert edit.inserted(read.source, one, "permissions", "{}") is None
    assert edit.inserted(read.source, three, "permissions", "{}") is None
    assert edit.inserted(read.source, four, "permissions", "{}") is not None
    assert edit.removed(read.source, two, "steps") is not None
    runner = two.get("runs-on")
    assert isinstance(runner, Scalar)
    assert edit.replaced(read.source, runner, "x") is None
    build = four.get("steps")
    assert isinstance(build, Sequence)
    assert isinstance(build.items[0], Map)
    echo = build.items[0].entries[0].value
    assert edit.replaced_span(read.source, echo.start, echo.end, "x") is None
    read = document(STYLES["flow over lines"])
    assert isinstance(read.root, Map)
    on = read.root.get("on")
    assert isinstance(on, Map)
    assert edit.removed(read.source, on, "push") is None
    assert edit.inserted(read.source, on, "release", "{}") is None


def share(style: str) -> float:
    """Which share of the entries of a file can be removed and followed by another."""
    read = document(STYLES[style])
    assert read.root is not None
    results = [
        change is not None
        for _, node in nodes(read.root)
        if isinstance(node, Map)
        for entry in node.entries
        for change in (
            edit.removed(read.source, node, entry.key.value),
            edit.inserted(read.source, node, "x", "y", entry.key.value),
        )
    ]
    return sum(results) / len(results)


@pytest.mark.parametrize(
    "style", ["plain", "comments everywhere", "compact lists", "odd indentation", "quotes", "flow", "carriage returns"]
)
def test_builders_do_not_refuse_ordinary_files(style: str) -> None:
    """A builder that says None to everything would pass every other test."""
    assert 1.0 == share(style)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  permissions: # c\n  b: c\n", "a:\n  permissions: # c\n    id-token: write\n  b: c\n"),
        ("a:\r\n    permissions:\r\n", "a:\r\n    permissions:\r\n        id-token: write\r\n"),
        ("- a:\n    permissions:", "- a:\n    permissions:\n      id-token: write"),
        ("a:\n  permissions: {}\n", "a:\n  permissions: {id-token: write}\n"),
        ("a:\n  permissions: {contents: read} # c\n", "a:\n  permissions: {contents: read, id-token: write} # c\n"),
        (
            "a:\n  permissions:\n    contents: read # c\n    # d\n",
            "a:\n  permissions:\n    contents: read # c\n    id-token: write\n    # d\n",
        ),
    ],
)
def test_inserted_writes_as_the_file_does(before: str, after: str) -> None:
    """The file's own indentation, line ends and braces."""
    read = document(before)
    root = read.root.items[0] if isinstance(read.root, Sequence) else read.root
    assert isinstance(root, Map)
    first = root.entries[0].value
    assert isinstance(first, Map)
    node = first.entries[0].value
    assert isinstance(node, Map | Scalar)
    change = edit.inserted(read.source, node, "id-token", "write")
    assert change is not None
    assert after == changed(before, change)


def test_a_first_entry_behind_a_dash_leaves_its_place_and_the_comment() -> None:
    """The next key moves up to the dash, and the comment between them stays."""
    text = "- name: one # its name\n\n  # between\n  run: echo\n"
    read = document(text)
    assert isinstance(read.root, Sequence)
    step = read.root.items[0]
    assert isinstance(step, Map)
    change = edit.removed(read.source, step, "name")
    assert change is not None
    assert "- # between\n  run: echo\n" == changed(text, change)
