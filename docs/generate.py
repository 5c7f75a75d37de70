"""Write what the reference repeats from the code: the help blocks of commands.md, rules.md, and trustpub.schema.json.

Run it after a change of an option or of a rule: `.venv/bin/python docs/generate.py`. With `--check` it changes nothing and
exits 1 when a page is out of date; the tests ask the same question.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click
from click.testing import CliRunner

from trustpub.cli.group import cli
from trustpub.domain.declaration_schema import schema
from trustpub.rules import MODULES, load

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCE = Path(__file__).resolve().parent / "reference"
PAGE = REFERENCE / "commands.md"
RULES = REFERENCE / "rules.md"
DECLARATION = REFERENCE / "trustpub-toml.md"
SCHEMA = REFERENCE / "trustpub.schema.json"
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


HEAD = """\
# Rules

What `trustpub check` looks for. `trustpub rules` lists the same in a terminal, and `trustpub rules CODE` explains one. This page
is written from the rules themselves (`.venv/bin/python docs/generate.py`).

A rule speaks only where it is certain. The severity is the gravest that it gives; a finding can be milder where less is at stake.
To [live with one](../guides/check.md#live-with-a-finding), write `# trustpub: ignore[CODE] why` on its line or above it.

| severity | what it means |
|---|---|
| blocker | the release will fail |
| high | somebody who should not be able to may publish, or a stored secret can |
| medium | it works today; one step of an attack, or one change, is enough |
| low | worth a change when you are there anyway |
| info | good to know |
"""
FAMILIES = {
    "M": "does the job present what its publisher says",
    "F": "files that GitHub refuses",
    "E": "environments",
    "G": "what starts a release",
    "T": "tokens",
    "A": "attestations and upload clients",
    "C": "what else can get into a release",
    "W": "how the publishing workflow is built",
    "I": "issuers",
    "D": "the distribution and its tools",
    "N": "names",
    "V": "versions, and what was published",
    "R": "releases that are out",
    "P": "projects on the index",
    "O": "what the organisation and the repository allow",
    "X": "other consumers of ID tokens",
    "S": "comments for trustpub itself",
}
"""What the first letter of a code stands for."""


def rules_page() -> str:
    """The page of rules: a table for each family, and a section for each rule."""
    tables = []
    for letter, about in FAMILIES.items():
        codes = [code for code in MODULES if code.startswith(letter)]
        rows = [f"| [{code}](#{anchor(code)}) | {load(code).RULE.severity} | {load(code).RULE.title} |" for code in codes]
        if rows:
            tables.append("\n".join([f"**{letter}**: {about}.", "", "| code | severity | what |", "|---|---|---|", *rows, ""]))
    return f"{HEAD}\n" + "\n".join(tables) + "\n" + "\n".join(section(code) for code in MODULES)


def anchor(code: str) -> str:
    """The anchor that GitHub gives to a rule's heading."""
    return f"{code} {load(code).RULE.name}".lower().replace(" ", "-")


def section(code: str) -> str:
    """One rule: what, why, what to do, an example where the rule has one, and who says so."""
    module = load(code)
    rule = module.RULE
    parts = [f"## {code} {rule.name}", f"*{rule.severity}*: {rule.title}.", rule.why, f"**What to do.** {rule.help}"]
    example: str = getattr(module, "EXAMPLE", "")
    if example:
        parts.append(f"```yaml\n{example.strip()}\n```")
    parts.append(f"Source: {rule.source}")
    return "\n\n".join(parts) + "\n"


def schema_file() -> str:
    """The JSON Schema of `trustpub.toml`, each key with what the reference has for it."""
    whole = schema()
    for table, node in cast("dict[str, dict[str, object]]", whole["properties"]).items():
        keys = cast("dict[str, dict[str, dict[str, object]]]", node.get("items") or node.get("additionalProperties") or node)
        for key, value in keys.get("properties", {}).items():
            value["description"] = described(table, key)
    return f"{json.dumps(whole, indent=2, ensure_ascii=False)}\n"


def described(table: str, key: str) -> str:
    """The first paragraph below a key's heading in the reference of `trustpub.toml`."""
    page = DECLARATION.read_text(encoding="utf-8")
    section = re.search(rf"^## `\[+{table}\b.*?(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    found = re.search(rf"^### `{key}`\n\n(.+?)(?=\n\n|\Z)", section[0] if section else "", re.DOTALL | re.MULTILINE)
    if found is None:
        raise SystemExit(f"{DECLARATION.name}: nothing is said of `{key}` in the section of `{table}`")
    return " ".join(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", found[1]).split())


def main(args: list[str]) -> int:
    """Write the pages, or with `--check` say whether they are as they should be."""
    wanted = {PAGE: filled(PAGE.read_text(encoding="utf-8")), RULES: rules_page(), SCHEMA: schema_file()}
    if "--check" in args:
        return int(any(not page.exists() or page.read_text(encoding="utf-8") != text for page, text in wanted.items()))
    for page, text in wanted.items():
        page.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
