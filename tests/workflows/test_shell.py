"""Scripts cut into commands: quotes, continuations, here-documents, and what is only text."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.workflows.shell import MOST_TEXT, Word, all_commands, commands, expand


def cut(script: str) -> list[list[str]]:
    """The words of every command."""
    return [[word.text for word in command.words] for command in commands(script)]


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("twine upload dist/*", [["twine", "upload", "dist/*"]]),
        ("a && b; c | d\ne & f", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]),
        ("twine upload \\\n  --repository x \\\r\n dist/*", [["twine", "upload", "--repository", "x", "dist/*"]]),
        ("a `\n b", [["a", "b"]]),
        ("echo 'twine upload' \"uv publish; x\"", [["echo", "twine upload", "uv publish; x"]]),
        ("# twine upload\na # b", [["a"]]),
        ("a#b c", [["a#b", "c"]]),
        ("if [ x ]; then uv publish; fi", [["[", "x", "]"], ["uv", "publish"], ["fi"]]),
        ("for f in dist/*; do twine upload $f; done", [["for", "f", "in", "dist/*"], ["twine", "upload", "$f"], ["done"]]),
        ("cat <<EOF > f\ntwine upload\nEOF\nuv publish", [["cat"], ["uv", "publish"]]),
        ("cat <<-'EOF'\n\ttwine upload\n\tEOF\nb", [["cat"], ["b"]]),
        ("cat <<EOF\nnever closed", [["cat"]]),
        ("a > out 2>&1 b", [["a", "b"]]),
        ("a ${{ secrets.X || 'y z' }} b", [["a", "${{ secrets.X || 'y z' }}", "b"]]),
        ('a "${{ x }} y"', [["a", "${{ x }} y"]]),
        ("a $(twine upload; b) c", [["a", "$(twine upload; b)", "c"]]),
        ("(twine upload)", [["twine", "upload"]]),
        ("sudo env X=1 uv publish", [["uv", "publish"]]),
        ('a "b\\"c" d\\ e', [["a", 'b"c', "d e"]]),
        ("a ''", [["a", ""]]),
        ("", []),
    ],
)
def test_commands(script: str, found: list[list[str]]) -> None:
    """What a shell would run, as far as words go."""
    assert found == cut(script)


def test_variables_before_a_command_belong_to_it() -> None:
    """`NAME=value command` sets for this command only; alone it is a command of its own."""
    found = [
        ([(name, word.text) for name, word in c.variables], [w.text for w in c.words]) for c in commands("A=1 B='2 3' x\nC=4")
    ]
    assert [([("A", "1"), ("B", "2 3")], ["x"]), ([("C", "4")], [])] == found


def test_a_command_knows_where_it_begins() -> None:
    """Behind its variables and keywords."""
    script = "a\nif x; then A=1 twine upload"
    assert ["a", "x", "twine upload"] == [re.split("[;\n]", script[c.start :])[0] for c in commands(script)]


@pytest.mark.parametrize(
    ("word", "expanded"),
    [
        (Word("$A/${B}", 0), "1/2"),
        (Word("$C", 0), "$C"),
        (Word("${C:-x}", 0), "${C:-x}"),
        (Word("$A", 0, raw=True), "$A"),
        (Word("x$", 0), "x$"),
    ],
)
def test_known_variables_are_put_in(word: Word, expanded: str) -> None:
    """Unknown ones stay as they are written, single quotes keep everything."""
    assert expanded == expand(word, {"A": "1", "B": "2"})


@given(st.lists(st.text(alphabet="ab '\"\\$#;&|<>()\n*-=x", min_size=1, max_size=8), min_size=1, max_size=4))
def test_quoted_words_come_back(words: list[str]) -> None:
    """What the standard library quotes is read as it was, in any command."""
    script = "cmd " + " ".join(shlex.quote(word) for word in words)
    assert [["cmd", *words]] == cut(script)


@given(st.text(alphabet="ab '\"\\$#;&|<>(){}`\n<<EOF-=${{ }}", max_size=60))
def test_any_script_is_cut(script: str) -> None:
    """Nothing raises, nothing hangs, and places lie in the script."""
    assert all(0 <= command.start <= len(script) for command in commands(script))


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ("a $(twine upload; b) c", [["twine", "upload"], ["b"], ["a", "$(twine upload; b)", "c"]]),
        ('X="$(uv publish)"', [["uv", "publish"], []]),
        ("a `uv publish`", [["uv", "publish"], ["a", "`uv publish`"]]),
        ("a $(b $(c))", [["c"], ["b", "$(c)"], ["a", "$(b $(c))"]]),
        ("a '$(b)'", [["a", "$(b)"]]),
        ("a $((1 + 2))", [["a", "$((1 + 2))"]]),
    ],
)
def test_substitutions_run_first(script: str, found: list[list[str]]) -> None:
    """What stands in one is a script of its own; single quotes hold none."""
    assert found == [[word.text for word in command.words] for command in all_commands(script)]


def test_places_in_substitutions() -> None:
    """They count in the whole script."""
    script = 'a "x $(b; twine upload)"'
    assert ["b", "twine upload", "a"] == [re.split('[;)"]| "', script[c.start :])[0].strip() for c in all_commands(script)]


def test_where_a_command_writes_to() -> None:
    """The last redirection, and the text of a here-document."""
    first, second = commands("echo a >> $OUT\ncat > f <<E\nb\nE\n")
    assert ("$OUT", "") == (first.into.text if first.into else "", first.document)
    assert ("f", "b\n") == (second.into.text if second.into else "", second.document)


@pytest.mark.parametrize(
    ("script", "variables", "words"),
    [
        ('$env:A = "x y"', [("A", "x y")], []),
        ('$env:A="x"', [("A", "x")], []),
        ("uv `\n  publish", [], ["uv", "publish"]),
        ("uv ^\r\n  publish", [], ["uv", "publish"]),
        ("& uv publish", [], ["uv", "publish"]),
    ],
)
def test_powershell_and_cmd(script: str, variables: list[tuple[str, str]], words: list[str]) -> None:
    """Their variables, and lines that go on."""
    (command,) = commands(script)
    assert (variables, words) == ([(name, word.text) for name, word in command.variables], [w.text for w in command.words])


def test_powershells_variables() -> None:
    """With and without braces."""
    assert "1 1" == expand(Word("$env:A ${env:A}", 0), {"A": "1"})


def test_variables_that_would_grow_for_ever() -> None:
    """A text that gets too long stays as it is written."""
    assert "$A$A" == expand(Word("$A$A", 0), {"A": "x" * MOST_TEXT})
