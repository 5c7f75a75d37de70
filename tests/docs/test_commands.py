"""Every command has its heading and its true help, and every command line in a guide can be typed."""

from __future__ import annotations

import importlib.util
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

from tests.docs.markdown import ROOT, page, pages
from trustpub.cli import COMMANDS
from trustpub.cli.group import cli


def generator() -> ModuleType:
    """The script that writes the help blocks."""
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATE = generator()


def typed() -> Iterator[tuple[str, list[str]]]:
    """Every `$ trustpub ...` of the pages, with the page it stands in."""
    for each in pages():
        for block in each.blocks("console"):
            for line in block.replace("\\\n", " ").splitlines():
                if line.startswith("$ trustpub "):
                    yield each.path.name, shlex.split(line, comments=True)[2:]


def test_every_command_has_a_heading() -> None:
    """The page of commands has a heading for each command that there is, and for no other."""
    assert [f"trustpub {name}" for name in COMMANDS] == [words for level, words in page("commands.md").headings if level == 2]


def test_every_subcommand_has_a_heading_and_a_block() -> None:
    """Whatever can be called has a heading and a help block."""
    text = page("commands.md").text
    headings = {words for _, words in page("commands.md").headings}
    called = [" ".join(("trustpub", *words)) for words in GENERATE.commands()]

    assert [] == [name for name in called if name not in headings or f"<!-- help: {name} -->" not in text]


def test_help_blocks_are_true() -> None:
    """The help blocks say what `--help` says; `.venv/bin/python docs/generate.py` writes them anew."""
    text = page("commands.md").text

    assert GENERATE.filled(text) == text


def test_command_lines_can_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command line in a page names a command and options that exist; the settings that some name are there."""
    lines = list(typed())
    (tmp_path / "index.toml").write_text('[[indexes]]\npath = "team"\n')
    monkeypatch.chdir(tmp_path)
    refused = [
        f"{name}: trustpub {' '.join(words)}: {result.output}"
        for name, words in lines
        if (result := CliRunner().invoke(cli, [*words, "--help"], prog_name="trustpub")).exit_code
    ]

    assert len(lines) > 5
    assert [] == refused


def test_front_pages_name_every_command() -> None:
    """Both front pages list the commands that there are, in the same order."""
    for name in ("README.md", "README.ko.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        listed = [line.split("`")[1] for line in text.splitlines() if line.startswith("| [`trustpub ")]

        assert [f"trustpub {command}" for command in COMMANDS] == listed
