"""Expressions: trees, precedence, places, and what GitHub would refuse."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.workflows.expressions import (
    Call,
    Comparison,
    Context,
    Each,
    Expression,
    Literal,
    Logic,
    Member,
    Not,
    Wrong,
    condition,
    condition_start,
    parse,
    path_of,
    template,
    walk,
)


def brackets(node: Expression | Wrong) -> str:
    """Write a tree with every bracket."""
    if isinstance(node, Literal):
        return repr(node.value)
    if isinstance(node, Context):
        return node.name
    if isinstance(node, Member):
        return f"{brackets(node.base)}[{brackets(node.key)}]"
    if isinstance(node, Each):
        return f"{brackets(node.base)}[*]"
    if isinstance(node, Call):
        return f"{node.name}({', '.join(brackets(argument) for argument in node.arguments)})"
    if isinstance(node, Not):
        return f"!{brackets(node.operand)}"
    if isinstance(node, Logic):
        return f"({f' {node.operator} '.join(brackets(operand) for operand in node.operands)})"
    if isinstance(node, Comparison):
        return f"({brackets(node.left)} {node.operator} {brackets(node.right)})"
    return f"wrong: {node.why} at {node.start}"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a || b && c == d", "(a || (b && (c == d)))"),
        ("a && b && c", "(a && b && c)"),
        ("!a == b", "(!a == b)"),
        ("(a || b) && c", "((a || b) && c)"),
        ("a < b == c", "((a < b) == c)"),
        ("github.event.inputs.dry-run", "github['event']['inputs']['dry-run']"),
        ("a['b'].c[0].*.d[*]", "a['b']['c'][0.0][*]['d'][*]"),
        ("startsWith( github.ref , 'it''s' )", "startswith(github['ref'], \"it's\")"),
        ("FROMJSON('[1]')[0]", "fromjson('[1]')[0.0]"),
        ("true", "True"),
        ("null", "None"),
        ("True", "True"),
        ("0x1F", "31.0"),
        ("-1.5e3", "-1500.0"),
        (" 'x' ", "'x'"),
        ("always()", "always()"),
        ("a.true.null", "a['true']['null']"),
    ],
)
def test_trees(text: str, tree: str) -> None:
    """Precedence is GitHub's: `!`, order, equality, `&&`, `||`."""
    if text == "True":
        assert "True" == brackets(parse(text))  # a context of that name: words are literals in lower case only
        assert isinstance(parse(text), Context)
    else:
        assert tree == brackets(parse(text))


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("nope()", 0),
        ("a || f(1)", 5),
        ("contains(1)", 0),
        ("always(1)", 0),
        ("case(1, 2, 3, 4)", 0),
        ("1-2", 0),
        ("-0x1", 0),
        ("a b", 2),
        ('"x"', 0),
        ("'open", 0),
        ("(a", 2),
        ("a..b", 2),
        ("a ==", 4),
        ("join(a", 6),
        ("join(a,)", 7),
        ("a & b", 2),
        ("a[", 2),
        ("x = y", 2),
    ],
)
def test_what_is_no_expression_says_where(text: str, start: int) -> None:
    """Broken text is an outcome with a place."""
    found = parse(text)
    assert isinstance(found, Wrong)
    assert start == found.start


@pytest.mark.parametrize(
    "text",
    [
        "!" * 60 + "a",
        "(" * 60 + "a" + ")" * 60,
        "a" + ".b" * 60,
        "a" + "[0]" * 60,
        " == ".join("a" * 60),
        "join(" * 60 + ")" * 60,
        "x[" * 5000,
    ],
)
def test_depth_is_bounded_however_it_is_reached(text: str) -> None:
    """GitHub allows fifty levels; nothing here recurses deeper."""
    found = parse(text)
    assert isinstance(found, Wrong)
    assert "deeper" in found.why


def test_a_mixed_nest_cannot_hide_its_depth() -> None:
    """Chains inside brackets inside chains add up."""
    text = "a"
    for _ in range(10):
        text = f"x[{text}]" + ".y" * 10
    assert isinstance(parse(text), Wrong)


def test_a_long_chain_of_conditions_is_flat() -> None:
    """`&&` and `||` do not count as depth, so a thousand of them parse."""
    found = parse(" && ".join(["a"] * 1000))
    assert isinstance(found, Logic)
    assert 1000 == len(found.operands)


def test_templates_split_at_the_right_braces() -> None:
    """Braces inside a text do not end an expression."""
    parts = template("v${{ a }}-${{ 'x}}' }}z").parts
    assert ["v", "a", "-", "'x}}'", "z"] == [part if isinstance(part, str) else brackets(part) for part in parts]


