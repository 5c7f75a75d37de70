"""The checklist: each item by what was read, by what was stated, and by what was just done."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from tests.usecases.checkouts import PROJECT, book, ordinary
from tests.usecases.setup.registering import TODAY, attested, declared, facts, hosted, project, row, uploaded
from trustpub.domain.declaration import Declaration, DeclaredAccount
from trustpub.domain.github_settings import Environment
from trustpub.domain.index_project import Registered
from trustpub.domain.untold import Untold
from trustpub.parties.git import Checkout
from trustpub.usecases.gather import gather
from trustpub.usecases.setup.step import Change, Done, Step
from trustpub.usecases.setup.walk import Item, before_test, checklist
from trustpub.workflows.predict import Wanted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trustpub.rules.facts import Facts

BOTH = declared(row(), row(index="testpypi", environment="testpypi"))
THERE = {("pypi", "tool"): project(), ("testpypi", "tool"): project()}
CHANGE = (Change("+", "field", "", "value"),)


def walk(known: Facts, done: Iterable[Done] = (), desired: Declaration | None = None) -> dict[tuple[str, str], tuple[str, str]]:
    """State and evidence of each item, by name and index."""
    items = checklist(known, desired or known.declaration, done, TODAY)
    return {(item.name, item.index): (item.state, item.evidence) for item in items}


def test_each_item_is_there_for_each_index() -> None:
    """TestPyPI comes first: it has an account and a record of its own."""
    assert [
        *(("account", name) for name in ("testpypi", "pypi")),
        *(("two-factor", name) for name in ("testpypi", "pypi")),
        *(("publisher", name) for name in ("testpypi", "pypi")),
        ("environment", ""),
        ("id-token", ""),
        ("test deployment", ""),
    ] == list(walk(facts(BOTH, THERE)))


def test_nothing_is_claimed_that_nobody_saw_or_said() -> None:
    """Without anything read or stated, nothing is good."""
    states = {key: state for key, (state, _) in walk(facts(BOTH, THERE)).items()}
    assert {"unknown", "missing"} == set(states.values())
    assert ["unknown", "missing", "unknown", "missing"] == [
        states[each] for each in (("account", "pypi"), ("publisher", "pypi"), ("environment", ""), ("id-token", ""))
    ]


@pytest.mark.parametrize(
    "known", [facts(declared(row())), facts(declared(row(), accounts={"pypi": DeclaredAccount("pypi", "a")}))]
)
def test_an_account_is_stated_or_not_known(known: Facts) -> None:
    """A name alone says nothing of its factors; a statement in the file or a moment ago does, and is never proof."""
    for name in ("account", "two-factor"):
        assert "unknown" == walk(known)[name, "pypi"][0]
        stated = known._replace(declaration=declared(row(), accounts={"pypi": DeclaredAccount("pypi", "a", "2026-01-01")}))
        assert ("stated", "`trustpub.toml` states it since 2026-01-01") == walk(stated)[name, "pypi"]
        just = Done(Step("account on pypi", "pypi", CHANGE), "stated")
        assert ("stated", "stated by you just now") == walk(known, [just])[name, "pypi"]
        refused = Done(Step("account on pypi", "pypi", CHANGE), "differs")
        assert "unknown" == walk(known, [refused])[name, "pypi"][0]


@pytest.mark.parametrize(
    ("known", "state", "words"),
    [
        (facts(declared(row()), {("pypi", "tool"): project(by=attested())}), "proven", "was published with it"),
        (facts(declared(row(stated="2026-11-01")), THERE), "stated", "states it since 2026-11-01"),
        (facts(declared(row(stated="2026-09-01", pending=True)), {("pypi", "tool"): None}), "missing", "removes a pending"),
        (facts(declared(row(stated="2026-09-01", pending=True))), "unknown", "whether the project exists is not known"),
        (facts(declared(row()), THERE), "missing", "nobody has stated that PyPI holds it"),
    ],
)
def test_a_publisher_that_only_a_person_sees(known: Facts, state: str, words: str) -> None:
    """Proven by what was published, else as far as it was stated."""
    found = walk(known)["publisher", "pypi"]
    assert (state, True) == (found[0], words in found[1])


def test_a_publisher_that_the_index_lists() -> None:
    """Its list is the proof, in both ways; a pending one is no good for a project that exists."""
    wanted = declared(row(index="own"))
    listed = Registered("1", "tool", row().registered(), pending=False)
    states = [
        walk(facts(wanted, {("own", "tool"): there}, hosted(), registered))["publisher", "own"][0]
        for there, registered in (
            (project(), (listed,)),
            (project(), ()),
            (project(), (listed._replace(pending=True),)),
            (None, (listed._replace(pending=True),)),
        )
    ]
    assert ["proven", "missing", "missing", "proven"] == states


def test_what_was_just_done_speaks_for_itself() -> None:
    """Facts that were read before a step are not held against it."""
    key = "publisher tool on pypi"
    known = facts(declared(row()), THERE)
    cases = [
        (Done(Step(key, "pypi", CHANGE), "proven"), "proven"),
        (Done(Step(key, "pypi", CHANGE), "stated"), "stated"),
        (Done(Step(key, "pypi", CHANGE), "differs"), "missing"),
        (Done(Step(key, "pypi", CHANGE, cannot="The name is taken."), "skipped"), "missing"),
    ]
    cases.insert(0, (Done(Step(key, "pypi", cannot="It does not answer."), "skipped"), "unknown"))
    assert [state for _, state in cases] == [walk(known, [done])["publisher", "pypi"][0] for done, _ in cases]
    assert "`tool`: The name is taken" == walk(known, [cases[-1][0]])["publisher", "pypi"][1]


def test_the_worst_of_several_speaks() -> None:
    """One publisher that is missing is what there is to say of an index."""
    two = facts(declared(row("a", stated="2026-11-01"), row("b")), {("pypi", "a"): project("a"), ("pypi", "b"): project("b")})
    assert ("missing", "`b`: nobody has stated that PyPI holds it") == walk(two)["publisher", "pypi"]


@pytest.mark.parametrize(
    ("done", "state", "words"),
    [
        (Done(Step("environment pypi", "github", cannot="It is not told."), "skipped"), "unknown", "It is not told"),
        (Done(Step("environment pypi", "github", CHANGE), "stated"), "stated", "GitHub took `pypi`"),
    ],
)
def test_an_environment_that_was_not_shown_whole_is_not_proven(done: Done, state: str, words: str) -> None:
    """That it is there says nothing of its rules."""
    there = hosted()._replace(environments={"pypi": Environment("pypi")})
    known = facts(declared(row()), THERE)._replace(github=there)
    found = walk(known, [done])["environment", ""]

    assert (state, True) == (found[0], words in found[1]), found


def test_an_environment_is_githubs_to_prove() -> None:
    """There, not there, not told, not asked; and one that was just made."""
    wanted = declared(row(environment="PyPI"))
    github = hosted()
    sides = [
        github._replace(environments={"pypi": Environment("pypi")}),
        github._replace(environments={}),
        github._replace(environments=Untold("no right")),
        None,
    ]
    assert ["proven", "missing", "unknown", "unknown"] == [
        walk(facts(wanted, THERE, side))["environment", ""][0] for side in sides
    ]
    made = Done(Step("environment pypi", "github", CHANGE), "proven")
    assert "proven" == walk(facts(wanted, THERE, sides[1]), [made])["environment", ""][0]
    assert "missing" == walk(facts(declared(row(environment="")), THERE))["environment", ""][0]


RELEASE = "on: push\njobs:\n  publish:\n    {}\n    steps:\n      - uses: pypa/gh-action-pypi-publish@release/v1\n"


@pytest.mark.parametrize(
    ("setting", "state", "words"),
    [
        ("permissions: {id-token: write}", "proven", "the files grant it to `publish` of `release.yml`"),
        ("permissions: {contents: read}", "missing", "id-token"),
        ("if: false", "missing", "no step publishes by trusted publishing"),
    ],
)
def test_the_permission_is_in_the_files(tmp_path: Path, setting: str, state: str, words: str) -> None:
    """The files prove it, or show that it is not there."""
    text = RELEASE.replace("{}", setting) if setting != "if: false" else "on: push\njobs: {a: {steps: [{run: make}]}}\n"
    checkout = Checkout.open(ordinary(tmp_path / "r", **{".github/workflows/release.yml": text, "pyproject.toml": PROJECT}))
    found = walk(gather(checkout, book(tmp_path), Wanted()))["id-token", ""]
    assert (state, True) == (found[0], words in found[1])


def test_a_test_deployment_is_proven_by_a_file_on_another_index() -> None:
    """A file on PyPI is no test; a run that was started is not yet a file."""
    by = attested(environment="testpypi")
    assert "proven" == walk(facts(BOTH, {("testpypi", "tool"): project(by=by)}))["test deployment", ""][0]
    assert "missing" == walk(facts(BOTH, {("pypi", "tool"): project(by=attested())}))["test deployment", ""][0]
    started = Done(Step("test deployment", "github", CHANGE), "stated", note="started: there")
    assert ("unknown", "started: there") == walk(facts(BOTH, THERE), [started])["test deployment", ""]
    nowhere = walk(facts(declared(row()), THERE))["test deployment", ""]
    assert ("missing", "no publisher is declared on TestPyPI or on an index of your own") == nowhere


def test_a_file_that_tells_of_nobody_is_no_proof_of_a_test() -> None:
    """It was uploaded since the publisher is stated; one from before, and one of another publisher, says nothing at all."""
    stated = declared(row(index="testpypi", environment="testpypi", stated="2026-11-01"))
    cases = [
        (date(2026, 10, 31), None, "missing"),
        (date(2026, 11, 1), None, "stated"),
        (date(2026, 11, 2), attested("acme/tool"), "missing"),
    ]
    for day, by, state in cases:
        found = walk(facts(stated, {("testpypi", "tool"): uploaded(day, by)}))["test deployment", ""]
        assert state == found[0], found
    told = walk(facts(stated, {("testpypi", "tool"): uploaded(date(2026, 11, 2))}))["test deployment", ""]
    assert ("stated", "TestPyPI has `tool` 1.0 since 2026-11-02; nothing says by whom") == told


def test_two_factors_are_not_asked_for_on_an_index_of_ones_own() -> None:
    """The token proves the account; what nobody can tell of its factors holds nothing up."""
    wanted = declared(row(index="own"))
    listed = Registered("1", "tool", row().registered(), pending=False)
    found = walk(facts(wanted, {("own", "tool"): project()}, hosted(), (listed,)))
    assert ["proven", "unknown"] == [found[name, "own"][0] for name in ("account", "two-factor")]
    assert "whether `own` wants two factors is its own affair" in found["two-factor", "own"][1]
    items = [Item("two-factor", "unknown", "", "own"), Item("two-factor", "unknown", "", "testpypi")]
    assert ([], ["two-factor"]) == (list(before_test(items, "own")), [each.name for each in before_test(items, "testpypi")])


def test_before_a_test_only_its_own_index_matters() -> None:
    """What is missing on PyPI does not stop a test on TestPyPI."""
    items = [
        Item("account", "unknown", "", "pypi"),
        Item("account", "stated", "", "testpypi"),
        Item("publisher", "missing", "", "testpypi"),
        Item("environment", "unknown", ""),
        Item("id-token", "proven", ""),
        Item("test deployment", "missing", ""),
    ]
    assert ["publisher", "environment"] == [item.name for item in before_test(items, "testpypi")]
