"""Evaluation: GitHub's coercions and comparisons, and what is known although something is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.workflows import globs
from trustpub.workflows.evaluation import (
    Items,
    Record,
    Ruled,
    Unknown,
    Value,
    World,
    evaluate,
    fold,
    from_data,
    render,
    text,
    truth,
)
from trustpub.workflows.expressions import Wrong, parse, template

TAG = Ruled.of("refs/tags/v1.2.3", "github.ref", "refs/tags/v", False, lambda ref: globs.matches("refs/tags/v*", ref))
WORLD = World(
    {
        "github": Record(
            {"ref": TAG, "event_name": "push", "actor": "Octo", "event": Record({"action": None})}, "github", open=True
        ),
        "inputs": Record({"flag": True, "name": "PyPI", "empty": ""}),
        "secrets": Record({}, "secrets", open=True),
        "vars": Record({"known": "x"}, "vars", open=True),
        "matrix": Record({"os": "linux", "list": Items(("a", "b"))}),
    }
)
AS_RULE = WORLD._replace(as_rule=True)


def value_of(words: str, world: World = WORLD) -> Value:
    """Evaluate an expression."""
    return evaluate(parse(words), world)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("'a' == 'A'", True),
        ("'ß' == 'SS'", False),
        ("1 == '1'", True),
        ("'' == 0", True),
        ("null == 0", True),
        ("true == 1", True),
        ("'0x10' == 16", True),
        ("'x' == 0", False),
        ("'abc' < 'B'", True),
        ("2 < 10", True),
        ("'2' < '10'", False),
        ("NaN == NaN", False),
        ("null == ''", True),
        ("inputs.flag == 'true'", False),
        ("inputs.missing == ''", True),
        ("1 >= 1", True),
        ("1 > 1", False),
        ("'a' && 'b'", "b"),
        ("'' || 'b'", "b"),
        ("false && 'x' || 'y'", "y"),
        ("!''", True),
        ("!'a'", False),
        ("!0", True),
        ("github.event.action", None),
        ("GITHUB.EVENT_NAME", "push"),
        ("github['event_name']", "push"),
        ("matrix.list[1]", "b"),
        ("matrix.list[9]", None),
        ("contains(matrix.list, 'B')", True),
        ("contains('Hello', 'ELL')", True),
        ("contains(matrix.list, 'z')", False),
        ("startsWith('Hello', 'he')", True),
        ("endsWith('Hello', 'LO')", True),
        ("startsWith(12, '1')", True),
        ("format('{0}-{1}{{}}', 'a', 2)", "a-2{}"),
        ("format('{0}}}{{', 'a')", "a}{"),
        ("join(matrix.list, matrix)", "a,b"),
        ("join(matrix)", ""),
        (
            'toJSON(fromJSON(\'{"A":[1,null,true,"é"],"b":{},"c":[]}\'))',
            '{\n  "A": [\n    1,\n    null,\n    true,\n    "é"\n  ],\n  "b": {},\n  "c": []\n}',
        ),
        ("toJSON('x')", '"x"'),
        ('fromJSON(\'[{"a":1},{"b":2},{"a":null}]\').*.a', Items((1.0, None), True)),
        ('join(fromJSON(\'{"x":{"n":[1,2]},"y":{"n":[3]}}\').*.n.*)', "1,2,3"),
        ("join(fromJSON('[[1,2],[3]]').*[0])", "1,3"),
        ("'x'.*", None),
        ("case(false, 1, true, 2, 3)", 2.0),
        ("case(false, 1, 3)", 3.0),
        ("matrix.list >= matrix.list", True),
        ("matrix.list > matrix.list", False),
        ("'\N{LATIN SMALL LETTER DOTLESS I}' == 'I'", False),
        ("join(matrix.list, '+')", "a+b"),
        ("join('x')", "x"),
        ("fromJSON('{\"A\": [1]}').a[0]", 1.0),
        ("fromJSON('true')", True),
        ("always()", True),
        ("success()", True),
        ("failure()", False),
        ("cancelled()", False),
        ("contains(fromJSON('[\"push\"]'), github.event_name)", True),
        ("'x'.y", None),
        ("fromJSON('{}') == fromJSON('{}')", False),
    ],
)
def test_known_values(words: str, value: object) -> None:
    """Texts compare without case, other types by number, a missing member is null."""
    if words in ("'x'.y", "'x'.*"):
        assert isinstance(parse(words), Wrong)
    else:
        assert value == value_of(words)


@pytest.mark.parametrize(
    ("words", "on"),
    [
        ("github.sha", {"github.sha"}),
        ("github.event.action.x", None),
        ("secrets.TOKEN == ''", {"secrets.token"}),
        ("needs.build.outputs.v", {"needs.build.outputs.v"}),
        ("vars.other || vars.third", {"vars.other", "vars.third"}),
        ("hashFiles('x')", {"hashfiles()"}),
        ("failure('build')", {"failure()"}),
        ("toJSON(github)", {"github.*"}),
        ("toJSON(fromJSON('[1]')[github.run_id])", {"github.run_id"}),
        ("case(secrets.a, 1, 2)", {"secrets.a"}),
        ("secrets.a && fromJSON('')", {"secrets.a", "an expression that GitHub refuses (`fromJSON()` of an empty text)"}),
        ("format('{0}', github.sha)", {"github.sha"}),
        ("matrix[github.sha]", {"github.sha"}),
        ("contains(secrets.a, 'x')", {"secrets.a"}),
    ],
)
def test_unknown_values_say_what_they_hang_on(words: str, on: set[str] | None) -> None:
    """By the dotted path that a person would look up."""
    value = value_of(words)
    if on is None:
        assert None is value
    else:
        assert isinstance(value, Unknown)
        assert on == value.on


@pytest.mark.parametrize(
    ("words", "known"),
    [
        ("false && secrets.x", False),
        ("secrets.x && false", False),
        ("secrets.x || true", True),
        ("true || secrets.x", True),
        ("secrets.x && true", None),
        ("secrets.x || false", None),
        ("!secrets.x", None),
        ("!(secrets.x && false)", True),
        ("(secrets.x && false) || false", False),
        ("secrets.x && secrets.y && ''", False),
    ],
)
def test_a_condition_can_be_known_although_a_part_is_not(words: str, known: bool | None) -> None:
    """Three values: true, false, unknown."""
    assert known is truth(value_of(words))


@pytest.mark.parametrize(
    ("words", "example", "rule"),
    [
        ("github.ref == 'refs/tags/v1.2.3'", True, None),
        ("github.ref == 'refs/heads/main'", False, False),
        ("github.ref != 'refs/heads/main'", True, True),
        ("github.ref == 'REFS/TAGS/V9'", False, None),
        ("startsWith(github.ref, 'refs/tags/')", True, True),
        ("startsWith(github.ref, 'refs/heads/')", False, False),
        ("startsWith(github.ref, 'refs/tags/v1')", True, None),
        ("contains(github.ref, 'tags')", True, True),
        ("contains(github.ref, 'refs/tags/')", True, True),
        ("contains(github.ref, 'refs/heads/')", False, False),
        ("contains(github.ref, 'refs/tags/v1')", True, None),
        ("contains(github.ref, 'rc')", False, None),
        ("endsWith(github.ref, '.3')", True, None),
        ("format('{0}', github.ref) == 'refs/tags/v1.2.3'", True, None),
        ("github.ref < 'a'", False, None),
        ("contains('x refs/tags/v1.2.3', github.ref)", True, None),
        ("contains(fromJSON('[\"refs/tags/v1.2.3\"]'), github.ref)", True, None),
    ],
)
def test_an_example_is_not_a_rule(words: str, example: bool, rule: bool | None) -> None:
    """What the pattern `v*` decides is known for all its tags; what only the example decides is not."""
    assert (example, rule) == (truth(value_of(words)), truth(value_of(words, AS_RULE)))


def test_an_exact_rule_is_its_example() -> None:
    """A pattern without wildcards leaves nothing open."""
    main = Ruled.of("refs/heads/main", "github.ref", "refs/heads/main", True, lambda ref: ref == "refs/heads/main")
    world = World({"github": Record({"ref": main})}, as_rule=True)
    assert [True, False, True] == [
        value_of("github.ref == 'refs/heads/main'", world),
        value_of("endsWith(github.ref, 'x')", world),
        value_of("contains(github.ref, 'main')", world),
    ]


def test_a_skipped_need_is_neither_success_nor_failure() -> None:
    """Only `always()` holds then."""
    world = WORLD._replace(success=False)
    assert [True, False, False] == [value_of(f"{name}()", world) for name in ("always", "success", "failure")]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (True, "true"),
        (1.0, "1"),
        (1.5, "1.5"),
        (-0.0, "0"),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (1e20, "1E+20"),
        (1e-5, "1E-05"),
        ("x", "x"),
        (Items(()), "Array"),
        (Record({}), "Object"),
    ],
)
def test_values_as_text(value: Value, written: str) -> None:
    """As GitHub writes them into other text."""
    assert written == text(value)


def test_templates_keep_the_type_of_a_lone_expression() -> None:
    """`${{ true }}` is a boolean, `x${{ true }}` a text."""
    assert [True, "xtrue", ""] == [render(template(words), WORLD) for words in ("${{ true }}", "x${{ true }}", "")]


def test_a_template_with_an_unknown_is_unknown() -> None:
    """And hangs on all that its parts hang on."""
    value = render(template("${{ github.sha }}-${{ secrets.a }}"), WORLD)
    assert Unknown(frozenset(("github.sha", "secrets.a"))) == value


def test_a_broken_expression_is_unknown() -> None:
    """It is GitHub's to refuse it; a prediction only doubts."""
    value = value_of("a b")
    assert isinstance(value, Unknown)
    assert "refuses" in next(iter(value.on))


