"""Write the help blocks of docs/reference/commands.md from the commands themselves.

Run it after a change of an option: `.venv/bin/python docs/generate.py`. With `--check` it changes nothing and exits 1 when a
block is out of date; the tests ask the same question.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.testing import CliRunner

from trustpub.cli.group import cli

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parent / "reference" / "commands.md"
WIDTH = 78
"""What click takes on a terminal of 80 columns or more."""
BLOCK = re.compile(r"(?P<open><!-- help: (?P<words>[^>]*?) -->\n)(?P<body>.*?)(?P<close><!-- /help -->)", re.DOTALL)


def commands(group: click.Group = cli, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command that can be called, as its words: `("admin", "user", "add")`."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))
        else:
            yield (*words, name)


def help_of(words: tuple[str, ...]) -> str:
    """What `trustpub WORDS --help` prints on a terminal of 80 columns or more."""
    where = ["--data", "DIR"] if words[0] == "admin" else []
    result = CliRunner().invoke(cli, [words[0], *where, *words[1:], "--help"], prog_name="trustpub", terminal_width=WIDTH)
    if result.exit_code:
        raise SystemExit(f"trustpub {' '.join(words)} --help: exit {result.exit_code}: {result.output}{result.exception}")
    return "\n".join(line.rstrip() for line in result.output.strip().splitlines())


def filled(text: str) -> str:
    """The page with every help block written anew."""

    def fill(match: re.Match[str]) -> str:
        words = tuple(match["words"].split()[1:])
        return f"{match['open']}```text\n{help_of(words)}\n```\n{match['close']}"

    return BLOCK.sub(fill, text)


def main(args: list[str]) -> int:
    """Write the page, or with `--check` say whether it is as it should be."""
    text = PAGE.read_text(encoding="utf-8")
    wanted = filled(text)
    if "--check" in args:
        return int(text != wanted)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
