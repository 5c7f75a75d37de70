"""Every key of both files has a heading, and the examples in the pages are taken by the real parsers."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, page, pages
from trustpub.domain import declaration
from trustpub.domain.declaration import DeclaredAccount, DeclaredEnvironment, DeclaredIndex, DeclaredPublisher
from trustpub.errors import BadInput
from trustpub.settings import Limits, load
from trustpub.settings_document import INDEX
from trustpub.settings_document import TABLES as TABLES_OF_SETTINGS

TABLES = {
    "[[publisher]]": list(DeclaredPublisher._fields),
    "[environments.NAME]": [name for name in DeclaredEnvironment._fields if name != "name"],
    "[tags]": ["protect", "bypass"],
    "[indexes.NAME]": [name for name in DeclaredIndex._fields if name != "name"],
    "[accounts.INDEX]": [name for name in DeclaredAccount._fields if name != "name"],
    "[attestations]": ["required"],
    "[vars]": [],
}
SETTINGS = TABLES_OF_SETTINGS
SHARED = {"indexes", "attestations"}
"""Tables of either file: an example of settings has another one beside them."""
LISTS = ("issuers", "indexes")
"""Tables of the settings that are written with double brackets."""


def known_keys(problem: str, table: str) -> list[str]:
    """The keys that the reader of settings itself names when it is given an impossible one."""
    found = re.search(rf"unknown key `{table}0` \(known: ([^)]+)\)", problem)
    assert found is not None, problem
    return re.findall(r"`(\w+)`", found[1])


@pytest.fixture
def problem(tmp_path: Path) -> str:
    """What the reader of settings says to an impossible key in every table, each in a line."""
    config = tmp_path / "settings.toml"
    tables = [f"[[{name}]]\npath = 'a'\nkind = 'github'\n0 = 1\n" if name in LISTS else f"[{name}]\n0 = 1\n" for name in SETTINGS]
    config.write_text("0 = 1\n" + "".join(tables))
    with pytest.raises(BadInput) as refused:
        load(tmp_path / "data", config)
    return refused.value.detail


def test_every_table_of_trustpub_toml_has_a_heading() -> None:
    """The page has exactly the tables that the parser knows: it names them when it meets another one."""
    with pytest.raises(BadInput) as refused:
        declaration.parse(b"[0]\n", "trustpub.toml")
    names = re.findall(r"\w+", str(refused.value).partition("Keys: ")[2])
    headings = [words for level, words in page("trustpub-toml.md").headings if level == 2]

    assert names == [words.strip("[]").partition(".")[0] for words in headings]
    assert list(TABLES) == headings


@pytest.mark.parametrize("table", TABLES)
def test_every_key_of_trustpub_toml_has_a_heading(table: str) -> None:
    """The page has exactly the keys of each table, in the code's order."""
    assert TABLES[table] == page("trustpub-toml.md").below(table)


def test_every_table_of_the_settings_has_a_heading(problem: str) -> None:
    """The page has the tables that the reader knows, and no other."""
    headings = [words.strip("[]") for level, words in page("settings.md").headings if level == 2]

    assert sorted(known_keys(problem, "")) == sorted(headings)


@pytest.mark.parametrize("table", TABLES_OF_SETTINGS)
def test_every_key_of_the_settings_has_a_heading(table: str, problem: str) -> None:
    """The page has exactly the keys of each table, in the code's order; a further index has the keys of the first too."""
    title, place = (f"[[{table}]]", rf"{table}\[1\].") if table in LISTS else (f"[{table}]", f"{table}.")
    known = known_keys(problem, place)
    own = [key for key in known if key not in INDEX] if table == "indexes" else known

    assert own == page("settings.md").below(title)


@pytest.mark.parametrize("limit", fields(Limits), ids=lambda limit: limit.name)
def test_limits_say_their_defaults(limit: object) -> None:
    """The page names the default that the code has."""
    name = str(getattr(limit, "name", ""))
    section = page("settings.md").text.partition(f"### `{name}`\n")[2].partition("\n#")[0]

    assert f"Default: {getattr(Limits(), name)} " in section


@pytest.mark.parametrize("path", [ROOT / "trustpub.toml", ROOT / "examples" / "orchay" / "trustpub.toml"], ids=["ours", "orchay"])
def test_our_own_declarations_are_read(path: Path) -> None:
    """The files of this repository are taken by the parser, one publisher for each public index."""
    declared = declaration.parse(path.read_bytes(), path.name)

    assert ["pypi", "testpypi"] == [publisher.index for publisher in declared.publishers]


def test_examples_in_pages_are_taken(tmp_path: Path) -> None:
    """Every TOML example in a page is read by the parser of the file that it shows."""
    taken = 0
    for each in pages():
        for number, block in enumerate(each.blocks("toml")):
            if set(tomllib.loads(block)) & set(SETTINGS) - SHARED:
                config = tmp_path / f"{number}.toml"
                config.write_text(block, encoding="utf-8")
                load(tmp_path / "data", config)
            else:
                declaration.parse(block.encode(), "trustpub.toml")
            taken += 1

    assert taken >= 3
