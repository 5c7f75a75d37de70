"""Scripts cut into commands: quotes, continuations, here-documents, and what is only text."""

from __future__ import annotations

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trustpub.workflows.shell import Word, commands, expand


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
