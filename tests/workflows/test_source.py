"""YAML with true places: what is read, where it stands, and what is refused."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from trustpub.errors import BrokenFile
from trustpub.workflows import source
from trustpub.workflows.source import Map, Place, Scalar, Sequence, odd_tag, parse, place_in, plain_value, text_of


def root(text: str) -> Map:
    """Parse a text whose root is a map."""
    found = parse(text.encode(), "f.yml").root
    assert isinstance(found, Map)
    return found


def word(node: source.Node | None) -> Scalar:
    """Insist on a scalar."""
    assert isinstance(node, Scalar)
    return node


def broken(data: bytes) -> BrokenFile:
    """Parse what must be refused."""
    with pytest.raises(BrokenFile) as caught:
        parse(data, ".github/workflows/f.yml")
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("1:30", "1:30"),
        ("1_000", "1_000"),
        ("017", 17),
        ("0o17", 15),
        ("0x1F", 31),
        ("-3", -3),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("True", True),
        ("tRue", "tRue"),
        ("null", None),
        ("~", None),
        ("2026-11-22", "2026-11-22"),
        ("'1'", "1"),
        ('"true"', "true"),
        (".inf", math.inf),
        ("-.INF", -math.inf),
        ("3.11.", "3.11."),
    ],
)
def test_plain_words_have_the_types_of_yaml_1_2(text: str, value: object) -> None:
    """GitHub reads the core schema: no yes/no, no sexagesimals, no dates."""
    assert value == plain_value(word(root(f"a: {text}").get("a")))


def test_a_tagged_word_is_text() -> None:
    """`!x` in front makes a tag, and a tagged word is not a number."""
    node = word(root("a: !x 1").get("a"))
    assert ("1", "!x") == (plain_value(node), node.tag)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("3.10", "3.1"),
        ("0x1F", "31"),
        ("0o17", "15"),
        ("1e3", "1000"),
        ("-0", "0"),
        ("True", "true"),
        ("~", ""),
        ("null", ""),
        ("1345678912345678912", "1.34567891234568E+18"),
        (".inf", "Infinity"),
        (".NaN", "NaN"),
        ("0.00001", "1E-05"),
        ("1.5.2", "1.5.2"),
        ("'3.10'", "3.10"),
        ("yes", "yes"),
        ("!!float 1", "1"),
        ("!!str 3.10", "3.10"),
        ("tRue", "tRue"),
        ("--x", "--x"),
        ("0x" + "f" * 400, "Infinity"),
        ("9" * 400, "Infinity"),
    ],
)
def test_words_as_text(text: str, written: str) -> None:
    """As GitHub writes them into a variable or an input."""
    assert written == text_of(word(root(f"a: {text}").get("a")))


@pytest.mark.parametrize(
    ("text", "tag", "refused"),
    [
        ("!x y", "!x", True),
        ("! y", "!", True),
        ("!startsWith(a)", "!startsWith(a)", True),
        ("!!int 1", "tag:yaml.org,2002:int", False),
        ("!!int x", "tag:yaml.org,2002:int", True),
        ("!!bool 'true'", "tag:yaml.org,2002:bool", True),
        ("!!null ~", "tag:yaml.org,2002:null", False),
        ("!!binary x", "tag:yaml.org,2002:binary", True),
        ("!!str 1", "tag:yaml.org,2002:str", False),
        ("!<tag:yaml.org,2002:float> 1", "tag:yaml.org,2002:float", False),
    ],
)
def test_tags_are_seen(text: str, tag: str, refused: bool) -> None:
    """GitHub knows YAML's own five; a forgotten quote makes others."""
    (node,) = parse(f"a: {text}".encode(), "f.yml").tagged
    assert (tag, refused) == (node.tag, odd_tag(node) is not None)


def test_a_node_starts_behind_its_anchor_and_its_tag() -> None:
    """At its own first character."""
    text = "a: &x !!str word\nb: &y\n  k: v\nc: &z [1]\nd: &w |\n  t\ne: *x\n"
    document = parse(text.encode(), "f.yml")
    assert isinstance(document.root, Map)
    assert ["word", "k: v", "[1]", "|\n  t", "*x"] == [
        text[entry.value.start : entry.value.end] for entry in document.root.entries
    ]
    assert 4 == len(document.anchors)


def test_keys_in_another_case_are_duplicates() -> None:
    """GitHub compares keys without case; empty ones are another matter."""
    found = parse(b"A: 1\na: 2\n'': 3\n'': 4\n", "f.yml")
    assert [("a", "A")] == [(twin.key.value, twin.first.value) for twin in found.duplicates]


