"""What the guides of an index show is what its commands say, and what its server answers."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.docs.markdown import ENGLISH, ROOT, Page
from trustpub.cli.group import cli
from trustpub.storage.database import Database
from trustpub.storage.projects import create_project

GUIDES = ("own-index", "accounts", "private-index", "run-it")
READ = re.compile(r"\d+ (?=rows|files|bytes)")
"""Counts, which are other ones in every index."""


def shown(guide: str) -> Iterator[tuple[str, str]]:
    """Every command line of a guide with the output below it, if there is one."""
    for block in Page(ENGLISH / f"{guide}.md").blocks("console"):
        for part in re.split(r"^\$ ", block.replace("\\\n", " "), flags=re.MULTILINE)[1:]:
            line, _, output = part.partition("\n")
            if output:
                yield line, output


def run(line: str) -> str:
    """What one command of ours says."""
    done = CliRunner().invoke(cli, shlex.split(line)[1:], prog_name="trustpub", catch_exceptions=False)
    assert 0 == done.exit_code, done.output
    return done.output


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings of two indexes, and an index with two people."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "index.toml").write_text('[[indexes]]\npath = "team"\n')
    run("trustpub admin --data ./index user add alice --email alice@example.com --admin")
    return tmp_path


@pytest.mark.parametrize("guide", GUIDES)
@pytest.mark.usefixtures("index")
def test_commands_say_what_is_shown(guide: str) -> None:
    """To the letter, but for counts."""
    said = [(line, output) for line, output in shown(guide) if line.startswith("trustpub admin ")]
    for line, output in said:
        prepare(line)
        assert READ.sub("N ", output) == READ.sub("N ", run(line))

    assert said


def prepare(line: str) -> None:
    """What happened to the guide's index between two commands."""
    if line.endswith("user close hana"):
        run("trustpub admin --data ./index user add hana --email hana@acme.example")
    if line.endswith("project list"):
        with closing(Database.open(Path("index"))) as database:
            database.write(lambda connection: create_project(connection, "mypackage", 1.0, owner_id=1)).result(30)


@pytest.mark.parametrize(
    ("guide", "source"),
    [("private-index", "web/private.py"), ("upstream", "usecases/upstream.py"), ("attestations", "web/api/integrity.py")],
)
def test_answers_of_the_server_are_its_own(guide: str, source: str) -> None:
    """What a guide shows behind `curl` is what the source says."""
    [output] = [output for line, output in shown(guide) if line.startswith("curl ")]
    told = json.loads(output)["errors"][0]["description"] if output.startswith("{") else output.rpartition("`")[2].strip()

    assert told in (ROOT / "src" / "trustpub" / source).read_text(encoding="utf-8")
