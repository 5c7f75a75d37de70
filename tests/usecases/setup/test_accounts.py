"""The account on each index: asked once, kept as somebody's word."""

from __future__ import annotations

import pytest

from tests.usecases.setup.registering import TODAY, Somebody, declared, facts, project, row
from trustpub.domain.declaration import Declaration, DeclaredAccount
from trustpub.domain.untold import Untold
from trustpub.rules.facts import Facts
from trustpub.usecases.setup.accounts import account_steps
from trustpub.usecases.setup.run import Plan, carried_out
from trustpub.usecases.setup.step import Step

BOTH = declared(row(), row(index="testpypi"), row(index="own"))


def plan(
    there: Declaration, ask: Somebody, written: list[DeclaredAccount], desired: Declaration = BOTH, known: Facts | None = None
) -> list[Step]:
    """Plan the accounts."""
    pages = "https://{}.example/".format
    return list(account_steps(known or facts(there), desired, ask, TODAY, pages=pages, state=written.append))


def test_each_index_has_an_account_of_its_own() -> None:
    """TestPyPI comes first and is said to be another site; a yes is written with its day."""
    ask, written = Somebody(True, True, True), list[DeclaredAccount]()
    outcome = carried_out(Plan("octo/tool", tuple(plan(declared(), ask, written))))
    assert ["account on testpypi", "account on own", "account on pypi"] == [each.step.key for each in outcome.done]
    assert ["stated"] * 3 == [each.state for each in outcome.done]
    assert [DeclaredAccount(name, "", "2026-11-22") for name in ("testpypi", "own", "pypi")] == written
    assert ["https://testpypi.example/manage/account/", "", "https://pypi.example/manage/account/"] == [
        card.page for card in ask.cards
    ]
    assert [True, False, False] == ["another site" in card.notes[0] for card in ask.cards]


def test_what_is_stated_is_not_asked_again() -> None:
    """It stays stated; it never becomes proven."""
    ask = Somebody()
    there = declared(accounts={"pypi": DeclaredAccount("pypi", "alice", "2026-01-01")})
    (step,) = plan(there, ask, [], declared(row()))
    (each,) = carried_out(Plan("octo/tool", (step,))).done
    assert ("stated", "`trustpub.toml` states it since 2026-01-01") == (each.state, each.note)
    assert ([], None) == (ask.asked, step.apply)


def test_the_name_of_the_account_is_kept() -> None:
    """Stating the account does not forget whose it is."""
    written: list[DeclaredAccount] = []
    there = declared(accounts={"pypi": DeclaredAccount("pypi", "alice")})
    carried_out(Plan("octo/tool", tuple(plan(there, Somebody(True), written, declared(row())))))
    assert [DeclaredAccount("pypi", "alice", "2026-11-22")] == written


OWN = declared(row(index="own"))
TO_LIST = "an API token of this index, of the scope `manage` or `read`"


@pytest.mark.parametrize("there", [OWN, declared(row(index="own"), accounts={"own": DeclaredAccount("own", "a", "2026-01-01")})])
def test_an_index_of_ones_own_proves_an_account_by_taking_its_token(there: Declaration) -> None:
    """Nobody is asked, whoever is there; and nothing is written."""
    ask = Somebody()
    known = facts(there, {("own", "tool"): project()}, registered=())
    (each,) = carried_out(Plan("octo/tool", tuple(plan(there, ask, [], OWN, known)))).done
    expected = "`own` takes the token in `TRUSTPUB_TOKEN_OWN_EXAMPLE` and lists publishers to it"
    assert ("proven", expected, []) == (each.state, each.note, ask.asked)


def test_without_a_token_the_variable_is_named() -> None:
    """Nobody is asked about what a token tells."""
    ask, side = Somebody(True), Untold("the index `own` lists publishers to owners only", TO_LIST)
    (step,) = plan(OWN, ask, [], OWN, facts(OWN, {("own", "tool"): project()}, registered=side))
    assert ((), None, []) == (step.changes, step.apply, ask.asked)
    assert "set `TRUSTPUB_TOKEN_OWN_EXAMPLE` to an API token of this index" in step.cannot


def test_an_index_without_an_api_is_asked_about_the_account_alone() -> None:
    """It has neither PyPI's rule on addresses nor that on factors; the answer is kept."""
    ask, written = Somebody(True), list[DeclaredAccount]()
    known = facts(OWN, {("own", "tool"): project()}, registered=Untold("the index has no API for publishers"))
    carried_out(Plan("octo/tool", tuple(plan(OWN, ask, written, OWN, known))))
    assert ["Do you have an account on `own`?"] == ask.asked
    assert [DeclaredAccount("own", "", "2026-11-22")] == written
    assert not [note for card in ask.cards for note in card.notes if "two" in note]


@pytest.mark.parametrize(("answers", "words"), [((False,), "Set them up"), ((), "Nobody is here")])
def test_without_a_yes_nothing_is_written(answers: tuple[bool, ...], words: str) -> None:
    """What was allowed beforehand is no statement about an account."""
    written: list[DeclaredAccount] = []
    ask = Somebody(*answers, allowed=True)
    outcome = carried_out(Plan("octo/tool", tuple(plan(declared(), ask, written, declared(row())))))
    assert ["differs"] == [each.state for each in outcome.done]
    assert [] == written
    assert words in ask.told[0]
