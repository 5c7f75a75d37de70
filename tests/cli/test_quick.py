"""The quick parser reads a command line exactly as click does, or leaves it to click."""

from __future__ import annotations

import click
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conftest import Scale
from trustpub.cli import QUICK, check, predict
from trustpub.cli.options import Option, Table, Value, click_command
from trustpub.cli.quick import parse

TABLE = Table(
    "demo",
    "About.",
    argument="path",
    argument_default=".",
    options=(
        Option("index", "--index", "Any text."),
        Option("form", "--format", "One of three.", ("text", "json", "-"), "text"),
        Option("fix", "--fix", "A switch.", switch=True),
        Option("no_cache", "--no-cache", "Another.", switch=True),
    ),
)
TABLES = (TABLE, check.TABLE, predict.TABLE)


def by_click(table: Table, args: list[str]) -> dict[str, Value] | None:
    """What click makes of a command line; None when it refuses it or helps."""
    found: list[dict[str, Value]] = []

    def keep(**values: Value) -> int:
        found.append(values)
        return 0

    try:
        click_command(table._replace(launched=False), keep).main(list(args), prog_name="trustpub", standalone_mode=False)
    except click.ClickException:
        return None
    return found[0] if found else None


def lines(table: Table) -> st.SearchStrategy[list[str]]:
    """Command lines from the table's own words, spoilt in every way that a person or a script would."""
    flags = [option.flag for option in table.options]
    values = ["json", "text", "a b", "", "-", "--", "-1", "high", "x=y", "=", "é", "\udc80", *table.options[-1].choices]
    flag = st.sampled_from([*flags, "--help", "-h", "--form", "--formats", "--nope", "-x", "---"])
    value = st.sampled_from(values) | st.text(max_size=4)
    good = [
        [option.flag] if option.switch else [option.flag, option.choices[0] if option.choices else "x"]
        for option in table.options
    ]
    words = st.sampled_from(good) | st.one_of(flag, value, st.builds("{}={}".format, flag, value)).map(lambda word: [word])
    return st.lists(words, max_size=5).map(lambda parts: [word for part in parts for word in part])


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.command)
def test_reads_as_click_or_declines(table: Table, scale: Scale, capsys: pytest.CaptureFixture[str]) -> None:
    """For any command line the quick parser either declines or gives what click gives."""
    understood: list[int] = []

    @settings(max_examples=scale(100, 10_000), deadline=None)
    @given(args=lines(table))
    @example(args=["--format", "json", "--", "x"])
    @example(args=["--format=json", "here"])
    def law(args: list[str]) -> None:
        quick = parse(table, args, {})
        if quick is not None:
            understood.append(1)
            assert by_click(table, args) == quick

    law()

    assert len(understood) > 10


@pytest.mark.parametrize(
    ("args", "changed"),
    [
        ([], {}),
        (["here"], {"path": "here"}),
        (["--format", "json", "here", "--fix"], {"path": "here", "form": "json", "fix": True}),
        (["--format=json", "--format", "text", "--index="], {"index": ""}),
        (["--no-cache", "--index", "a=b"], {"no_cache": True, "index": "a=b"}),
    ],
    ids=str,
)
def test_reads_ordinary_lines(args: list[str], changed: dict[str, Value]) -> None:
    """What people and hooks type needs no click."""
    assert TABLE.defaults() | changed == parse(TABLE, args, {})


@pytest.mark.parametrize(
    "args",
    [["--help"], ["-h"], ["--form", "json"], ["--format", "xml"], ["--format"], ["--fix=1"], ["a", "b"], ["--"], ["-"], [""]],
    ids=str,
)
def test_leaves_the_rest_to_click(args: list[str]) -> None:
    """Help, misspelt options and wrong values are click's to speak about."""
    assert parse(TABLE, args, {}) is None


def test_completion_is_left_to_click() -> None:
    """A shell that asks for completions gets them from click."""
    assert parse(TABLE, [], {"_TRUSTPUB_COMPLETE": "bash_complete"}) is None


def test_help_shows_the_table() -> None:
    """Click's help is made of the same table: flags, choices, defaults and words."""
    shown = click_command(TABLE, lambda: 0).get_help(click.Context(click.Command("demo")))

    for word in ("About.", "--index TEXT", "[text|json|-]", "[default: text]", "A switch.", "[PATH]"):
        assert word in shown


@pytest.mark.parametrize("name", QUICK)
def test_every_quick_command_has_a_table(name: str) -> None:
    """The commands that are read quickly hold a table of their own name and something to run."""
    module = {"check": check, "predict": predict}[name]

    assert name == module.TABLE.command
    assert set(module.TABLE.defaults()) == set(module.run.__annotations__) - {"return", "launchers"}
    assert module.TABLE.launched <= ("launchers" in module.run.__annotations__)
