"""What a change may touch: every honest change passes, and every one that spills over is named."""

from __future__ import annotations

import pytest

from tests.workflows.styles import STYLES
from tests.workflows.test_edit import changed, document, nodes
from trustpub.domain.findings import Edit
from trustpub.errors import BrokenFile
from trustpub.workflows import edit
from trustpub.workflows.sameness import difference
from trustpub.workflows.source import Map, Scalar, Sequence


def said(text: str, *edits: Edit) -> str:
    """What differs after some changes."""
    before = document(text)
    mark = text[: len(text) - len(before.source.text)]
    return difference(before, document(mark + edit.apply(before.source.text, edits)), edits)


@pytest.mark.parametrize("style", STYLES)
def test_every_change_of_the_builders_passes(style: str) -> None:
    """Whatever the builders do is equal outside of what they touch."""
    text = STYLES[style]
    read = document(text)
    assert read.root is not None
    for _, node in nodes(read.root):
        changes: list[Edit | None] = []
        if isinstance(node, Map):
            changes.append(edit.prepended(read.source, node, "x-new", "yes"))
            for entry in node.entries:
                changes.append(edit.removed(read.source, node, entry.key.value))
                changes.append(edit.inserted(read.source, node, "x-new", "\n  a: |\n    b", entry.key.value))
        elif isinstance(node, Sequence):
            changes += [edit.removed_item(read.source, node, index) for index in range(len(node.items))]
            changes += [edit.inserted_item(read.source, node, "a: b", index) for index in (*range(len(node.items)), None)]
        else:
            changes.append(edit.replaced(read.source, node, "new"))
            changes.append(edit.inserted(read.source, node, "x-new", "yes"))
        for change in changes:
            if change is not None:
                assert not said(text, change), changed(text, change)


TEXT = "a: b # c\nd:\n  e: f\n  g: |\n    h\n# i\nj: [k, l]\nm:\n"


@pytest.mark.parametrize(
    ("place", "length", "new"),
    [
        ("b #", 1, "'b"),
        ("  e", 2, ""),
        ("  g", 0, "  "),
        ("h\n", 2, "h\n    "),
        ("# c", 0, "x"),
        ("# c", 1, ""),
        ("d:", 0, "z:\n  "),
        ("k,", 1, "{k"),
        ("j: [", 3, ""),
        ("m:", 0, "#"),
        (" f", 0, " f"),
    ],
)
def test_a_change_that_spills_over_is_named(place: str, length: int, new: str) -> None:
    """Quotes that run on, lines that move below another key, comments that become text or go."""
    start = TEXT.index(place)
    change = Edit("w.yml", start, start + length, new)
    try:
        document(changed(TEXT, change))
    except BrokenFile:
        return
    assert said(TEXT, change)


def test_several_changes_at_once() -> None:
    """Places move by what stands before them."""
    assert not said(
        TEXT, Edit("w", 0, 0, "x: y\n"), Edit("w", TEXT.index("f"), TEXT.index("f") + 1, "longer"), Edit("w", 3, 4, "")
    )


def test_a_change_inside_a_script_is_that_word_only() -> None:
    """A piece of a block text may change; the text next to it may not."""
    start = TEXT.index("h\n")
    assert not said(TEXT, Edit("w", start, start + 1, "other"))
    read = document(TEXT)
    assert isinstance(read.root, Map)
    word = read.root.get("a")
    assert isinstance(word, Scalar)
    assert not said(TEXT, Edit("w", word.start, word.end, "c"))