def test_merge_keys_are_seen() -> None:
    """They stay keys, and are remembered; a quoted one is just a name."""
    found = parse(b"a: {<<: *x}\n".replace(b"*x", b"{b: 1}") + b"'<<': 1\n", "f.yml")
    assert [4] == [node.start for node in found.merges]


def test_every_word_knows_its_place() -> None:
    """Spans count code points, wide characters and carriage returns included."""
    text = "été: ok\r\nb:\r\n  - '🐍 x'\r\n  - y # no\r\n"
    found = root(text)
    spans = [text[entry.key.start : entry.key.end] for entry in found.entries]
    items = found.get("b")
    assert isinstance(items, Sequence)
    assert ["été", "b", "'🐍 x'", "y"] == [*spans, *(text[item.start : item.end] for item in items.items)]


def test_a_byte_order_mark_moves_nothing() -> None:
    """The mark is taken off, and places are those that an editor shows."""
    document = parse(b"\xef\xbb\xbfon: push\n", "f.yml")
    assert isinstance(document.root, Map)
    assert (True, Place(1, 5), "push") == (
        document.source.bom,
        document.source.place(word(document.root.get("on")).start),
        word(document.root.get("on")).value,
    )


@pytest.mark.parametrize("odd", ["\x85", "\u2028", "\u2029"])
def test_only_a_line_feed_ends_a_line(odd: str) -> None:
    """Other line separators of Unicode end no line in an editor, so none here."""
    document = parse(f'a: "x{odd}y"\nb: 1\n'.encode(), "f.yml")
    assert isinstance(document.root, Map)
    assert Place(2, 1) == document.source.place(document.root.entries[1].key.start)


def test_a_block_ends_with_its_last_word() -> None:
    """Blank lines and comments behind a block belong to nobody."""
    text = "a:\n  b: |\n    one\n    two\n\n\n# comment\nc: 1\n"
    found = root(text)
    inner = found.get("a")
    assert isinstance(inner, Map)
    assert ["b: |\n    one\n    two", "|\n    one\n    two"] == [
        text[inner.start : inner.end],
        text[word(inner.get("b")).start : word(inner.get("b")).end],
    ]


def test_an_alias_has_its_own_place_and_its_anchors_value() -> None:
    """The value is the anchor's, the place is where the alias stands."""
    text = "a: &x {k: 1}\nb: *x\n"
    found = root(text)
    first, second = found.get("a"), found.get("b")
    assert isinstance(first, Map)
    assert isinstance(second, Map)
    assert (first.entries, "*x") == (second.entries, text[second.start : second.end])


def test_a_merge_key_is_an_ordinary_key() -> None:
    """GitHub knows no merging."""
    assert ["<<", "b"] == [name for name, _ in root("<<: {a: 1}\nb: 2\n").items()]


def test_duplicate_keys_are_kept_and_told() -> None:
    """The first one wins; the second is known with its place."""
    document = parse(b"a: 1\nb: 2\na: 3\n", "f.yml")
    assert isinstance(document.root, Map)
    assert ("1", [("a", 10, 0)]) == (
        word(document.root.get("a")).value,
        [(twin.key.value, twin.key.start, twin.first.start) for twin in document.duplicates],
    )


def test_an_empty_file_has_no_root() -> None:
    """Nothing in, nothing out."""
    assert None is parse(b"# only a comment\n", "f.yml").root


@pytest.mark.parametrize(
    ("data", "line", "column", "text"),
    [
        (b"on: push\njobs: [a\nb: c\n", 3, 2, "b: c"),
        (b"a: b: c\n", 1, 5, "a: b: c"),
        (b"a:\n\tb: 1\n", 2, 1, " b: 1"),
        (b"branches: *\n", 1, 12, "branches: *"),
        (b"a: 'open\n", 2, 1, ""),
        (b"ok: 1\nx: \x01\n", 2, 4, "x: \N{REPLACEMENT CHARACTER}"),
        (b"ok: 1\nx: \xff\n", 2, 4, "x: "),
        (b"a: &a [*a]\n", 1, 8, "a: &a [*a]"),
        (b"a: 1\n---\nb: 2\n", 2, 1, "---"),
        (b"? [x]\n: 1\n", 1, 3, "? [x]"),
    ],
)
def test_what_is_not_yaml_is_refused_with_its_line(data: bytes, line: int, column: int, text: str) -> None:
    """The error has the file, the line, the column and the line itself."""
    found = broken(data)
    assert (".github/workflows/f.yml", line, column, text) == (found.path, found.line, found.column, found.text)


def test_a_star_gets_a_hint() -> None:
    """An unquoted `*` is the mistake behind most alias errors."""
    assert "quotes" in broken(b"branches: *\n").next_step


