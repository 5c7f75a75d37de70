"""What is known of a name on an index before anything is registered for it."""

from __future__ import annotations

import pytest

from tests.usecases.setup.registering import Shelf, attested, declared, facts, project, row
from trustpub.domain.declaration import DeclaredAccount
from trustpub.domain.index_project import IndexProject
from trustpub.domain.names import ultranormalize
from trustpub.domain.untold import Untold
from trustpub.usecases.setup.names import lookalikes, name_answer, name_answers, newest_attested

OWNED = (("alice", "Owner"), ("bob", "Maintainer"))


@pytest.mark.parametrize(
    ("name", "similar", "state", "words"),
    [
        ("tool", (), "free", "`tool` is free on PyPI; names that it keeps back are not listed anywhere"),
        ("tool", ("t00l",), "refused", "`tool` looks too much like `t00l`"),
        ("tool", Untold("the list is not public"), "free", "is not known: the list is not public"),
        ("asyncio", (), "refused", "is a module of Python's standard library"),
        ("_tool", (), "refused", "is not written as a project name"),
        ("tö", (), "refused", "is not written as a project name"),
    ],
)
def test_a_name_that_nobody_has(name: str, similar: tuple[str, ...] | Untold, state: str, words: str) -> None:
    """Free, as far as an index tells; refused where its rules are known."""
    answer = name_answer(row(name), None, Shelf("pypi", similar=similar), "")
    assert state == answer.state
    assert words in answer.why


@pytest.mark.parametrize("other", ["mytool", "my-t00l", "my-too1"])
def test_without_a_list_the_likeliest_names_are_tried(other: str) -> None:
    """An index that does not list its names still says whether one of them exists."""
    answer = name_answer(row("my-tool"), None, Shelf("pypi", [other], similar=Untold("too long")), "")
    assert ("refused", True) == (answer.state, f"looks too much like `{other}`" in answer.why)
    assert ultranormalize(other) == ultranormalize("my-tool")


@pytest.mark.parametrize("name", ["a", "my-tool", "o-0-1-l-i", "x" * 40, "--", ""])
def test_what_is_tried_looks_the_same_and_is_another_name(name: str) -> None:
    """Never the name itself, never one that an index would tell apart, and not many."""
    tried = lookalikes(name)
    assert {ultranormalize(name)} >= {ultranormalize(each) for each in tried}
    assert name not in tried
    assert len(tried) <= 7


@pytest.mark.parametrize(
    ("there", "user", "state", "words"),
    [
        (project(by=attested()), "", "ours", "`tool-1.0.tar.gz` of it was published from `octo/tool`"),
        (project(by=attested(workflow="other.yml")), "", "ours", "was published from `octo/tool`"),
        (project(by=attested("mallory/tool")), "", "exists", "who owns it is not known: nobody asked"),
        (project(owners=OWNED), "alice", "ours", "`alice` owns it"),
        (project(owners=OWNED), "Alice", "ours", "`Alice` owns it"),
        (project(owners=OWNED), "bob", "others", "`bob` is not one of its owners (`alice`)"),
        (project(owners=OWNED), "", "exists", "is owned by `alice`: only an owner can register a publisher"),
        (project(owners=OWNED, organization="acme"), "bob", "exists", "belongs to the organisation `acme`"),
        (project(owners=()), "bob", "exists", "is owned by nobody who is listed"),
        (project(), "bob", "exists", "who owns it is not known"),
        (Untold("it is down"), "bob", "unknown", "whether `tool` exists on PyPI is not known: it is down"),
    ],
)
def test_a_name_that_is_there(there: IndexProject | Untold, user: str, state: str, words: str) -> None:
    """Whose it is: by what was published, by its owners, or not known."""
    answer = name_answer(row(), there, None, user)
    assert (state, True) == (answer.state, words in answer.why)


def test_every_name_is_answered_once_an_index() -> None:
    """Two publishers of one project are one name; spellings of a name are one name."""
    rows = declared(row("My_Tool"), row("my-tool", workflow="b.yml"), row("my-tool", "testpypi"), row("other", "own"))
    shelves = {"pypi": Shelf("pypi", ["my.tool"]), "testpypi": Shelf("testpypi", silent=True)}
    answers = list(name_answers(facts(rows), rows, shelves))
    assert [("pypi", "exists"), ("testpypi", "unknown"), ("own", "unknown")] == [(each.index, each.state) for each in answers]
    assert "it does not answer" in answers[1].why
    assert "`own` was not asked" in answers[2].why


def test_the_facts_know_before_the_index_is_asked() -> None:
    """What was read is not read again."""
    rows = declared(row(), accounts={"pypi": DeclaredAccount("pypi", "alice")})
    shelf = Shelf("pypi", silent=True)
    (answer,) = name_answers(facts(rows, {("pypi", "tool"): project(owners=OWNED)}), rows, {"pypi": shelf})
    assert "ours" == answer.state


def test_the_newest_file_that_tells_counts() -> None:
    """Files without provenance, and those that were not told, are passed over."""
    old, new = project("old", by=attested("octo/old")), project("new")
    silent = project("silent")
    files = (*old.files, *new.files, *silent.files)
    told = {**old.provenance, **new.provenance, silent.files[0].filename: Untold("slow")}
    assert ("old-1.0.tar.gz", attested("octo/old")) == newest_attested(old._replace(files=files, provenance=told))
    assert newest_attested(new) is None
