"""A frame shows the line, and the caret stands under the value, whatever the line holds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.cli.render.reports import place, places
from tests.conftest import Scale
from trustpub.cli.render.frames import WIDTH, calm, cells, cut, frame
from trustpub.usecases.report import Excerpt


def drawn(where: Excerpt, message: str = "", gutter: int = 0) -> str:
    """A frame below its first line, as one text."""
    return "\n".join(list(frame(where, message, gutter=gutter))[1:])


def test_caret_under_the_value() -> None:
    """The place, an empty line, the line, the carets with the message."""
    expected = [
        "  --> .github/workflows/release.yml:31:18",
        "   |",
        "31 |     permissions: {}",
        "   |                  ^^ nothing is granted",
    ]

    assert expected == list(frame(place("    permissions: {}", 31, 18), "nothing is granted"))


@pytest.mark.parametrize(
    ("line", "column", "end", "expected"),
    [
        ("name: 배포 하기", 7, 9, "1 | name: 배포 하기\n  |       ^^^^"),
        ("배포: x", 5, 6, "1 | 배포: x\n  |       ^"),
        ("배포: x", 6, 6, "1 | 배포: x\n  |        ^"),
        ("🚀: x", 4, 5, "1 | 🚀: x\n  |     ^"),
        ("e\u0301tat: x", 8, 9, "1 | e\u0301tat: x\n  |       ^"),
        ("a\tb: x", 3, 4, "1 | a b: x\n  |   ^"),
        ("key: ", 6, 6, "1 | key:\n  |      ^"),
        ("", 1, 1, "1 |\n  | ^"),
    ],
    ids=["korean", "behind-korean", "korean-and-past-the-end", "emoji", "combining", "tab", "empty-span", "empty-line"],
)
def test_columns_of_the_screen(line: str, column: int, end: int, expected: str) -> None:
    """Wide characters count two columns, combining ones none, a tab one, and an empty place still has a caret."""
    assert "  |\n" + expected == drawn(place(line, 1, column, end))


def test_korean_in_parts() -> None:
    """Syllables written as consonant, vowel, consonant are as wide as the syllables themselves."""
    assert (4, 4, 2) == (cells("한글"), cells("\u1112\u1161\u11ab\u1100\u1173\u11af"), cells("ㅎ"))


def test_several_lines() -> None:
    """The first line and the last one are drawn, what is between is left out, and the message stands at the end."""
    expected = "  |\n7 | permissions:\n  | ^^^^^^^^^^^^\n... |\n9 |   id-token: none\n  |   ^^^^^^^^^^^^^^ here"

    assert expected == drawn(place("permissions:\n  contents: read\n  id-token: none", 7), "here")


def test_several_lines_that_end_with_a_line_feed() -> None:
    """A place that ends where the next line begins ends with its own last line."""
    whole = Excerpt("x.yml", 7, 1, 8, 1, ("permissions: {}", "jobs:"), 0, 0)

    assert "  |\n7 | permissions: {}\n  | ^^^^^^^^^^^^^^^" == drawn(whole)


def test_more_lines_than_were_kept() -> None:
    """A long place is drawn as far as its lines were kept."""
    long = Excerpt("x.yml", 8, 1, 40, 3, ("a:", "  b: c", "  d: e"), 0, 0)

    assert "   |\n 8 | a:\n   | ^^\n... |\n10 |   d: e\n   |   ^^^^" == drawn(long)


def test_an_empty_file() -> None:
    """Of a file without lines the place alone is said."""
    assert [" --> x.yml:1:1"] == list(frame(Excerpt("x.yml", 1, 1, 1, 1, (), 0, 0)))


def test_a_gutter_for_several_frames() -> None:
    """Frames of one finding stand in line."""
    assert "     |\n   7 | a\n     | ^" == drawn(place("a", 7), gutter=4)


def test_a_long_line_is_cut() -> None:
    """What surrounds the value stays, and the caret is still under it."""
    line = "x" * 300 + " value " + "y" * 300
    _, shown, carets = drawn(place(line, 1, 302, 307)).splitlines()

    assert len(shown) <= WIDTH + 4 + 2 * len("...")
    assert "value" == shown[carets.index("^") : carets.rindex("^") + 1]
    assert ("...", "...") == (shown[4:7], shown[-3:])


def test_a_long_korean_line_is_cut() -> None:
    """A line is too long when its columns are, not its characters."""
    text, start, end = cut("가" * 80 + "값" + "나" * 80, 81, 82)

    assert "값" == text[start - 1 : end - 1]
    assert cells(text) <= WIDTH + 2 * len("...")


def test_a_long_message_gets_lines_of_its_own() -> None:
    """A message that does not fit beside the carets stands below them, broken between words."""
    lines = drawn(place("    permissions: {}", 3, 18), "word " * 30).splitlines()

    assert "  |                  ^^" == lines[2]
    assert "  |                  word word" == lines[3][:30]
    assert 5 == len(lines)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred", "\N{REPLACEMENT CHARACTER}[31mred"),
        ("a\rb\nc", "a b c"),
        ("a\u202eb\x9bc\x7f", "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c\N{REPLACEMENT CHARACTER}"),
        ("\N{NO-BREAK SPACE}x\N{IDEOGRAPHIC SPACE}", " x "),
        ("한글 🚀", "한글 🚀"),
    ],
)
def test_calm(text: str, expected: str) -> None:
    """Controls, escapes and marks of direction never get through; letters of every script do."""
    assert expected == calm(text)


def test_any_place_can_be_drawn(scale: Scale) -> None:
    """Whatever the place: lines that can be printed, none much wider than the limit, carets under the line."""

    @settings(max_examples=scale(100, 5_000), deadline=None)
    @given(place=places())
    def law(place: Excerpt) -> None:
        where, *rest = frame(place, "a message")

        assert where.isprintable()
        assert where.endswith(f":{place.line}:{place.column}")
        for line in rest:
            assert line.isprintable()
            assert cells(line) <= 2 * WIDTH + 20

    law()