def test_an_open_template_is_wrong() -> None:
    """`${{` without `}}` is kept as an error at its place."""
    assert (Wrong("`${{` without its `}}`", 2, 7),) == template("a ${{ b").parts[1:]


@pytest.mark.parametrize("text", ["${{ }}", "x${{}}", "${{ 'a' "])
def test_a_template_without_an_expression_is_wrong(text: str) -> None:
    """Empty or open."""
    assert isinstance(template(text).parts[-1], Wrong)


def test_an_empty_text_is_null() -> None:
    """Only in `${{ }}` is something missing."""
    assert Literal(None, 0) == parse("")


def test_many_quotes_and_braces_take_no_long_time() -> None:
    """The end of an expression is found in one walk."""
    for text in ("${{" + "'}}'" * 100_000, "${{ '" + "''" * 100_000, "${{ }}" * 50_000, "}}'" * 100_000 + "${{"):
        started = time.process_time()
        template(text)
        assert time.process_time() - started < 1


@pytest.mark.parametrize("text", ["a == b", "!a", "(a || b)", "f.b[ 'c' ].*", "format( 'x', a ) && true", "case(a, b, c)[0]"])
def test_every_node_has_its_own_text(text: str) -> None:
    """From its first character to its last."""
    tree = parse(f"  {text} ")
    assert not isinstance(tree, Wrong)
    assert text == f"  {text} "[tree.start : tree.end]


@pytest.mark.parametrize(
    ("text", "inner"), [("${{ a.b }}", " a.b "), ("a.b", "a.b"), ("\n a.b", "a.b"), ("${{ a }} == b", "${{ a }} == b")]
)
def test_a_condition_knows_where_its_places_count_from(text: str, inner: str) -> None:
    """Behind white space and the opening braces."""
    start = condition_start(text)
    assert inner == text[start : start + len(inner)]


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("github.ref == 'x'", "(github['ref'] == 'x')"),
        ("${{ github.ref }}", "github['ref']"),
        (" a == b\n", "(a == b)"),
        ("${{ a }}\n", r"'${{ a }}\n'"),
        ("${{ a }} && ${{ b }}", "'${{ a }} && ${{ b }}'"),
        ("", "success()"),
    ],
)
def test_conditions(text: str, tree: str) -> None:
    """Bare text is an expression; text around `${{ }}` is a text, and a text is true."""
    assert tree == brackets(condition(text))


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("GitHub.Event['Action']", "github.event.action"),
        ("inputs.x", "inputs.x"),
        ("a[b]", None),
        ("join(a).x", None),
        ("'x'", None),
    ],
)
def test_paths(text: str, path: str | None) -> None:
    """Only a plain dereference has a path."""
    tree = parse(text)
    assert not isinstance(tree, Wrong)
    assert path == path_of(tree)


def test_walking_sees_every_node() -> None:
    """Also those in arguments, keys and operands."""
    tree = parse("!a || join(b[c], d.*) < 1")
    assert not isinstance(tree, Wrong)
    assert ["a", "b", "c", "d"] == [node.name for node in walk(tree) if isinstance(node, Context)]


@given(st.text(alphabet="ab.[]()'!&|=<>,*0x1 \n\"$-", max_size=40))
def test_any_text_is_a_tree_or_wrong(text: str) -> None:
    """The parser never raises, and its places lie in the text."""
    found = parse(text)
    for node in (found,) if isinstance(found, Wrong) else walk(found):
        assert 0 <= node.start <= node.end <= len(text)


@given(st.text(alphabet="ab.[]()'!&|=<>,*01 ", max_size=40))
def test_a_nodes_text_is_the_node(text: str) -> None:
    """Parsed by itself it gives the same tree."""
    found = parse(text)
    for node in () if isinstance(found, Wrong) else walk(found):
        if not (isinstance(node, Literal) and isinstance(node.value, str)):
            assert brackets(node) == brackets(parse(text[node.start : node.end]))


@given(st.text(max_size=30))
def test_a_quoted_text_is_itself(text: str) -> None:
    """Doubling quotes is all that quoting needs."""
    quoted = "'" + text.replace("'", "''") + "'"
    assert Literal(text, 0, len(quoted)) == parse(quoted)


@given(st.text(alphabet="a'}{$ ", max_size=30))
def test_a_template_never_raises(text: str) -> None:
    """Its literal pieces are pieces of the text, in order."""
    at = 0
    for part in template(text).parts:
        if isinstance(part, str):
            found = text.find(part, at)
            assert found >= 0
            at = found + len(part)