@pytest.mark.parametrize(
    ("words", "place"),
    [
        ("fromJSON('no')", "fromJSON('no')"),
        ("1 == fromJSON( '' )", "fromJSON( '' )"),
        ("format('{5}', 'a')", "format('{5}', 'a')"),
        ("format('{', 'a')", "format('{', 'a')"),
        ("format('}', 'a')", "format('}', 'a')"),
        ("format('{0:x}', 'a')", "format('{0:x}', 'a')"),
        ("format('{0000}', 'a')", "format('{0000}', 'a')"),
        ("case('x', 1, 2)", "case('x', 1, 2)"),
        ("fromJSON('no') || true", "fromJSON('no')"),
        ("true && fromJSON('no').x", "fromJSON('no')"),
    ],
)
def test_an_error_has_its_place(words: str, place: str) -> None:
    """GitHub stops there, whatever else the expression says."""
    value = value_of(words)
    assert isinstance(value, Unknown)
    assert value.wrong is not None
    assert (None, place) == (truth(value), words[value.wrong.start : value.wrong.end])


def test_an_error_behind_an_unknown_is_not_certain() -> None:
    """`false && fromJSON('')` is false; whether it gets there depends."""
    value = value_of("secrets.a && fromJSON('')")
    assert isinstance(value, Unknown)
    assert (None, False) == (value.wrong, value_of("false && fromJSON('')"))


