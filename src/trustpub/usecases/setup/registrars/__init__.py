"""Registrars: how a publisher gets onto an index. One that has an API for it is asked; on the others a person is guided."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.index_project import IndexProject
from trustpub.domain.names import normalize
from trustpub.domain.publishers import Provider
from trustpub.domain.untold import Untold
from trustpub.errors import Unreachable
from trustpub.parties.index.registrar import NO_API
from trustpub.usecases.setup.names import NameAnswer, name_answer, newest_attested, project_of, shown
from trustpub.usecases.setup.registrars.evidence import canonical, evidence
from trustpub.usecases.setup.registrars.guided import Guide, account_page, card, project_page, refused
from trustpub.usecases.setup.registrars.rest import Wanted, changes_of, power_of, rest_steps
from trustpub.usecases.setup.registrars.waiting import Look, later
from trustpub.usecases.setup.step import Change, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from trustpub.domain.declaration import Declaration, DeclaredPublisher
    from trustpub.domain.index_project import Registered
    from trustpub.parties.index.port import Index, Registrar
    from trustpub.rules.facts import Facts
    from trustpub.usecases.setup.ask import Ask

__all__ = ["account_page", "canonical", "evidence", "key_of", "project_page", "publisher_steps"]


def publisher_steps(
    facts: Facts,
    desired: Declaration,
    indexes: Mapping[str, Index],
    registrars: Mapping[str, Registrar],
    ask: Ask,
    today: date,
    *,
    pages: Callable[[str], str],
    state: Callable[[DeclaredPublisher], None],
    prune: bool = False,
) -> Iterator[Step]:
    """Yield a step for every desired publisher, TestPyPI's before PyPI's, each with a record of its own.

    A step without changes is done: its `read_back` gives `()` where that is proven, and None where it is stated. `pages` gives
    the web address of a public index, `state` writes a publisher with its day into `trustpub.toml`. `prune` lets publishers be
    removed that nobody asked for, of the same project and repository, where the index has an API.
    """
    plan = _Plan(facts, desired, indexes, ask, today, pages, state)
    rows = sorted((canonical(row, facts.github) for row in desired.publishers), key=lambda row: _turn(row.index))
    for index, group in groupby(rows, key=lambda row: row.index):
        own = tuple(group)
        registrar = registrars.get(index)
        if registrar is None:
            yield from plan.guided(index, own, plan.without_api(index))
        else:
            yield from plan.rest(index, own, registrar, prune)


def _turn(index: str) -> tuple[int, str]:
    """Sort what is only a test before what is not, and keep the rows of an index together."""
    return (0 if index == "testpypi" else 2 if index == "pypi" else 1), index


def key_of(row: DeclaredPublisher, rows: Sequence[DeclaredPublisher]) -> str:
    """Name a publisher's step for good; one of several of a project also by its workflow and environment."""
    twins = [each for each in rows if (each.index, normalize(each.project)) == (row.index, normalize(row.project))]
    own = f" ({row.workflow}{f', {row.environment}' if row.environment else ''})" if len(twins) > 1 else ""
    return f"publisher {row.project} on {row.index}{own}"


