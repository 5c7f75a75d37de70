"""The account on each index, which only a person can state: on PyPI with a verified e-mail address and two factors.

An index of one's own that takes a token shows by that that there is an account, and nobody is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES, DeclaredAccount
from trustpub.usecases.evidence_of_index import account as by_token
from trustpub.usecases.setup.ask import Card
from trustpub.usecases.setup.names import shown
from trustpub.usecases.setup.step import Change, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date

    from trustpub.domain.declaration import Declaration
    from trustpub.rules.facts import Facts
    from trustpub.usecases.setup.ask import Ask

_WITH = "a verified e-mail address and two factors"


def account_steps(
    facts: Facts,
    desired: Declaration,
    ask: Ask,
    today: date,
    *,
    pages: Callable[[str], str],
    state: Callable[[DeclaredAccount], None],
) -> Iterator[Step]:
    """Yield a step for the account on every index that has a desired publisher, TestPyPI's before PyPI's.

    What the file states is done, and is *stated*, never proven: `read_back` gives None. `pages` gives the web address of a
    public index, `state` writes the account with its day into `trustpub.toml`.
    """
    declared = facts.declaration
    used = {row.index for row in desired.publishers}
    for index in sorted(used, key=lambda name: (name == "pypi", name != "testpypi", name)):
        key = f"account on {index}"
        account = declared.accounts.get(index)
        own = desired.indexes.get(index)
        told = by_token(facts.indexes.get(index), own.url) if own is not None else None
        if told is not None and told[0] == "proven":
            yield Step(key, index, power=told[1])
        elif account is not None and account.stated:
            why = f"`{declared.path or 'trustpub.toml'}` states it since {account.stated}"
            yield Step(key, index, power=why, read_back=lambda: None)
        elif told is not None:
            yield Step(key, index, cannot=f"Whether there is an account: {told[1]}.")
        else:
            user = (account or desired.accounts.get(index) or DeclaredAccount(index)).user
            change = Change("+", "account", "", f"{_WITH if index in PUBLIC_INDEXES else 'one that you have'}, by your word")
            asked = _Asked(_card(index, pages), DeclaredAccount(index, user, today.isoformat()), change, ask, state)
            yield Step(key, index, (change,), apply=asked.apply, read_back=asked.read_back)


def _card(index: str, pages: Callable[[str], str]) -> Card:
    where = shown(index)
    if index not in PUBLIC_INDEXES:
        word = "Nobody but you can see whether you have one, so your word is kept as that: stated, not proven."
        return Card(f"Your account on {where}", "", notes=(word,))
    notes = [
        f"{where} lets nobody register publishers without a verified e-mail address and two-factor authentication.",
        "Nobody but you can see whether your account has them, so your word is kept as that: stated, not proven.",
    ]
    if index == "testpypi":
        notes.insert(0, "TestPyPI is another site than PyPI: it needs an account, an address and two factors of its own.")
    return Card(f"Your account on {where}", f"{pages(index)}manage/account/", notes=tuple(notes))


def _question(index: str) -> str:
    if index in PUBLIC_INDEXES:
        return f"Does your account on {shown(index)} have a verified e-mail address and two factors?"
    return f"Do you have an account on {shown(index)}?"


@dataclass(slots=True)
class _Asked:
    """Asks once about one account. The answer is kept until it is read back; the file keeps it for good."""

    card: Card
    account: DeclaredAccount
    change: Change
    ask: Ask
    state: Callable[[DeclaredAccount], None]
    said: bool | None = field(default=None)

    def apply(self) -> None:
        """Show what is needed, ask whether it is so, and write down that it is."""
        self.ask.card(self.card)
        self.said = self.ask.says(_question(self.account.name))
        if self.said:
            self.state(self.account)
        elif self.said is None:
            self.ask.tell("Nobody is here to say so, so nothing was written. Run `trustpub setup` at a terminal.")
        else:
            what = "them" if self.account.name in PUBLIC_INDEXES else "it"
            self.ask.tell(f"Nothing was written. Set {what} up, then run `trustpub setup` again.")

    def read_back(self) -> tuple[Change, ...] | None:
        """Return what is not stated."""
        return None if self.said else (self.change,)