def test_huge_texts_are_refused() -> None:
    """GitHub gives an expression one mebibyte."""
    huge = "x" * 300_000
    value = value_of("format('{0}{0}', matrix.huge)", World({"matrix": Record({"huge": huge})}))
    assert isinstance(value, Unknown)
    assert value.wrong is not None


HUGE = World({"matrix": Record({"huge": "x" * 400_000, "list": Items(("",) * 3000)})})


@pytest.mark.parametrize(
    "words",
    [
        "format('" + "{0}" * 5000 + "', matrix.huge)",
        "join(matrix.list, matrix.huge)",
        "format('{0}{0}', matrix.huge)",
        "contains(matrix.huge, matrix.huge)",
    ],
)
def test_no_text_grows_beyond_what_github_allows(words: str) -> None:
    """It is refused before it is made."""
    value = value_of(words, HUGE)
    assert isinstance(value, Unknown)
    assert value.wrong is not None


def test_a_template_does_not_grow_either() -> None:
    """A hundred times a large text."""
    value = render(template("${{ matrix.huge }} " * 100), HUGE)
    assert isinstance(value, Unknown)


@pytest.mark.parametrize("depth", [60, 900, 5000])
def test_deep_json_is_not_looked_into(depth: int) -> None:
    """Whatever is done with it."""
    for words in (f"fromJSON('{'[' * depth}{']' * depth}')", f"toJSON(fromJSON('{'[' * depth}{']' * depth}'))"):
        value = value_of(words)
        assert isinstance(value, Unknown)
        assert value.wrong is None


@pytest.mark.parametrize("words", ["0x" + "f" * 400, "fromJSON('1" + "0" * 400 + "')", "1e999"])
def test_huge_numbers_are_infinite(words: str) -> None:
    """Nothing overflows."""
    assert float("inf") == value_of(words)


def test_a_text_of_a_huge_number_is_infinite() -> None:
    """Also where a text is compared as a number."""
    assert True is value_of(f"1 < '0x{'f' * 400}'")


@given(st.text(alphabet="agithub.ref'!&|=<>(),*[]0 ", max_size=40), st.booleans())
def test_evaluation_never_raises(words: str, as_rule: bool) -> None:
    """Whatever the tree."""
    truth(evaluate(parse(words), WORLD._replace(as_rule=as_rule)))


LEAVES = st.sampled_from(["true", "false", "secrets.x", "secrets.y", "''", "'a'"])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||"]), inner) | inner.map("!({})".format),
    max_leaves=8,
)


@given(TREES)
def test_what_is_known_holds_for_every_value_of_the_unknown(words: str) -> None:
    """Soundness: put every truth in for the secrets; a known answer never changes."""
    known = truth(value_of(words))
    answers = set()
    for x in ("", "set"):
        for y in ("", "set"):
            secrets = Record({"x": x, "y": y})
            answers.add(truth(value_of(words, WORLD._replace(contexts={**WORLD.contexts, "secrets": secrets}))))
    assert known is None or {known} == answers


@given(st.text())
def test_folding_keeps_the_length(word: str) -> None:
    """Ordinal comparison never joins or splits characters."""
    assert len(word) == len(fold(word))


def test_plain_data_becomes_values() -> None:
    """Maps are closed records with keys in lower case, numbers are floats."""
    assert Record({"a": Items((1.0, None, True))}, names={"a": "A"}) == from_data({"A": [1, None, True], "a": 2})