def test_a_deep_file_is_refused_without_recursion() -> None:
    """GitHub's own limit is fifty levels."""
    assert "nested deeper" in broken(b"- " * 5000 + b"x").why
    assert "nested deeper" in broken(b"[" * 5000).why


def test_an_alias_bomb_is_refused() -> None:
    """What aliases would write out is counted, not written out."""
    lines = ["a0: &a0 [x, x]", *(f"a{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]" for n in range(12))]
    assert "aliases" in broken("\n".join(lines).encode()).why


def test_a_large_file_is_refused() -> None:
    """GitHub reads one mebibyte."""
    assert "GitHub reads at most" in broken(b"#" * (source.MAX_BYTES + 1)).why


def test_a_strangers_line_cannot_drive_the_terminal() -> None:
    """Control characters are shown as a replacement, tabs as a space."""
    assert "a \N{REPLACEMENT CHARACTER}[31m" == source.shown("a\t\x1b[31m")


@pytest.mark.parametrize(
    ("text", "needle"),
    [
        ("run: |\n    one\n      two\n    three\n", "three"),
        ("a:\n  run: |2\n      one\n     two\n", "two"),
        ("run: twine upload\n", "upload"),
        ("run: 'twine upload'\n", "upload"),
        ("run: |\r\n  one\r\n  two\r\n", "two"),
        ("run: >\n  one\n  two\n", "two"),
        ("run: >-\n\n  one\n\n    more two\n  three two\n", "three"),
        ("run: one\n  two\n  three\n", "three"),
        ("run: 'it''s\n  two ''quoted'' three'\n", "three"),
        ("run: 'it''s two'\n", "two"),
        ('run: "one\n  two"\n', "two"),
        ("run: &a !!str |\n  one\n  two\n", "two"),
        ("run: &a twine upload\n", "upload"),
    ],
)
def test_a_character_of_a_script_has_its_place_in_the_file(text: str, needle: str) -> None:
    """Reports point into a script, whatever its quoting and indentation."""
    document = parse(text.encode(), "f.yml")
    assert isinstance(document.root, Map)
    inner = document.root.get("a")
    node = word((inner if isinstance(inner, Map) else document.root).get("run"))
    at = place_in(document.source, node, node.value.index(needle))
    assert needle == document.source.text[at : at + len(needle)]


def test_a_text_with_escapes_is_pointed_at_as_a_whole() -> None:
    """Where characters were written otherwise none has a place of its own."""
    document = parse(b'run: "one\\ttwo"\n', "f.yml")
    assert isinstance(document.root, Map)
    node = word(document.root.get("run"))
    assert node.start == place_in(document.source, node, 4)


@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{}&*#|>'\"\n \t!?,%@`\\", max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing but `BrokenFile` ever comes out, and every span lies in the text."""
    try:
        document = parse(data, "f.yml")
    except BrokenFile:
        return
    waiting = [document.root] if document.root is not None else []
    while waiting:
        node = waiting.pop()
        assert 0 <= node.start <= node.end <= len(document.source.text)
        if isinstance(node, Map):
            waiting += [part for entry in node.entries for part in entry]
        elif isinstance(node, Sequence):
            waiting += node.items


DATA = st.recursive(
    st.text(max_size=8) | st.integers() | st.booleans(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
)


@given(DATA)
def test_what_yaml_writes_is_read_back(data: object) -> None:
    """Keys and texts survive, whatever quoting the writer chose."""
    text = yaml.safe_dump({"k": data})
    assert texts(data) == texts(plain(root(text).get("k")))


def plain(node: source.Node | None) -> object:
    """Turn nodes back into data."""
    if isinstance(node, Map):
        return {entry.key.value: plain(entry.value) for entry in node.entries}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value if isinstance(node, Scalar) else None


def texts(data: object) -> object:
    """Compare by text: how a number or a boolean is spelled is the writer's choice."""
    if isinstance(data, dict):
        return {str(key): texts(value) for key, value in data.items()}
    if isinstance(data, list):
        return [texts(item) for item in data]
    return str(data).lower() if isinstance(data, bool) else str(data)


def test_a_tab_that_indents_is_named() -> None:
    """The parser speaks of a token; people see white space."""
    with pytest.raises(BrokenFile) as raised:
        parse(b"on: push\njobs:\n\tbuild: 1\n", "a.yml")
    assert ("a.yml:3:1", "YAML allows no tab here: indent with spaces") == (raised.value.what, raised.value.next_step)


def test_an_anchor_ends_where_its_name_ends() -> None:
    """`:` is no sign of a name: what follows is the word."""
    root = parse(b"&a:on", "a.yml").root
    assert isinstance(root, Scalar)
    assert (":on", 2, 5) == (root.value, root.start, root.end)
