"""Comments: found in the gaps between words, never inside them; and those that tell `check` to be silent."""

from __future__ import annotations

import pytest

from tests.workflows.styles import STYLES
from trustpub.workflows.comments import Ignore, comments, ignores
from trustpub.workflows.source import Source, parse


def found(text: str) -> list[str]:
    """The comments of a file."""
    document = parse(text.encode(), "w.yml")
    return [document.source.text[start:end] for start, end in comments(document.source, document.root)]


def read(text: str) -> tuple[Ignore, ...]:
    """The ignores of a workflow file."""
    document = parse(text.encode(), "w.yml")
    return ignores(document.source, document.root)


def test_comments_of_a_whole_file() -> None:
    """Every comment of a file that is full of them, and nothing else."""
    text = STYLES["comments everywhere"]
    expected = [line[line.index("#") :] for line in text.splitlines() if "#" in line]

    assert expected == found(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b # c", ["# c"]),
        ("a: b#c", []),
        ("a: '# b' # c", ["# c"]),
        ('a: "x # b"\n', []),
        ("a: |\n  # b\n# c\n", ["# c"]),
        ("a: | # b\n  # c\n", ["# b"]),
        ("a: >- # b\n  c\n\n# d", ["# b", "# d"]),
        ("a: [b, # c\n  d]", ["# c"]),
        ("a: &x b\nc: *x # d\n", ["# d"]),
        ("a: plain\n  over # lines\n", ["# lines"]),
        ("%YAML 1.1 # a\n--- # b\nc: d\n... # e\n", ["# a", "# b", "# e"]),
        ("# only", ["# only"]),
    ],
)
def test_comments_stand_between_words(text: str, expected: list[str]) -> None:
    """Quotes, block texts and plain words hold no comments; what follows them does."""
    assert expected == found(text)


@pytest.mark.parametrize(
    ("comment", "codes", "reason"),
    [
        ("# trustpub: ignore[M02] the caller grants it", ["M02"], "the caller grants it"),
        ("#trustpub:ignore[M02,C01]: both", ["M02", "C01"], "both"),
        ("# trustpub: ignore[ M02 , C01 ] - why", ["M02", "C01"], "why"),
        ("# noqa # trustpub: ignore[M02] why # zizmor: ignore[x]", ["M02"], "why"),
        ("# trustpub: ignore[M02]", ["M02"], ""),
        ("# trustpub: ignore[M02] --", ["M02"], ""),
        ("# trustpub: ignore[M02] # zizmor: ignore[x]", ["M02"], ""),
        ("# trustpub: ignore why", [], "why"),
        ("# trustpub: ignore[] why", [], "why"),
        ("# trustpub: ignore[m02] why", ["m02"], "why"),
    ],
)
def test_an_ignore_names_codes_and_a_reason(comment: str, codes: list[str], reason: str) -> None:
    """Codes by comma, and what follows them as far as the next comment."""
    (ignore,) = read(f"a: b {comment}\n")

    assert (codes, reason) == ([code.text for code in ignore.codes], ignore.reason)


@pytest.mark.parametrize(
    "text", ["a: b # trustpub ignore[M02] x", "a: '# trustpub: ignore[M02] x'", "# trustpub: ignored[M02] x"]
)
def test_what_is_no_ignore(text: str) -> None:
    """Other words, and a text that looks like one."""
    assert () == read(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: b # trustpub: ignore[M02] x\nc: d\n", 1),
        ("# trustpub: ignore[M02] x\na: b\n", 2),
        ("# trustpub: ignore[M02] x\n# more\n  # and more\na: b\n", 4),
        ("# trustpub: ignore[M02] x\n\na: b\n", 2),
        ("a: b\n# trustpub: ignore[M02] x", 3),
    ],
)
def test_an_ignore_speaks_of_its_line_or_the_next(text: str, line: int) -> None:
    """At the end of a line of that one, alone of the one below the comments; never across a gap."""
    (ignore,) = read(text)

    assert line == ignore.line


SCRIPT = """\
jobs:
  a:
    steps:
      - run: |
          # trustpub: ignore[M02] x
          echo "# trustpub: ignore[M03] no comment"
          twine upload dist/* # trustpub: ignore[M04] y
      - env:
          A: |
            # trustpub: ignore[M05] no script
"""


def test_a_comment_of_the_shell_counts_inside_its_script_only() -> None:
    """Lines of `run` only, quotes of the shell respected, and nothing outside of the script."""
    first, second = read(SCRIPT)

    assert ["M02", "M04"] == [first.codes[0].text, second.codes[0].text]
    assert (6, 7) == (first.line, second.line)
    assert first.covers(6, SCRIPT.index("echo"))
    assert not first.covers(6, 0)


def test_other_files_are_read_by_their_quotes() -> None:
    """A `#` in a text of TOML is none, one behind it is."""
    text = 'a = "# trustpub: ignore[M02] x" # trustpub: ignore[M03] y\nb = """\n# trustpub: ignore[M04] z\n"""\n'

    assert ["M03"] == [ignore.codes[0].text for ignore in ignores(Source("pyproject.toml", text), None)]
