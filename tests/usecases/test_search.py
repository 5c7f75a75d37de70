"""The search: which projects are found, in which order, and that no character means more than itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from trustpub.storage.database import Connection, Database
from trustpub.storage.files import insert_release
from trustpub.storage.projects import create_project
from trustpub.storage.tables import projects, releases
from trustpub.usecases.search import MOST_HITS, Hit, Search

HERE = (
    ("or-chay", "An orchard of clients"),
    ("Chay.Tools", "Tools for `or-chay`"),
    ("chay", "100% tea"),
    ("kettle", "Boils water for chay"),
    ("snake_case", "Under_scores everywhere"),
    ("hidden", "chay that nobody may see"),
)


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Search]:
    """A handful of projects, one of them quarantined."""
    with Database.open(Path(tmp_path_factory.mktemp("search"))) as database:
        database.write(_fill).result()
        yield Search(database)


def _fill(connection: Connection) -> None:
    for name, summary in HERE:
        project = create_project(connection, name, 1.0)
        insert_release(connection, project.id, "1.0", {"summary": "an older one"}, 1.0)
        insert_release(connection, project.id, "2.0rc1", {"summary": summary}, 2.0)
    connection.execute(update(projects).where(projects.c.normalized == "hidden").values(state="quarantined"))
    connection.execute(update(releases).where(releases.c.project_id == 3, releases.c.version == "1.0").values(yanked=True))


def names(hits: tuple[Hit, ...]) -> list[str]:
    """The names that were found, in their order."""
    return [hit.name for hit in hits]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("chay", ["chay", "Chay.Tools", "or-chay", "kettle"]),
        ("CHAY", ["chay", "Chay.Tools", "or-chay", "kettle"]),
        ("or_chay", ["or-chay"]),
        ("or-chay", ["or-chay", "Chay.Tools"]),
        ("chay tools", ["Chay.Tools"]),
        ("tools chay", ["Chay.Tools"]),
        ("water kettle", ["kettle"]),
        ("%", ["chay"]),
        ("_", ["Chay.Tools", "or-chay", "snake_case"]),
        ("under_scores", ["snake_case"]),
        ("underXscores", []),
        ("older", []),
        ("nobody", []),
        ("/", []),
        ("' OR 1=1 --", []),
        ("\x00", []),
        ("", []),
        ("   ", []),
    ],
)
def test_every_word_must_be_there_and_names_come_first(search: Search, words: str, found: list[str]) -> None:
    """Case does not count; `%` and `_` are no wildcards; what a quarantined project says is not found."""
    assert found == names(search.find(words))


def test_a_hit_says_what_a_list_shows(search: Search) -> None:
    """The summary of the newest release, and the version that a visitor should see first."""
    assert (Hit("or-chay", "An orchard of clients", "1.0", "or-chay"),) == search.find("orchard")
    assert (Hit("chay", "100% tea", "2.0rc1", "chay"),) == search.find("tea")


def test_hits_come_in_pages(search: Search) -> None:
    """What one page ends with, the next goes on from; numbers that make no sense give nothing or the beginning."""
    assert ["chay", "Chay.Tools"] == names(search.find("chay", 2))
    assert ["or-chay", "kettle"] == names(search.find("chay", 2, 2))
    assert [] == names(search.find("chay", 2, 4))
    assert [] == names(search.find("chay", -1))
    assert 4 == len(search.find("chay", 10**9, -5))


def test_long_questions_are_cut(search: Search) -> None:
    """A thousand words and a megabyte in one word cost what a few cost."""
    assert [] == names(search.find("x" * 1_000_000))
    assert ["chay"] == names(search.find("chay tea " * 1000))
    assert MOST_HITS >= len(search.find("a", 10**6))