@dataclass(frozen=True, slots=True)
class _Plan:
    """What every step is planned from."""

    facts: Facts
    desired: Declaration
    indexes: Mapping[str, Index]
    ask: Ask
    today: date
    pages: Callable[[str], str]
    state: Callable[[DeclaredPublisher], None]

    def look(self, row: DeclaredPublisher, rows: Sequence[DeclaredPublisher]) -> Look:
        """Ask the index about a row, once."""
        project = project_of(self.facts, self.indexes, row.index, row.project)
        known = evidence(row, self.facts.declaration, project, self.today)
        if known.state in ("proven", "stated"):
            return Look(row, key_of(row, rows), project, known)
        account = self.desired.accounts.get(row.index)
        name = name_answer(row, project, self.indexes.get(row.index), account.user if account is not None else "")
        return Look(row, key_of(row, rows), project, known, f"{name.why}.{_another(project)}", self._cannot(row, name))

    def rest(self, index: str, rows: tuple[DeclaredPublisher, ...], registrar: Registrar, prune: bool) -> Iterator[Step]:
        """Plan the publishers of an index that can be asked."""
        try:
            there = self._registered(index, rows, registrar)
        except Unreachable as problem:
            silence = f"{problem}."
            yield from self._untold(rows, lambda _: silence)
            return
        if not isinstance(there, Untold):
            yield from self._told(index, rows, there, registrar, prune)
        elif there.permission:
            yield from self._untold(rows, lambda look: f"{there}. {self._by_hand(look)}")
        else:
            yield from self.guided(index, rows, there.why)

    def _registered(
        self, index: str, rows: tuple[DeclaredPublisher, ...], registrar: Registrar
    ) -> tuple[Registered, ...] | Untold:
        side = self.facts.indexes.get(index)
        if side is not None and not isinstance(side.registered, Untold):
            return side.registered
        return registrar.registered(sorted({row.project for row in rows}))

    def _untold(self, rows: tuple[DeclaredPublisher, ...], why: Callable[[Look], str]) -> Iterator[Step]:
        """Let what is stated stand, and say of everything else that it is not known."""
        for each in (self.look(row, rows) for row in rows):
            yield each.settled() if each.registered else Step(each.key, each.row.index, cannot=why(each))

    def _told(
        self, index: str, rows: tuple[DeclaredPublisher, ...], there: tuple[Registered, ...], registrar: Registrar, prune: bool
    ) -> Iterator[Step]:
        wanted: list[Wanted] = []
        for row in rows:
            key, project = key_of(row, rows), project_of(self.facts, self.indexes, index, row.project)
            if isinstance(project, Untold):
                yield Step(
                    key,
                    index,
                    cannot=f"Whether `{row.project}` exists on {shown(index)} is not known: {str(project).rstrip('.')}.",
                )
            elif project is None and (why := self._name_refused(row)):
                yield Step(key, index, changes_of(row, pending=True), cannot=f"{why}. Choose another name.")
            else:
                wanted.append(Wanted(key, row, pending=project is None))
        yield from rest_steps(index, wanted, there, registrar, prune)

    def _name_refused(self, row: DeclaredPublisher) -> str:
        answer = name_answer(row, None, self.indexes.get(row.index), "")
        return answer.why if answer.state == "refused" else ""

    def without_api(self, index: str) -> str:
        """Say that an index has no API for publishers, where it said so; empty where nobody knows."""
        side = self.facts.indexes.get(index)
        return NO_API if side is not None and side.registered == Untold(NO_API) else ""

    def guided(self, index: str, rows: tuple[DeclaredPublisher, ...], without: str = "") -> Iterator[Step]:
        """Plan the publishers of an index that nobody but a person can see; `without` says why its API is of no use."""
        looks = [self.look(row, rows) for row in rows]
        after = later(looks)
        for each in looks:
            changes = _changes(each)
            if each.registered:
                yield each.settled()
            elif why := each.cannot or after.get(each.row, ""):
                yield Step(each.key, index, changes, cannot=why)
            elif index not in PUBLIC_INDEXES and not without:
                yield Step(each.key, index, changes, cannot=self._by_hand(each))
            else:
                yield self._guide(each, changes)

    def _guide(self, look: Look, changes: tuple[Change, ...]) -> Step:
        row = look.row
        stated = row._replace(stated=self.today.isoformat(), pending=look.new)
        web = self.pages(row.index) if row.index in PUBLIC_INDEXES else ""
        shown_card = card(row, web, look.about, pending=look.new, today=self.today)
        guide = Guide(shown_card, stated, changes, self.ask, self.state)
        return Step(look.key, row.index, changes, power_of(row), apply=guide.apply, read_back=guide.read_back)

    def _by_hand(self, look: Look) -> str:
        return _by_hand(look.row, self.desired.indexes[look.row.index].url, look.new)

    def _cannot(self, row: DeclaredPublisher, name: NameAnswer) -> str:
        """Say why this publisher cannot be registered now, and what to do; empty when it can."""
        if why := refused(row):
            return f"{why}."
        if name.state == "refused":
            return f"{name.why}. Choose another name."
        if name.state == "unknown":
            return f"{name.why.rstrip('.')}. Run `trustpub setup` again when it answers."
        if name.state == "others":
            return f"{name.why}. Send one of them this page, filled in: {project_page(self.pages(row.index), row)}"
        return ""


def _another(project: IndexProject | Untold | None) -> str:
    """Tell of the publisher that the newest file was published with, which is none that is wanted here."""
    found = newest_attested(project) if isinstance(project, IndexProject) else None
    if found is None:
        return ""
    file, by = found
    where = f"environment `{by.environment}`" if by.environment else "no environment"
    seen = f"`{file}` was published from `{by.repository}`, workflow `{by.workflow}`, {where}"
    return f" {seen}: if that publisher is still listed and nothing needs it, remove it on the same page."


def _changes(look: Look) -> tuple[Change, ...]:
    if look.known.state == "expired":
        return (Change("~", "pending publisher", look.known.why, "registered again"),)
    return changes_of(look.row, look.new)


_PENDING = ("--pending", "--user", "USER")


def _by_hand(row: DeclaredPublisher, url: str, pending: bool) -> str:
    """Write the command that registers a publisher on an index of one's own, for whoever runs it."""
    import shlex

    from trustpub.usecases.three_sides import token_variable

    command = ["trustpub", "admin", "--data", "DIR", "publisher", "add", row.project, "--provider", str(row.provider)]
    number = row.owner_id or ("NUMBER" if row.provider is Provider.GITHUB else "")  # the command refuses to go without it
    command += ["--owner", row.owner, *(["--owner-id", number] if number else [])]
    command += ["--repository", row.repository, "--workflow", row.workflow]
    command += [*(["--environment", row.environment] if row.environment else []), *(_PENDING if pending else ())]
    variable = token_variable(url)
    return f"It takes a token for managing {shown(row.index)}, in `{variable}`. Or, on its server: `{shlex.join(command)}`"
